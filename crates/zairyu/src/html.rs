//! The report as one self-contained HTML page: no script, no request, fit for one sheet of A4.

use base64ct::{Base64, Encoding};
use zairyu_image::Image;

use crate::report::{ImageInfo, Report};
use crate::view::{Answer, Look, Row, Sentence, Step, View, shown};
use crate::words::{Language, Message as M};

/// How [`Report::to_html`] makes its page.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct HtmlOptions {
    /// The reader's language. Field names are in Japanese and English whatever it is.
    pub language: Language,
    /// The operator's own picture of the physical card, to stand beside the chip's.
    pub card_photo: Option<Image>,
}

impl HtmlOptions {
    /// In English, without a picture of the physical card.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// In this language.
    #[must_use]
    pub const fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// With this picture of the physical card.
    #[must_use]
    pub fn card_photo(mut self, photo: Image) -> Self {
        self.card_photo = Some(photo);
        self
    }
}

impl Report {
    /// The report as an HTML page for a person: pictures, the four answers and what each does not prove, every field.
    ///
    /// The page is self-contained: pictures are in it, there is no script, and its content security policy forbids
    /// every request. Whatever the card holds is shown as text, without characters that hide or turn text. It holds all
    /// personal data of the card; keep it accordingly.
    #[must_use]
    pub fn to_html(&self, options: &HtmlOptions) -> String {
        let mut page = Page {
            out: String::new(),
            language: options.language,
        };
        let view = View {
            report: self,
            language: options.language,
        };
        page.document(view, options);
        page.out
    }
}

/// The page while it is written. Markup can only be part of the program; everything else is escaped.
struct Page {
    out: String,
    language: Language,
}

impl Page {
    fn markup(&mut self, markup: &'static str) {
        self.out.push_str(markup);
    }

