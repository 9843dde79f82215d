//! The one-page note for the personnel file, in Japanese or English.
//!
//! Rules of its wording: it says what was done and what came of it, at which time. It never calls a card or a number
//! valid or genuine, never calls an outcome that is missing an error, and never says that a person may work.

use std::fmt::Write;

use crate::{
    Action, CheckRecord, ChipSignature, ClassifiedBy, Consent, Entry, InputSource, Lookup, LookupOutcome,
    LookupStatus, Moment, PersonalKind, PersonalValue, TrustProfile,
};

/// The note's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 日本語.
    Japanese,
    /// English.
    English,
}

/// One check as a page that a person can read, made from a verified entry.
///
/// It states what was checked and what was not. Personal parts that are still there are in it: they are to be deleted
/// on their day here too, and the note says which day that is.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    language: Language,
    title: &'static str,
    sections: Vec<Section>,
    closing: &'static str,
}

#[derive(Clone, PartialEq, Eq)]
struct Section {
    title: &'static str,
    /// A label, empty in a mere list, and a text.
    rows: Vec<(&'static str, String)>,
}

impl Section {
    const fn new(title: &'static str) -> Self {
        Self {
            title,
            rows: Vec::new(),
        }
    }

    fn row(&mut self, label: &'static str, text: impl Into<String>) {
        self.rows.push((label, text.into()));
    }
}

impl Note {
    /// The note of a check; `None` for a log's opening entry.
    #[must_use]
    pub fn new(entry: &Entry, language: Language) -> Option<Self> {
        let record = entry.check()?;
        let words = Words(language);
        let mut sections = vec![
            words.case(entry, record),
            words.checked(record),
            words.decided(record),
            words.not_checked(record),
        ];
        sections.extend(words.personal(entry));
        sections.push(words.proof(entry));
        Some(Self {
            language,
            title: words.pick("在留カード等の確認記録", "Record of a residence card check"),
            sections,
            closing: words.pick(
                "この記録は、確認を行った事実とその結果を残すものです。カードや在留資格、就労が適法であることを示すものではありません。",
                "This record keeps what was checked and what came of it. It does not state that the card, the residence \
                 status or any work is lawful.",
            ),
        })
    }

    /// The note as plain text, lines ended by LF.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for section in &self.sections {
            let _ = write!(text, "\n■ {}\n", section.title);
            for (label, content) in &section.rows {
                let content = content.replace('\n', "\n    ");
                let _ = if label.is_empty() {
                    writeln!(text, "  - {content}")
                } else {
                    writeln!(text, "  {label}: {content}")
                };
            }
        }
        let _ = write!(text, "\n{}\n", self.closing);
        text
    }

    /// The note as an HTML page that needs nothing else and prints on one sheet of A4.
    #[must_use]
    pub fn to_html(&self) -> String {
        let language = match self.language {
            Language::Japanese => "ja",
            Language::English => "en",
        };
        let title = escape(self.title);
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        for section in &self.sections {
            let _ = write!(html, "<h2>{}</h2>\n<table>\n", escape(section.title));
            for (label, content) in &section.rows {
                let content = escape(content).replace('\n', "<br>");
                let _ = if label.is_empty() {
                    writeln!(html, "<tr><td colspan=\"2\">{content}</td></tr>")
                } else {
                    writeln!(html, "<tr><th>{}</th><td>{content}</td></tr>", escape(label))
                };
            }
            html.push_str("</table>\n");
        }
        let _ = write!(html, "<p>{}</p>\n</body>\n</html>\n", escape(self.closing));
        html
    }
}

/// What is in it may be personal.
impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Note({:?})", self.language)
    }
}

const STYLE: &str = "@page{size:A4;margin:14mm}body{font:10pt/1.45 sans-serif;max-width:180mm;margin:auto}\
    h1{font-size:14pt;margin:.3em 0}h2{font-size:10.5pt;margin:.7em 0 .2em;border-bottom:1px solid}\
    table{border-collapse:collapse;width:100%}th{width:32%;text-align:left;font-weight:normal;color:#444}\
    th,td{vertical-align:top;padding:.5mm 2mm 0 0;overflow-wrap:anywhere}p{border-top:1px solid;padding-top:2mm}";

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[derive(Clone, Copy)]
struct Words(Language);

