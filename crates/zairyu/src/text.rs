//! The report as plain text for a person at a terminal. Not a stable form: programs read the JSON.

use std::fmt;

use zairyu_revocation::{Action, Language};

use crate::report::{DateField, PeriodField, Report};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.heading(f)?;
        self.authenticity_lines(f)?;
        self.lookup_lines(f)?;
        self.fields_lines(f)?;
        self.images_lines(f)?;
        for problem in &self.problems {
            line(f, "Problem", &format!("{} ({})", problem.detail, problem.file))?;
        }
        writeln!(
            f,
            "\n* covered by the verified signature; everything else is what the chip says, unproved."
        )
    }
}

impl Report {
    fn heading(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.card.kind {
            "residence_card" => "Residence card (在留カード)",
            _ => "Special permanent resident certificate (特別永住者証明書)",
        };
        writeln!(
            f,
            "{kind}, {}, type {}\n",
            match self.card.generation {
                "first" => "first generation",
                "second" => "second generation",
                _ => "specified card (特定在留カード等)",
            },
            self.card.type_code
        )?;
        if matches!(self.authenticity.trust_profile, Some("official_test" | "custom")) {
            writeln!(
                f,
                "!! This card was judged under a CA certificate that is not the Ministry's own"
            )?;
            writeln!(
                f,
                "!! ({}). It says nothing about a real card.\n",
                self.trust_profile_words()
            )?;
        }
        if self.card.secure_messaging.is_some() {
            writeln!(
                f,
                "!! The secure messaging profile that this card was read with is not confirmed for real\n\
                 !! specified cards (特定在留カード等).\n"
            )?;
        }
        line(f, "Number", &self.card.number)?;
        if self.card.number_on_chip_matches == Some(false) {
            line(
                f,
                "",
                "THE CHIP STATES ANOTHER NUMBER than the one that opens it: do not accept this card.",
            )?;
        }
        Ok(())
    }

    fn trust_profile_words(&self) -> &'static str {
        match self.authenticity.trust_profile {
            Some("production") => "the Ministry of Justice's CA",
            Some("official_test") => "the Agency's official test CA",
            _ => "a custom CA",
        }
    }

    fn authenticity_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authenticity = &self.authenticity;
        let result = match authenticity.status {
            "verified" => format!("VERIFIED: signed under {}", self.trust_profile_words()),
            "failed" if authenticity.signature_matches == Some(true) => {
                "MATCHES, AND IS NOT ACCEPTED".to_owned()
            }
            "failed" => "FAILED".to_owned(),
            "not_verifiable" => "NOT VERIFIABLE".to_owned(),
            _ => "NOT CHECKED".to_owned(),
        };
        line(f, "Signature", &result)?;
        if let Some(detail) = &authenticity.detail {
            line(f, "", detail)?;
        }
        if authenticity.status == "not_verifiable" && authenticity.signature_expected == Some(true) {
            line(
                f,
                "",
                "By the date of birth on the chip, this holder's card should carry one.",
            )?;
        }
        if matches!(authenticity.anchor_time, Some(time) if time.status == "expired") {
            line(
                f,
                "",
                "The CA certificate has expired; cards signed under it still circulate.",
            )?;
        }
        line(f, "  covers", &authenticity.covers.join(", "))?;
        line(f, "  not covered", &authenticity.does_not_cover.join(", "))?;
        match self.printed_validity {
            Some(validity) => {
                let passed = if validity.passed { "passed" } else { "not passed" };
                line(f, "Printed expiry", &format!("{}, {passed}", validity.expires_on))
            }
            None => line(
                f,
                "Printed expiry",
                "only in the picture of the card: read it there",
            ),
        }
    }

    fn lookup_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wording = self.lookup.wording(Language::En);
        line(f, "Lapse lookup", &wording.headline)?;
        if let Some(disclaimer) = wording.disclaimer {
            line(f, "", disclaimer)?;
        }
        let Some(decision) = &self.decision else {
            return Ok(());
        };
        let action = match decision.action {
            Action::Proceed => "PROCEED to what only a person can check",
            Action::Hold => "HOLD: find out more first",
            Action::Stop => "STOP: a person has to review this",
        };
        line(f, "Next", action)?;
        for reason in &decision.reasons {
            line(f, "", reason.text(Language::En))?;
        }
        Ok(())
    }

    fn fields_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = &self.fields;
        writeln!(f)?;
        let date = |f: &mut fmt::Formatter<'_>, name: &str, field: &Option<DateField>| match field {
            Some(field) => {
                let value = field
                    .value
                    .map(|day| day.to_string())
                    .or_else(|| field.text.clone());
                marked_line(f, field.signed, name, value.as_deref().unwrap_or("(none)"))
            }
            None => Ok(()),
        };
        date(f, "Date of birth", &fields.date_of_birth)?;
        for (name, field) in [
            ("Sex", &fields.sex),
            ("Nationality", &fields.nationality),
            ("Status", &fields.residence_status),
            ("Permission type", &fields.permission_type),
            ("Work", &fields.work_restriction),
        ] {
            if let Some(field) = field {
                marked_line(f, field.signed, name, &meaning(&field.code, field.ja, field.en))?;
            }
        }
        if let Some(field) = &fields.period_of_stay {
            marked_line(f, field.signed, "Period of stay", &period(field))?;
        }
        date(f, "Permitted on", &fields.permission_date)?;
        date(f, "Stay until", &fields.stay_expires_on)?;
        if let Some(field) = &fields.comprehensive_permission {
            let until = field
                .until
                .map(|day| format!(", until {day}"))
                .unwrap_or_default();
            let value = permission(field.code.as_deref(), field.ja, field.en, field.text.as_deref());
            line(f, "Other activities", &format!("{value}{until}"))?;
        }
        if let Some(field) = &fields.individual_permission {
            let value = permission(field.code.as_deref(), field.ja, field.en, field.text.as_deref());
            line(f, "  individual", &value)?;
        }
        if let Some(field) = &fields.renewal_pending {
            line(
                f,
                "Renewal",
                &yes_no(field.value, "application pending", "none pending", &field.code),
            )?;
        }
        if let Some(field) = &fields.address {
            let text = if field.text.is_empty() {
                "(none added to the back)"
            } else {
                &field.text
            };
            let recorded = field
                .recorded_on
                .map(|day| format!(", recorded {day}"))
                .unwrap_or_default();
            line(f, "Address", &format!("{text}{recorded}"))?;
        }
        if let Some(field) = &fields.commissioner_note {
            let value = yes_no(field.value, "recorded", "none", &field.code);
            line(f, "Agency's note", &format!("{value} {}", field.text))?;
        }
        Ok(())
    }

    fn images_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, image) in self.images.iter() {
            let size = match (image.width, image.height) {
                (Some(width), Some(height)) => format!("{width} x {height}"),
                _ => "unreadable".to_owned(),
            };
            let format = image.format.unwrap_or("unknown format");
            marked_line(
                f,
                image.signed,
                &format!("Image {name}"),
                &format!("{format}, {size}"),
            )?;
        }
        Ok(())
    }
}

