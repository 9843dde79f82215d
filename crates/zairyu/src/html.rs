//! The report as one self-contained HTML page: no script, no request, fit for one sheet of A4.

use std::borrow::Cow;

use base64ct::{Base64, Encoding};
use jiff::{Timestamp, civil::Date};
use zairyu_image::Image;
use zairyu_revocation::{Answer, Outcome, TopPage};

use crate::report::{CodeField, DateField, ImageInfo, JAPAN, PeriodField, Report};
use crate::text::shown;
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
        page.document(self, options);
        page.out
    }
}

/// The page while it is written. Markup can only be part of the program; everything else is escaped.
struct Page {
    out: String,
    language: Language,
}

/// How an answer looks, besides its words.
#[derive(Clone, Copy)]
enum Look {
    Good,
    Bad,
    Open,
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

    fn document(&mut self, report: &Report, options: &HtmlOptions) {
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
        self.banner(report);
        self.markup("<header><h1>");
        self.say(M::Title);
        self.markup("</h1><p class=\"kind\"><span lang=\"ja\">");
        let (ja, en) = match report.card.kind {
            "residence_card" => ("在留カード", "Residence card"),
            _ => ("特別永住者証明書", "Special permanent resident certificate"),
        };
        self.text(ja);
        self.markup("</span> <span lang=\"en\">");
        self.text(&format!(
            "{en}, {}, type {}",
            match report.card.generation {
                "first" => "first generation",
                "second" => "second generation",
                _ => "specified card (特定在留カード等)",
            },
            report.card.type_code
        ));
        self.markup("</span></p>");
        if !self.plain(M::NotReviewed).is_empty() {
            self.markup("<p class=\"kind\"><strong>");
            self.say(M::NotReviewed);
            self.markup("</strong></p>");
        }
        self.markup("</header>\n");
        self.pictures(report, options);
        self.answers(report);
        self.fields(report);
        self.next_steps(report);
        self.footer(report);
        self.markup("</main></body></html>\n");
    }

    fn banner(&mut self, report: &Report) {
        let authority = match report.authenticity.trust_profile {
            Some("official_test") => Some(M::BannerTest),
            Some("custom") => Some(M::BannerCustom),
            _ => None,
        };
        let profile = report.card.secure_messaging.map(|_| M::BannerProfile);
        for message in [authority, profile].into_iter().flatten() {
            self.markup("<p class=\"banner\" role=\"note\">⚠ ");
            self.say(message);
            self.markup("</p>\n");
        }
    }

