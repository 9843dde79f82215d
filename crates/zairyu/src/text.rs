//! The report as plain text for a person. Not a stable form: programs read the JSON.

use std::fmt;

use crate::report::Report;
use crate::view::{Step, View, shown};
use crate::words::{Language, Message as M};

/// In English; [`Report::to_text`] in any language.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(Language::En))
    }
}

impl Report {
    /// The report as plain text for a terminal or a screen reader: first the four answers, each with what it does not
    /// prove, then what to do next, then every entry of the chip.
    ///
    /// Each line stands for itself: nothing is told by colour, by columns or by signs alone. In front of each entry stands
    /// whether the verified signature covers it, where no text of the card can come to stand. Whatever the card holds is
    /// shown without characters that hide or turn text. Not a stable form: programs read [`Report::to_json`].
    #[must_use]
    pub fn to_text(&self, language: Language) -> String {
        let mut text = Text {
            out: String::new(),
            language,
        };
        text.report(View {
            report: self,
            language,
        });
        text.out
    }
}

/// The text while it is written. Line breaks can only be part of the program.
struct Text {
    out: String,
    language: Language,
}

impl Text {
    fn line(&mut self, parts: &[&str]) {
        let line = parts.concat();
        self.out.extend(line.trim_end().chars().map(shown));
        self.out.push('\n');
    }

    fn say(&self, message: M) -> &'static str {
        self.language.say(message).0
    }

    fn heading(&mut self, message: M) {
        self.out.push('\n');
        self.line(&[self.say(message)]);
    }

    fn report(&mut self, view: View<'_>) {
        self.line(&[self.say(M::Title)]);
        let (ja, en) = view.card();
        self.line(&[ja, ". ", &en]);
        if !self.say(M::NotReviewed).is_empty() {
            self.line(&[self.say(M::NotReviewed)]);
        }
        self.out.push('\n');
        for banner in view.banners() {
            self.line(&["!! ", self.say(banner)]);
            self.out.push('\n');
        }
        self.answers(view);
        self.steps(view);
        self.entries(view);
        self.out.push('\n');
        self.line(&[&view.footer()]);
    }

    fn answers(&mut self, view: View<'_>) {
        for answer in view.answers() {
            let day = answer.day.map(|day| format!("{day}, ")).unwrap_or_default();
            self.line(&[self.say(answer.title), ": ", &day, self.say(answer.outcome)]);
            for detail in &answer.details {
                self.line(&["  ", &detail.text]);
            }
            self.line(&["  ", self.say(M::DoesNotProve), " ", self.say(answer.limit)]);
        }
    }

    fn steps(&mut self, view: View<'_>) {
        self.heading(M::Next);
        for step in view.steps() {
            match step {
                Step::Alarm(message) | Step::Urgent(message) => self.line(&["!! ", self.say(message)]),
                Step::Do(message) => self.line(&["- ", self.say(message)]),
                Step::Open(message, url) => self.line(&["- ", self.say(message), " ", &url]),
                Step::Because(reason) => self.line(&["  ", &reason.text]),
            }
        }
    }

    fn entries(&mut self, view: View<'_>) {
        self.heading(M::Fields);
        for row in view.rows() {
            self.entry(row.signed, row.label, &row.value);
        }
        self.heading(M::Pictures);
        let face = view.report.images.face.as_ref().map(|image| (image, M::Face));
        if face.is_none() {
            self.line(&[self.say(M::NoFace)]);
        }
        for (image, title) in face.into_iter().chain(view.side_images()) {
            let shown = match (image.format, image.width, image.height) {
                (Some(format), Some(width), Some(height)) => format!("{format}, {width} x {height}"),
                _ => self.say(M::Unshowable).to_owned(),
            };
            self.entry(image.signed, title, &shown);
        }
    }

    fn entry(&mut self, signed: bool, label: M, value: &str) {
        let mark = self.say(if signed { M::Signed } else { M::Unsigned });
        self.line(&["[", mark, "] ", self.say(label), ": ", value]);
    }
}