impl Words {
    const fn pick<T: Copy>(self, ja: T, en: T) -> T {
        match self.0 {
            Language::Japanese => ja,
            Language::English => en,
        }
    }

    fn moment(self, moment: Moment) -> String {
        let clock = moment.wall_clock();
        let offset = moment.to_string().split_off(19);
        match self.0 {
            Language::Japanese if offset == "+09:00" => clock.strftime("%Y年%-m月%-d日%-H時%M分").to_string(),
            Language::Japanese => format!("{}（UTC{offset}）", clock.strftime("%Y年%-m月%-d日%-H時%M分")),
            Language::English => format!("{} (UTC{offset})", clock.strftime("%Y-%m-%d %H:%M")),
        }
    }

    fn date(self, date: jiff::civil::Date) -> String {
        date.strftime(self.pick("%Y年%-m月%-d日", "%Y-%m-%d")).to_string()
    }

    fn case(self, entry: &Entry, record: &CheckRecord) -> Section {
        let mut section = Section::new(self.pick("記録", "Record"));
        section.row(self.pick("記録番号", "Record"), entry.record_id());
        section.row(
            self.pick("記録日時", "Recorded"),
            self.moment(record.recorded_at()),
        );
        if let Some(case_id) = &record.case_id {
            section.row(self.pick("案件番号", "Case"), case_id.as_str());
        }
        let gate = record.gate();
        section.row(self.pick("利用目的", "Purpose"), gate.purpose.as_str());
        section.row(
            self.pick("本人の同意", "Holder's consent"),
            match gate.consent {
                Consent::GivenAt(moment) => {
                    let moment = self.moment(moment);
                    match self.0 {
                        Language::Japanese => format!("{moment}に取得"),
                        Language::English => format!("given {moment}"),
                    }
                }
                Consent::Missing => self
                    .pick(
                        "記録なし（何も読み取らず、照会もしていません）",
                        "not noted; nothing was read or asked",
                    )
                    .to_owned(),
            },
        );
        section.row(self.pick("確認者", "Checked by"), gate.operator_id.as_str());
        section.row(
            self.pick("使用ソフトウェア", "With the program"),
            gate.app_version.as_str(),
        );
        section
    }

    fn checked(self, record: &CheckRecord) -> Section {
        let mut section = Section::new(self.pick("確認したこと", "What was checked"));
        section.row(
            self.pick("1. チップの電子署名", "1. Signature of the chip's data"),
            self.chip(record.chip()),
        );
        if let Some(read) = &record.chip_read_id {
            section.row(self.pick("読取番号", "Reading"), read.as_str());
        }
        self.lookup(&mut section, record.lookup());
        section.row(
            self.pick("3. カードに記載の期限", "3. Expiry date on the card"),
            match record.printed_validity_passed {
                Some(false) => self.pick("記録時点で過ぎていません", "had not passed when recorded"),
                Some(true) => self.pick(
                    "過ぎています（更新・変更の申請中は特例期間により在留できる場合があります。失効を意味しません）",
                    "has passed; while an application for renewal or change is pending the holder may stay on \
                     (special period). This does not mean that the card has lapsed",
                ),
                None => self.pick("未確認", "not checked"),
            },
        );
        section.row(
            self.pick("4. 就労の可否", "4. Permission to work"),
            self.pick(
                "就労可否は別途確認が必要です",
                "to be checked separately; this record does not cover it",
            ),
        );
        section
    }

