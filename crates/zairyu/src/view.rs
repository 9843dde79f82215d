//! What a person is shown of a report, on a page or as plain text.

use jiff::{Timestamp, civil::Date};
use zairyu_revocation::{Action, Answer as LookupAnswer, Outcome, TopPage};

use crate::report::{CodeField, DateField, ImageInfo, JAPAN, PeriodField, Report};
use crate::words::{Language, Message as M};

/// How an answer looks, besides its words.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Look {
    Good,
    Bad,
    Open,
}

/// One of the four answers.
pub(crate) struct Answer {
    pub look: Look,
    pub title: M,
    /// In front of the outcome.
    pub day: Option<Date>,
    pub outcome: M,
    pub details: Vec<Sentence>,
    /// What it does not prove.
    pub limit: M,
}

/// A text in its language, which need not be the reader's.
pub(crate) struct Sentence {
    pub text: String,
    pub language: Language,
}

/// An entry of the chip, or what could not be understood of it. Its value is in Japanese and English.
pub(crate) struct Row {
    pub label: M,
    pub value: String,
    pub signed: bool,
}

/// What to do next.
pub(crate) enum Step {
    /// The card is not to be accepted.
    Alarm(M),
    Urgent(M),
    Do(M),
    /// With the address of a page.
    Open(M, String),
    Because(Sentence),
}

/// A report for a reader of this language.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub report: &'a Report,
    pub language: Language,
}

impl<'a> View<'a> {
    /// What limits everything else.
    pub(crate) fn banners(self) -> impl Iterator<Item = M> {
        let authority = match self.report.authenticity.trust_profile {
            Some("official_test") => Some(M::BannerTest),
            Some("custom") => Some(M::BannerCustom),
            _ => None,
        };
        let profile = self.report.card.secure_messaging.map(|_| M::BannerProfile);
        [authority, profile].into_iter().flatten()
    }

    /// The card's kind in Japanese, and kind, generation and type in English.
    pub(crate) fn card(self) -> (&'static str, String) {
        let card = &self.report.card;
        let (ja, en) = match card.kind {
            "residence_card" => ("在留カード", "Residence card"),
            _ => ("特別永住者証明書", "Special permanent resident certificate"),
        };
        let generation = match card.generation {
            "first" => "first generation",
            "second" => "second generation",
            _ => "specified card (特定在留カード等)",
        };
        (ja, format!("{en}, {generation}, type {}", card.type_code))
    }

    pub(crate) fn answers(self) -> [Answer; 4] {
        [self.signature(), self.printed_date(), self.lookup(), self.scope()]
    }

    fn message(self, message: M) -> Sentence {
        let (text, language) = self.language.say(message);
        Sentence {
            text: text.to_owned(),
            language,
        }
    }

    fn signature(self) -> Answer {
        let authenticity = &self.report.authenticity;
        let (look, outcome) = match (authenticity.status, authenticity.trust_profile) {
            ("verified", Some("production")) => (Look::Good, M::Verified),
            ("verified", _) => (Look::Open, M::VerifiedElsewhere),
            ("failed", _) if authenticity.signature_matches == Some(true) => (Look::Bad, M::NotAccepted),
            ("failed", _) => (Look::Bad, M::Mismatch),
            ("not_verifiable", _) => (Look::Open, M::NoSignature),
            _ => (Look::Open, M::NotChecked),
        };
        let mut details = Vec::new();
        if let (Some(reason), Some(detail)) = (authenticity.reason, &authenticity.detail) {
            let (text, language) = self.language.reason(reason, detail);
            details.push(Sentence {
                text: text.to_owned(),
                language,
            });
        }
        if outcome == M::NoSignature && authenticity.signature_expected == Some(true) {
            details.push(self.message(M::SignatureExpected));
        }
        if matches!(authenticity.anchor_time, Some(time) if time.status == "expired") {
            details.push(self.message(M::AnchorExpired));
        }
        Answer {
            look,
            title: M::Signature,
            day: None,
            outcome,
            details,
            limit: M::SignatureLimit,
        }
    }