    fn pictures(&mut self, report: &Report, options: &HtmlOptions) {
        let images = &report.images;
        self.markup("<section><h2>");
        self.say(M::Pictures);
        self.markup("</h2><div class=\"pictures\"><div class=\"face\">");
        let face_shown = images
            .face
            .as_ref()
            .is_some_and(|image| self.image(image, M::Face));
        if !face_shown {
            self.markup("<p class=\"blank\">");
            self.say(M::NoFace);
            self.markup("</p>");
        }
        self.markup("</div><div class=\"side\">");
        for (image, title) in [
            (&images.front, M::Front),
            (&images.name, M::Name),
            (&images.address, M::Address),
        ] {
            if let Some(image) = image {
                self.image(image, title);
            }
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

    fn answers(&mut self, report: &Report) {
        self.markup("<section class=\"answers\">");
        let (look, outcome) = signature(report);
        let detail = report.authenticity.detail.as_deref();
        self.answer(look, M::Signature, "", outcome, detail, M::SignatureLimit);
        match report.printed_validity {
            Some(printed) => {
                let (look, outcome) = if printed.passed {
                    (Look::Bad, M::DatePassed)
                } else {
                    (Look::Open, M::DateNotPassed)
                };
                let day = format!("{}: ", printed.expires_on);
                self.answer(look, M::PrintedDate, &day, outcome, None, M::DateLimit);
            }
            None => self.answer(
                Look::Open,
                M::PrintedDate,
                "",
                M::DateInPicture,
                None,
                M::DateLimit,
            ),
        }
        let (look, outcome) = match report.lookup.outcome() {
            Outcome::Answered(Answer::NotListedAsLapsed) => (Look::Open, M::NoRecord),
            Outcome::Answered(Answer::Lapsed) => (Look::Bad, M::Lapsed),
            Outcome::Answered(Answer::NoMatch) => (Look::Bad, M::NoMatch),
            _ => (Look::Open, M::NotLookedUp),
        };
        let headline = report.lookup.wording(self.language.for_staff()).headline;
        self.answer(look, M::Lookup, "", outcome, Some(&headline), M::LookupLimit);
        self.answer(Look::Open, M::Scope, "", M::ScopeText, None, M::ScopeLimit);
        self.markup("</section>\n");
    }

    fn answer(&mut self, look: Look, title: M, value: &str, outcome: M, detail: Option<&str>, limit: M) {
        self.markup(match look {
            Look::Good => "<article class=\"answer good\"><h2>",
            Look::Bad => "<article class=\"answer bad\"><h2>",
            Look::Open => "<article class=\"answer\"><h2>",
        });
        self.say(title);
        self.markup("</h2><p class=\"outcome\">");
        self.markup(match look {
            Look::Good => "✓ ",
            Look::Bad => "✕ ",
            Look::Open => "",
        });
        self.text(value);
        self.say(outcome);
        self.markup("</p>");
        if let Some(detail) = detail {
            self.markup("<p>");
            let language = match title {
                M::Signature => Language::En,
                _ => self.language.for_staff().into(),
            };
            self.in_language(detail, language);
            self.markup("</p>");
        }
        self.markup("<p class=\"limit\"><strong>");
        self.say(M::DoesNotProve);
        self.markup("</strong> ");
        self.say(limit);
        self.markup("</p></article>");
    }

    fn fields(&mut self, report: &Report) {
        self.markup("<section><h2>");
        self.say(M::Fields);
        self.markup("</h2><table><tbody>");
        let fields = &report.fields;
        self.row(M::Number, &report.card.number, false);
        self.date(M::CardExpires, fields.card_expires_on.as_ref());
        self.date(M::DateOfBirth, fields.date_of_birth.as_ref());
        self.code(M::Sex, fields.sex.as_ref());
        self.code(M::Nationality, fields.nationality.as_ref());
        self.code(M::Status, fields.residence_status.as_ref());
        if let Some(field) = &fields.period_of_stay {
            self.row(M::Period, &period(field), field.signed);
        }
        self.date(M::StayUntil, fields.stay_expires_on.as_ref());
        self.code(M::PermissionType, fields.permission_type.as_ref());
        self.date(M::PermittedOn, fields.permission_date.as_ref());
        self.code(M::Work, fields.work_restriction.as_ref());
        if let Some(field) = &fields.comprehensive_permission {
            let value = permission(field.code.as_deref(), field.ja, field.en, field.text.as_deref());
            self.row(
                M::Comprehensive,
                &with_day(value, M::Until, field.until),
                field.signed,
            );
        }
        if let Some(field) = &fields.individual_permission {
            let value = permission(field.code.as_deref(), field.ja, field.en, field.text.as_deref());
            self.row(M::Individual, &value, field.signed);
        }
        if let Some(field) = &fields.renewal_pending {
            self.row(M::Renewal, &yes_no(field.value, &field.code), field.signed);
        }
        if let Some(field) = &fields.address {
            let text = if field.text.is_empty() {
                both(M::None).into_owned()
            } else {
                field.text.clone()
            };
            self.row(
                M::Address,
                &with_day(text, M::Recorded, field.recorded_on),
                field.signed,
            );
            if let Some(code) = &field.municipality_code {
                self.row(M::Municipality, code, field.signed);
            }
        }
        if let Some(field) = &fields.commissioner_note {
            let value = format!("{} {}", yes_no(field.value, &field.code), field.text);
            self.row(M::Note, &value, field.signed);
        }
        for problem in &report.problems {
            self.row(
                M::Problem,
                &format!("{} ({})", problem.detail, problem.file),
                false,
            );
        }
        self.markup("</tbody></table></section>\n");
    }

    fn row(&mut self, label: M, value: &str, signed: bool) {
        self.markup(if signed {
            "<tr class=\"signed\"><th scope=\"row\"><span lang=\"ja\">"
        } else {
            "<tr class=\"unsigned\"><th scope=\"row\"><span lang=\"ja\">"
        });
        self.text(Language::Ja.say(label).0);
        self.markup("</span><span lang=\"en\">");
        self.text(Language::En.say(label).0);
        self.markup("</span></th><td>");
        self.text(value.trim_end());
        self.markup("</td><td>");
        self.mark(signed);
        self.markup("</td></tr>\n");
    }

    fn date(&mut self, label: M, field: Option<&DateField>) {
        if let Some(field) = field {
            let day = field.value.map(|day| day.to_string());
            let value = day.or_else(|| field.text.clone());
            self.row(label, value.as_deref().unwrap_or(&both(M::None)), field.signed);
        }
    }

    fn code(&mut self, label: M, field: Option<&CodeField>) {
        if let Some(field) = field {
            self.row(label, &meaning(&field.code, field.ja, field.en), field.signed);
        }
    }

    fn next_steps(&mut self, report: &Report) {
        self.markup("<section><h2>");
        self.say(M::Next);
        self.markup("</h2>");
        let differs = report.card.number_on_chip_matches == Some(false);
        if differs {
            self.markup("<p class=\"alarm\">✕ ");
            self.say(M::NumberDiffers);
            self.markup("</p>");
        }
        self.markup("<ul>");
        for step in [M::CompareFace, M::CompareCard] {
            self.markup("<li>");
            self.say(step);
            self.markup("</li>");
        }
        if !matches!(report.lookup.outcome(), Outcome::Answered(_)) {
            self.markup("<li>");
            self.say(M::AskLookup);
            self.markup(" <a rel=\"noreferrer\" href=\"");
            let page = TopPage::default();
            self.text(page.url());
            self.markup("\">");
            self.text(page.url());
            self.markup("</a></li>");
        }
        let off = differs
            || matches!(signature(report).0, Look::Bad)
            || matches!(
                report.lookup.outcome(),
                Outcome::Answered(Answer::Lapsed | Answer::NoMatch)
            )
            || report.printed_validity.is_some_and(|printed| printed.passed)
            || !report.problems.is_empty();
        if off {
            self.markup("<li><strong>");
            self.say(M::AskOffice);
            self.markup("</strong></li>");
        }
        self.markup("</ul></section>\n");
    }

    fn footer(&mut self, report: &Report) {
        self.markup("<footer>");
        self.say(M::ReadAt);
        self.text(&format!(" {}; ", japan_time(report.read_at)));
        self.say(M::JudgedAt);
        self.text(&format!(" {}; ", japan_time(report.judged_at)));
        self.say(M::MadeBy);
        self.text(&format!(
            " zairyu {}, {}",
            env!("CARGO_PKG_VERSION"),
            report.schema
        ));
        if let Some(version) = &report.card.spec_version {
            self.text(&format!(", card {version}"));
        }
        self.markup("</footer>");
    }
}

fn signature(report: &Report) -> (Look, M) {
    let authenticity = &report.authenticity;
    match (authenticity.status, authenticity.trust_profile) {
        ("verified", Some("production")) => (Look::Good, M::Verified),
        ("verified", _) => (Look::Open, M::VerifiedElsewhere),
        ("failed", _) if authenticity.signature_matches == Some(true) => (Look::Bad, M::NotAccepted),
        ("failed", _) => (Look::Bad, M::Mismatch),
        ("not_verifiable", _) => (Look::Open, M::NoSignature),
        _ => (Look::Open, M::NotChecked),
    }
}

/// In Japan's time, to the minute.
fn japan_time(time: Timestamp) -> String {
    let time = JAPAN.to_datetime(time);
    format!("{} {:02}:{:02} JST", time.date(), time.hour(), time.minute())
}

/// Japanese and English, as all of what the chip says is labelled.
fn both(message: M) -> Cow<'static, str> {
    Cow::Owned(format!(
        "{} / {}",
        Language::Ja.say(message).0,
        Language::En.say(message).0
    ))
}

fn meaning(code: &str, ja: Option<&str>, en: Option<&str>) -> String {
    match (ja, en) {
        (Some(ja), Some(en)) => format!("{ja} / {en} ({code})"),
        _ => format!("{code} ({})", both(M::Unknown)),
    }
}

fn permission(code: Option<&str>, ja: Option<&str>, en: Option<&str>, text: Option<&str>) -> String {
    match (code, text) {
        (Some(code), _) => meaning(code, ja, en),
        (None, Some(text)) if !text.is_empty() => text.to_owned(),
        _ => both(M::None).into_owned(),
    }
}

fn yes_no(value: Option<bool>, code: &str) -> String {
    match value {
        Some(true) => both(M::Yes).into_owned(),
        Some(false) => both(M::No).into_owned(),
        None => meaning(code, None, None),
    }
}

fn with_day(value: String, label: M, day: Option<Date>) -> String {
    match day {
        Some(day) => format!("{value} ({}: {day})", both(label)),
        None => value,
    }
}

fn period(field: &PeriodField) -> String {
    if field.indefinite {
        return both(M::Indefinite).into_owned();
    }
    let counts = [
        (field.years.map(u16::from), M::Years),
        (field.months.map(u16::from), M::Months),
        (field.days, M::Days),
    ];
    let in_language = |language: Language, space: &str| {
        let parts: Vec<String> = counts
            .iter()
            .filter_map(|&(count, unit)| {
                let count = count.filter(|&count| count > 0)?;
                Some(format!("{count}{space}{}", language.say(unit).0))
            })
            .collect();
        parts.join(" ")
    };
    match in_language(Language::Ja, "") {
        ja if ja.is_empty() => meaning(&field.code, None, None),
        ja => format!("{ja} / {}", in_language(Language::En, " ")),
    }
}