    fn chip(self, chip: &ChipSignature) -> String {
        let because = |ja: &str, en: &str, reason: &str| match self.0 {
            Language::Japanese => format!("{ja}（理由: {reason}）"),
            Language::English => format!("{en} (reason: {reason})"),
        };
        match chip {
            ChipSignature::Verified { trust_profile, .. } => self
                .pick(
                    match trust_profile {
                        TrustProfile::Production => "検証できました（法務省が公表する実運用の証明書による）",
                        TrustProfile::OfficialTest => {
                            "テスト用の証明書で検証できました。実際に交付されたカードであることは確認できていません"
                        }
                        TrustProfile::Custom => {
                            "利用者が独自に登録した証明書で検証できました。法務省の署名であることは確認できていません"
                        }
                    },
                    match trust_profile {
                        TrustProfile::Production => {
                            "verified, with a certificate that the Ministry of Justice publishes for cards in use"
                        }
                        TrustProfile::OfficialTest => {
                            "verified with the certificate for tests only; not shown to be a card in use"
                        }
                        TrustProfile::Custom => {
                            "verified with a certificate that this program's owner added; not shown to be the \
                             Ministry of Justice's signature"
                        }
                    },
                )
                .to_owned(),
            ChipSignature::Failed(reason) => because("検証できませんでした", "did not verify", reason.as_str()),
            ChipSignature::NotVerifiable(reason) => because(
                "検証できる署名がありません",
                "the chip carries no signature that could be verified",
                reason.as_str(),
            ),
            ChipSignature::NotChecked(reason) => because("未確認", "not checked", reason.as_str()),
            ChipSignature::NotRead => self
                .pick("未確認（チップを読み取っていません）", "not checked; no chip was read")
                .to_owned(),
        }
    }

    fn lookup(self, section: &mut Section, lookup: &Lookup) {
        let details = lookup.details();
        section.row(
            self.pick("2. 番号の失効情報照会", "2. Lapse lookup of the number"),
            self.outcome(lookup),
        );
        if let Some(url) = &details.handoff_url {
            section.row(self.pick("照会先", "Source"), url.as_str());
        }
        if let Some(opened_at) = details.opened_at {
            section.row(self.pick("照会を開いた日時", "Opened"), self.moment(opened_at));
        }
        if let Some(source) = details.input_source {
            section.row(
                self.pick("番号の入力元", "Number from"),
                match source {
                    InputSource::Chip => self.pick("チップ", "the chip"),
                    InputSource::Typed => self.pick("手入力", "typing"),
                    InputSource::Camera => self.pick("カメラ", "a camera"),
                },
            );
        }
        if let Some(by) = details.classified_by {
            section.row(
                self.pick("結果を判別した者", "Outcome told by"),
                match by {
                    ClassifiedBy::Operator => self.pick("確認者", "the person who checked"),
                    ClassifiedBy::HintAccepted => self.pick(
                        "確認者（ソフトウェアの候補を採用）",
                        "the person who checked, taking the program's proposal",
                    ),
                    ClassifiedBy::Source => self.pick("照会先の回答そのもの", "the source itself"),
                },
            );
        }
        if let Some(digest) = details.evidence_digest {
            section.row(
                self.pick("別に保管する資料の SHA-256", "SHA-256 of evidence kept elsewhere"),
                digest.to_string(),
            );
        }
    }

    fn outcome(self, lookup: &Lookup) -> String {
        let details = lookup.details();
        let time = details
            .answered_at
            .map(|moment| self.moment(moment))
            .unwrap_or_default();
        let is_official = details
            .handoff_url
            .as_ref()
            .is_none_or(|url| url.host() == "moj.go.jp" || url.host().ends_with(".moj.go.jp"));
        let source = if is_official {
            self.pick("入管庁の照会", "The Immigration Services Agency's lookup")
        } else {
            self.pick("照会先", "The source")
        };
        let outcome = lookup.outcome();
        match (outcome.status(), self.0) {
            (LookupStatus::Answered, Language::Japanese) => match outcome {
                LookupOutcome::NOT_LISTED_AS_LAPSED => format!("失効情報なし（{time} 照会時点）"),
                LookupOutcome::LAPSED => format!("{source}で「失効」と表示されました（{time} 照会時点）"),
                _ => format!(
                    "{source}で、この番号と期限の組合せは見つかりませんでした（{time} 照会時点）。失効とは異なります。まず入力誤りを、\
                     次に交付直後のカードである可能性を確かめてください"
                ),
            },
            (LookupStatus::Answered, Language::English) => match outcome {
                LookupOutcome::NOT_LISTED_AS_LAPSED => {
                    format!("{source} listed no lapse of the number as of {time}")
                }
                LookupOutcome::LAPSED => format!("{source} showed the number as lapsed as of {time}"),
                _ => format!(
                    "{source} did not recognise this number with this date as of {time}. That is not a lapse: look for a \
                     mistyped number or date first, then for a card issued days ago"
                ),
            },
            (_, Language::Japanese) => format!("未確認（理由: {}）", self.no_answer(outcome)),
            (_, Language::English) => format!("not checked (reason: {})", self.no_answer(outcome)),
        }
    }