    fn printed_date(self) -> Answer {
        let printed = self.report.printed_validity;
        let (look, outcome) = match printed {
            Some(printed) if printed.passed => (Look::Bad, M::DatePassed),
            Some(_) => (Look::Open, M::DateNotPassed),
            None => (Look::Open, M::DateInPicture),
        };
        Answer {
            look,
            title: M::PrintedDate,
            day: printed.map(|printed| printed.expires_on),
            outcome,
            details: Vec::new(),
            limit: M::DateLimit,
        }
    }

    fn lookup(self) -> Answer {
        let lookup = &self.report.lookup;
        let (look, outcome) = match lookup.outcome() {
            Outcome::Answered(LookupAnswer::NotListedAsLapsed) => (Look::Open, M::NoRecord),
            Outcome::Answered(LookupAnswer::Lapsed) => (Look::Bad, M::Lapsed),
            Outcome::Answered(LookupAnswer::NoMatch) => (Look::Bad, M::NoMatch),
            _ => (Look::Open, M::NotLookedUp),
        };
        let staff = self.language.for_staff();
        let wording = lookup.wording(staff);
        let texts = [Some(wording.headline), wording.disclaimer.map(str::to_owned)];
        Answer {
            look,
            title: M::Lookup,
            day: None,
            outcome,
            details: texts
                .into_iter()
                .flatten()
                .map(|text| Sentence {
                    text,
                    language: staff.into(),
                })
                .collect(),
            limit: M::LookupLimit,
        }
    }

    fn scope(self) -> Answer {
        Answer {
            look: Look::Open,
            title: M::Scope,
            day: None,
            outcome: M::ScopeText,
            details: Vec::new(),
            limit: M::ScopeLimit,
        }
    }

    /// The pictures that are no face.
    pub(crate) fn side_images(self) -> impl Iterator<Item = (&'a ImageInfo, M)> {
        let images = &self.report.images;
        [
            (&images.front, M::Front),
            (&images.name, M::Name),
            (&images.address, M::Address),
        ]
        .into_iter()
        .filter_map(|(image, title)| Some((image.as_ref()?, title)))
    }

    /// Every entry of the chip.
    pub(crate) fn rows(self) -> Vec<Row> {
        let mut rows = Rows(Vec::new());
        let fields = &self.report.fields;
        rows.push(M::Number, self.report.card.number.clone(), false);
        rows.date(M::CardExpires, fields.card_expires_on.as_ref());
        rows.date(M::DateOfBirth, fields.date_of_birth.as_ref());
        rows.code(M::Sex, fields.sex.as_ref());
        rows.code(M::Nationality, fields.nationality.as_ref());
        rows.code(M::Status, fields.residence_status.as_ref());
        if let Some(field) = &fields.period_of_stay {
            rows.push(M::Period, period(field), field.signed);
        }
        rows.date(M::StayUntil, fields.stay_expires_on.as_ref());
        rows.code(M::PermissionType, fields.permission_type.as_ref());
        rows.date(M::PermittedOn, fields.permission_date.as_ref());
        rows.code(M::Work, fields.work_restriction.as_ref());
        if let Some(field) = &fields.comprehensive_permission {
            let value = permission(field.code.as_deref(), field.ja, field.en, field.text.as_deref());
            let value = with_day(value, M::Until, field.until);
            rows.push(M::Comprehensive, value, field.signed);
        }
        if let Some(field) = &fields.individual_permission {
            let value = permission(field.code.as_deref(), field.ja, field.en, field.text.as_deref());
            rows.push(M::Individual, value, field.signed);
        }
        if let Some(field) = &fields.renewal_pending {
            rows.push(M::Renewal, yes_no(field.value, &field.code), field.signed);
        }
        if let Some(field) = &fields.address {
            let text = if field.text.is_empty() {
                both(M::None)
            } else {
                field.text.clone()
            };
            let text = with_day(text, M::Recorded, field.recorded_on);
            rows.push(M::Address, text, field.signed);
            if let Some(code) = &field.municipality_code {
                rows.push(M::Municipality, code.clone(), field.signed);
            }
        }
        if let Some(field) = &fields.commissioner_note {
            let value = format!("{} {}", yes_no(field.value, &field.code), field.text);
            rows.push(M::Note, value, field.signed);
        }
        for problem in &self.report.problems {
            let value = format!("{} ({})", problem.detail, problem.file);
            rows.push(M::Problem, value, false);
        }
        rows.0
    }