/// The same with a mark in front for what the verified signature covers: where no text of the card can come to stand.
fn marked_line(f: &mut fmt::Formatter<'_>, signed: bool, name: &str, value: &str) -> fmt::Result {
    let mark = if signed { "* " } else { "" };
    line(f, &format!("{mark}{name}"), value)
}

/// One line.
fn line(f: &mut fmt::Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    let value: String = value.trim_end().chars().map(shown).collect();
    writeln!(f, "{name:<17} {value}")
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

fn meaning(code: &str, ja: Option<&str>, en: Option<&str>) -> String {
    match (ja, en) {
        (Some(ja), Some(en)) => format!("{en} / {ja} ({code})"),
        _ => format!("code {code}, meaning not published (不明)"),
    }
}

fn permission(code: Option<&str>, ja: Option<&str>, en: Option<&str>, text: Option<&str>) -> String {
    match (code, text) {
        (Some(code), _) => meaning(code, ja, en),
        (None, Some(text)) if !text.is_empty() => text.to_owned(),
        _ => "none / 無し".to_owned(),
    }
}

fn yes_no(value: Option<bool>, yes: &str, no: &str, code: &str) -> String {
    match value {
        Some(true) => yes.to_owned(),
        Some(false) => no.to_owned(),
        None => meaning(code, None, None),
    }
}

fn period(field: &PeriodField) -> String {
    let count = |number: u16, unit: &str| match number {
        0 => None,
        1 => Some(format!("1 {unit}")),
        more => Some(format!("{more} {unit}s")),
    };
    match (field.indefinite, field.years, field.months, field.days) {
        (true, ..) => "indefinite / 無期限".to_owned(),
        (_, Some(years), Some(months), _) => {
            let parts = [count(years.into(), "year"), count(months.into(), "month")];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        (_, _, _, Some(days)) => count(days, "day").unwrap_or_else(|| "0 days".to_owned()),
        _ => meaning(&field.code, None, None),
    }
}