    fn text(&mut self, text: &str) {
        for character in text.chars().map(shown) {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                other => self.out.push(other),
            }
        }
    }

    /// A message, with its language where it is not the page's.
    fn say(&mut self, message: M) {
        let (text, language) = self.language.say(message);
        self.in_language(text, language);
    }

    fn in_language(&mut self, text: &str, language: Language) {
        if language == self.language {
            self.text(text);
        } else {
            self.markup("<span lang=\"");
            self.text(language.tag());
            self.markup("\">");
            self.text(text);
            self.markup("</span>");
        }
    }

    fn plain(&self, message: M) -> &'static str {
        self.language.say(message).0
    }

    fn document(&mut self, view: View<'_>, options: &HtmlOptions) {
        self.markup("<!DOCTYPE html>\n<html lang=\"");
        self.text(self.language.tag());
        self.markup(concat!(
            "\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ",
            "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">",
            "<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"robots\" content=\"noindex\">",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>"
        ));
        self.text(self.plain(M::Title));
        self.markup("</title><style>");
        self.markup(include_str!("html/page.css"));
        self.markup("</style></head>\n<body><main>\n");
        self.banners(view);
        self.markup("<header><h1>");
        self.say(M::Title);
        self.markup("</h1><p class=\"kind\"><span lang=\"ja\">");
        let (ja, en) = view.card();
        self.text(ja);
        self.markup("</span> <span lang=\"en\">");
        self.text(&en);
        self.markup("</span></p>");
        if !self.plain(M::NotReviewed).is_empty() {
            self.markup("<p class=\"kind\"><strong>");
            self.say(M::NotReviewed);
            self.markup("</strong></p>");
        }
        self.markup("</header>\n");
        self.pictures(view, options);
        self.markup("<section class=\"answers\">");
        for answer in view.answers() {
            self.answer(&answer);
        }
        self.markup("</section>\n<section><h2>");
        self.say(M::Fields);
        self.markup("</h2><table><tbody>");
        for row in view.rows() {
            self.row(&row);
        }
        self.markup("</tbody></table></section>\n<section><h2>");
        self.say(M::Next);
        self.markup("</h2><ul>");
        for step in view.steps() {
            self.step(&step);
        }
        self.markup("</ul></section>\n<footer>");
        self.text(&view.footer());
        self.markup("</footer></main></body></html>\n");
    }

    fn banners(&mut self, view: View<'_>) {
        for message in view.banners() {
            self.markup("<p class=\"banner\" role=\"note\">⚠ ");
            self.say(message);
            self.markup("</p>\n");
        }
    }

    fn pictures(&mut self, view: View<'_>, options: &HtmlOptions) {
        self.markup("<section><h2>");
        self.say(M::Pictures);
        self.markup("</h2><div class=\"pictures\"><div class=\"face\">");
        let face = view.report.images.face.as_ref();
        let face_shown = face.is_some_and(|image| self.image(image, M::Face));
        if !face_shown {
            self.markup("<p class=\"blank\">");
            self.say(M::NoFace);
            self.markup("</p>");
        }
        self.markup("</div><div class=\"side\">");
        for (image, title) in view.side_images() {
            self.image(image, title);
        }
        if let Some(photo) = &options.card_photo {
            self.figure(photo, M::OperatorPhoto, None);
        }
        self.markup("</div></div></section>\n");
    }

    /// Whether there is one.
    fn image(&mut self, image: &ImageInfo, title: M) -> bool {
        match image.decode() {
            Ok(Some(decoded)) => self.figure(&decoded, title, Some(image.signed)),
            Ok(None) => return false,
            Err(_) => {
                self.markup("<p class=\"blank\">");
                self.say(title);
                self.markup(": ");
                self.say(M::Unshowable);
                self.markup("</p>");
            }
        }
        true
    }

    fn figure(&mut self, image: &Image, title: M, signed: Option<bool>) {
        self.markup("<figure><img alt=\"");
        self.text(self.plain(title));
        self.markup("\" src=\"data:image/png;base64,");
        self.text(&Base64::encode_string(&image.to_png()));
        self.markup("\"><figcaption>");
        self.say(title);
        if let Some(signed) = signed {
            self.markup(" ");
            self.mark(signed);
        }
        self.markup("</figcaption></figure>");
    }

    fn mark(&mut self, signed: bool) {
        self.markup(if signed {
            "<span class=\"mark signed\">"
        } else {
            "<span class=\"mark\">"
        });
        self.say(if signed { M::Signed } else { M::Unsigned });
        self.markup("</span>");
    }

    fn answer(&mut self, answer: &Answer) {
        self.markup(match answer.look {
            Look::Good => "<article class=\"answer good\"><h2>",
            Look::Bad => "<article class=\"answer bad\"><h2>",
            Look::Open => "<article class=\"answer\"><h2>",
        });
        self.say(answer.title);
        self.markup("</h2><p class=\"outcome\">");
        self.markup(match answer.look {
            Look::Good => "✓ ",
            Look::Bad => "✕ ",
            Look::Open => "",
        });
        if let Some(day) = answer.day {
            self.text(&format!("{day}: "));
        }
        self.say(answer.outcome);
        self.markup("</p>");
        for detail in &answer.details {
            self.markup("<p>");
            self.sentence(detail);
            self.markup("</p>");
        }
        self.markup("<p class=\"limit\"><strong>");
        self.say(M::DoesNotProve);
        self.markup("</strong> ");
        self.say(answer.limit);
        self.markup("</p></article>");
    }

    fn sentence(&mut self, sentence: &Sentence) {
        self.in_language(&sentence.text, sentence.language);
    }

    fn row(&mut self, row: &Row) {
        self.markup(if row.signed {
            "<tr class=\"signed\"><th scope=\"row\"><span lang=\"ja\">"
        } else {
            "<tr class=\"unsigned\"><th scope=\"row\"><span lang=\"ja\">"
        });
        self.text(Language::Ja.say(row.label).0);
        self.markup("</span><span lang=\"en\">");
        self.text(Language::En.say(row.label).0);
        self.markup("</span></th><td>");
        self.text(row.value.trim_end());
        self.markup("</td><td>");
        self.mark(row.signed);
        self.markup("</td></tr>\n");
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Alarm(message) => {
                self.markup("<li class=\"alarm\">✕ ");
                self.say(*message);
            }
            Step::Urgent(message) => {
                self.markup("<li><strong>");
                self.say(*message);
                self.markup("</strong>");
            }
            Step::Do(message) => {
                self.markup("<li>");
                self.say(*message);
            }
            Step::Open(message, url) => {
                self.markup("<li>");
                self.say(*message);
                self.markup(" <a rel=\"noreferrer\" href=\"");
                self.text(url);
                self.markup("\">");
                self.text(url);
                self.markup("</a>");
            }
            Step::Because(reason) => {
                self.markup("<li class=\"because\">");
                self.sentence(reason);
            }
        }
        self.markup("</li>");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

    use std::collections::HashMap;

    /// WCAG 2.2, "relative luminance", of `#rgb` or `#rrggbb`.
    fn luminance(colour: &str) -> f64 {
        let digits: Vec<u32> = colour.chars().filter_map(|digit| digit.to_digit(16)).collect();
        let channels: Vec<u32> = match digits.len() {
            3 => digits.iter().map(|digit| digit * 17).collect(),
            _ => digits
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |value, digit| value * 16 + digit))
                .collect(),
        };
        let linear = |channel: u32| match f64::from(channel) / 255.0 {
            dark if dark <= 0.04045 => dark / 12.92,
            light => ((light + 0.055) / 1.055).powf(2.4),
        };
        let weights = [0.2126, 0.7152, 0.0722];
        channels
            .into_iter()
            .map(linear)
            .zip(weights)
            .map(|(channel, weight)| channel * weight)
            .sum()
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// WCAG 2.2, 1.4.3: at least 4.5 to 1 for text, in light, in dark and in print.
    #[test]
    fn every_text_stands_out_from_its_ground() {
        assert!((contrast("#fff", "#000000") - 21.0).abs() < 1e-9);
        assert!((contrast("#777", "#fff") - 4.478).abs() < 1e-3);
        let css = include_str!("html/page.css");
        let palettes: Vec<HashMap<&str, &str>> = css
            .split(":root{")
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap())
            .map(|palette| {
                palette
                    .split(';')
                    .filter_map(|entry| entry.split_once(':'))
                    .collect()
            })
            .collect();
        assert_eq!(palettes.len(), 3);
        for palette in palettes {
            for (text, ground) in [
                ("--ink", "--ground"),
                ("--ink", "--panel"),
                ("--quiet", "--ground"),
                ("--quiet", "--panel"),
                ("--accent", "--ground"),
                ("--good", "--ground"),
                ("--good", "--panel"),
                ("--bad", "--ground"),
                ("--bad", "--panel"),
                ("--warn-ink", "--warn"),
            ] {
                let found = contrast(palette[text], palette[ground]);
                assert!(found >= 4.5, "{text} on {ground}: {found:.2}");
            }
        }
    }
}