    pub(crate) fn steps(self) -> Vec<Step> {
        let report = self.report;
        let differs = report.card.number_on_chip_matches == Some(false);
        let mut steps = Vec::new();
        if differs {
            steps.push(Step::Alarm(M::NumberDiffers));
        }
        if let Some(decision) = &report.decision {
            steps.push(match decision.action {
                Action::Proceed => Step::Do(M::Proceed),
                Action::Hold => Step::Urgent(M::Hold),
                Action::Stop => Step::Urgent(M::Stop),
            });
            let staff = self.language.for_staff();
            steps.extend(decision.reasons.iter().map(|reason| {
                Step::Because(Sentence {
                    text: reason.text(staff).to_owned(),
                    language: staff.into(),
                })
            }));
        }
        steps.extend([Step::Do(M::CompareFace), Step::Do(M::CompareCard)]);
        if !matches!(report.lookup.outcome(), Outcome::Answered(_)) {
            let page = TopPage::default();
            steps.push(Step::Open(M::AskLookup, page.url().to_owned()));
        }
        let bad = self.answers().iter().any(|answer| answer.look == Look::Bad);
        if differs || bad || !report.problems.is_empty() {
            steps.push(Step::Urgent(M::AskOffice));
        }
        steps
    }

    /// Times and versions.
    pub(crate) fn footer(self) -> String {
        let report = self.report;
        let say = |message| self.language.say(message).0;
        let card = report.card.spec_version.as_ref();
        format!(
            "{} {}; {} {}; {} zairyu {}, {}{}",
            say(M::ReadAt),
            japan_time(report.read_at),
            say(M::JudgedAt),
            japan_time(report.judged_at),
            say(M::MadeBy),
            env!("CARGO_PKG_VERSION"),
            report.schema,
            card.map(|version| format!(", card {version}"))
                .unwrap_or_default()
        )
    }
}

struct Rows(Vec<Row>);

impl Rows {
    fn push(&mut self, label: M, value: String, signed: bool) {
        self.0.push(Row { label, value, signed });
    }

    fn date(&mut self, label: M, field: Option<&DateField>) {
        if let Some(field) = field {
            let day = field.value.map(|day| day.to_string());
            let value = day.or_else(|| field.text.clone());
            self.push(label, value.unwrap_or_else(|| both(M::None)), field.signed);
        }
    }

    fn code(&mut self, label: M, field: Option<&CodeField>) {
        if let Some(field) = field {
            self.push(label, meaning(&field.code, field.ja, field.en), field.signed);
        }
    }
}

/// A character as a person may see it. A hostile card's control characters must not reach the terminal or the page, nor
/// those that turn or hide text.
pub(crate) fn shown(character: char) -> char {
    let hides = matches!(character, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    if character.is_control() || hides {
        '\u{FFFD}'
    } else {
        character
    }
}

/// In Japan's time, to the minute.
fn japan_time(time: Timestamp) -> String {
    let time = JAPAN.to_datetime(time);
    format!("{} {:02}:{:02} JST", time.date(), time.hour(), time.minute())
}

/// Japanese and English, as all of what the chip says is labelled.
fn both(message: M) -> String {
    let (ja, en) = (Language::Ja.say(message).0, Language::En.say(message).0);
    format!("{ja} / {en}")
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
        _ => both(M::None),
    }
}

fn yes_no(value: Option<bool>, code: &str) -> String {
    match value {
        Some(true) => both(M::Yes),
        Some(false) => both(M::No),
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
        return both(M::Indefinite);
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