    /// Why there is no answer.
    fn no_answer(self, outcome: LookupOutcome) -> &'static str {
        let name = outcome.as_str();
        let (ja, en) = REASONS
            .iter()
            .find(|(of, _, _)| *of == name)
            .map_or((name, name), |(_, ja, en)| (*ja, *en));
        self.pick(ja, en)
    }

    fn decided(self, record: &CheckRecord) -> Section {
        let mut section = Section::new(self.pick("判断", "Decision"));
        let decision = record.decision();
        section.row(
            self.pick("次の対応", "Next"),
            match decision.action {
                Action::Proceed => self.pick("人による確認へ進む", "on to the checks that a person makes"),
                Action::Hold => self.pick("保留", "on hold"),
                Action::Stop => self.pick("中止", "stopped"),
            },
        );
        section.row(self.pick("判断基準", "Policy"), decision.policy_name.as_str());
        if let Some(reason) = &decision.reason {
            section.row(self.pick("理由", "Reason"), reason.as_str());
        }
        if let Some(date) = record.next_check_on {
            section.row(self.pick("次回確認日", "Next check"), self.date(date));
        }
        section
    }

    fn not_checked(self, record: &CheckRecord) -> Section {
        let mut section = Section::new(self.pick("この記録で確認していないこと", "What was not checked"));
        let mut row = |ja: &str, en: &str| {
            section.row("", self.pick(ja, en));
        };
        let is_verified = matches!(record.chip(), ChipSignature::Verified { .. });
        if is_verified {
            row(
                "署名の対象外の項目（番号、住居地、資格外活動許可、更新等の申請の有無）が正しいこと",
                "whether what the signature does not cover is right: number, address, permissions, pending application",
            );
        } else {
            row(
                "カードに記録された内容が正しいこと",
                "whether what the card says is right",
            );
        }
        if record.lookup().outcome().status() == LookupStatus::Answered {
            row(
                "その番号が実際に交付されたものであること、照会時点より後に失効していないこと",
                "whether the number was ever issued, and whether it has lapsed since",
            );
        } else {
            row("番号が失効していないこと", "whether the number has lapsed");
        }
        row(
            "カードの券面に偽造や変造がないこと、提示した人が名義人であること",
            "whether the printed card was tampered with, and whether who showed it is its holder",
        );
        row(
            "その仕事に就けること",
            "whether the holder may do the work in question",
        );
        section
    }

    fn personal(self, entry: &Entry) -> Option<Section> {
        let mut section = Section::new(self.pick("付記（削除予定日あり）", "Attached, to be deleted"));
        let label = |kind: PersonalKind| match kind {
            PersonalKind::NumberMac => {
                self.pick("番号の照合用コード", "Code that links records of one number")
            }
            PersonalKind::Verbatim => self.pick("照会先の表示", "The page's words"),
            PersonalKind::Note => self.pick("メモ", "Note"),
        };
        for part in entry.personal() {
            let date = self.date(part.delete_on);
            let until = match self.0 {
                Language::Japanese => format!("（{date}に削除）"),
                Language::English => format!(" (to be deleted on {date})"),
            };
            let text = match &part.value {
                // Nobody needs it on paper.
                PersonalValue::NumberMac(_) => self.pick("あり", "kept with the record").to_owned(),
                PersonalValue::Verbatim(text) | PersonalValue::Note(text) => text.as_str().to_owned(),
            };
            section.row(label(part.value.kind()), format!("{text}{until}"));
        }
        for (kind, date) in entry.absent_personal() {
            let date = self.date(date);
            let text = match self.0 {
                Language::Japanese => format!("削除済み、または開示なし（削除予定日 {date}）"),
                Language::English => format!("deleted or withheld (day of deletion: {date})"),
            };
            section.row(label(kind), text);
        }
        (!section.rows.is_empty()).then_some(section)
    }

    fn proof(self, entry: &Entry) -> Section {
        let mut section = Section::new(self.pick("この記録の検証", "How to verify this record"));
        section.row(self.pick("記録簿", "Log"), entry.log_id().to_string());
        section.row(
            self.pick("記録簿での番号", "Number in the log"),
            entry.sequence().to_string(),
        );
        section.row(
            self.pick("署名付き記録の SHA-256", "SHA-256 of the signed record"),
            entry.digest().to_string(),
        );
        section.row(
            self.pick("署名鍵（RFC 7638）", "Signing key (RFC 7638)"),
            entry.key_thumbprint(),
        );
        section.row(
            "",
            self.pick(
                "記録簿にある署名付き記録（JWS、ES256）を公開鍵で検証し、その SHA-256 を上の値と比べてください",
                "verify the signed record in the log (JWS, ES256) with the public key, and compare its SHA-256 with the above",
            ),
        );
        section
    }
}

/// Why there is no answer: the outcome's name, in Japanese, in English.
const REASONS: [(&str, &str, &str); 21] = [
    (
        "not_answered.service_unavailable.maintenance",
        "メンテナンス",
        "the service was under maintenance",
    ),
    (
        "not_answered.service_unavailable.timeout",
        "応答なし（時間切れ）",
        "no reply in time",
    ),
    (
        "not_answered.service_unavailable.server_error",
        "照会先の障害",
        "the service failed",
    ),
    (
        "not_answered.service_unavailable.busy",
        "混雑",
        "the service was busy",
    ),
    (
        "not_answered.access_refused.foreign_ip",
        "海外からの接続",
        "the service refuses connections from abroad",
    ),
    (
        "not_answered.access_refused.entry_not_via_top_page",
        "トップページを経由していない接続",
        "the service has to be entered through its top page",
    ),
    (
        "not_answered.access_refused.blocked",
        "接続の拒否",
        "the service refused the connection",
    ),
    (
        "not_answered.challenge_not_passed.wrong",
        "画像認証の不一致",
        "the picture code was not matched",
    ),
    (
        "not_answered.challenge_not_passed.expired",
        "画像認証の期限切れ",
        "the picture code had expired",
    ),
    (
        "not_answered.challenge_not_passed.abandoned",
        "画像認証の中断",
        "the picture code was not entered",
    ),
    (
        "not_answered.input_rejected.number",
        "番号が受け付けられなかった",
        "the service did not take the number",
    ),
    (
        "not_answered.input_rejected.validity",
        "期限の日付が受け付けられなかった",
        "the service did not take the date",
    ),
    (
        "not_answered.unrecognised_page",
        "判別できない画面",
        "the page was not recognised",
    ),
    (
        "not_answered.operator_unsure",
        "確認者が結果を判別できなかった",
        "the person could not tell what the page said",
    ),
    ("not_asked.no_number", "番号がない", "there was no number"),
    (
        "not_asked.no_validity",
        "期限の日付がない",
        "there was no expiry date",
    ),
    (
        "not_asked.malformed_input",
        "番号または日付の形式の誤り",
        "the number or the date did not have its form",
    ),
    (
        "not_asked.consent_missing",
        "本人の同意がない",
        "the holder's consent was not noted",
    ),
    (
        "not_asked.policy_disabled",
        "照会しない設定",
        "the program is set not to ask",
    ),
    (
        "not_asked.offline",
        "ネットワークに接続していない",
        "there was no network",
    ),
    ("not_asked.deferred", "後日に延期", "put off to a later day"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_without_an_answer_has_its_reason_in_words() {
        for outcome in LookupOutcome::ALL {
            let found = REASONS
                .iter()
                .filter(|(name, _, _)| *name == outcome.as_str())
                .count();
            assert_eq!(
                found,
                usize::from(outcome.status() != LookupStatus::Answered),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(escape("<a href='\"&'>"), "&lt;a href=&#39;&quot;&amp;&#39;&gt;");
    }
}
