//! The note's wording: every state is said, and nothing more than what is known.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod specimen;

use specimen::{decision, filled, full, gate, label, lookup, minimal, now, personal, seed};
use zairyu_evidence::{
    Action, CheckRecord, ChipSignature, Consent, Entry, FreeText, Gate, HandoffUrl, Language, Lookup,
    LookupOutcome, LookupStatus, MemoryStore, Note, Personal, PersonalValue, TrustProfile,
};

fn entry(record: &CheckRecord, personal: &[Personal]) -> Entry {
    let mut log = filled(MemoryStore::new(), 0);
    log.append(record, personal, &seed(1)).unwrap()
}

fn text(record: &CheckRecord, language: Language) -> String {
    Note::new(&entry(record, &[]), language).unwrap().to_text()
}

/// Words that no note may have: they would say more than anybody knows.
const FORBIDDEN: [&str; 20] = [
    "有効です",
    "有効な",
    "本物",
    "真正",
    "無効な",
    "エラー",
    "雇用できます",
    "就労できます",
    "合法",
    "問題ありません",
    "安全",
    "valid",
    "genuine",
    "authentic",
    "legal ",
    "error",
    "may be employed",
    "ok",
    "safe",
    "guarantee",
];

/// All states of chip, lookup, printed date and decision in both languages: no forbidden word, and each line is there.
#[test]
fn no_state_is_worded_as_more_than_it_is() {
    let verified = |trust_profile| ChipSignature::Verified {
        trust_profile,
        anchor_sha256: None,
    };
    let mut chips: Vec<_> = TrustProfile::ALL.iter().copied().map(verified).collect();
    chips.extend([
        ChipSignature::Failed(label("signature_mismatch")),
        ChipSignature::NotVerifiable(label("no_signature_on_card")),
        ChipSignature::NotChecked(label("no_anchor")),
        ChipSignature::NotRead,
    ]);
    let mut log = filled(MemoryStore::new(), 0);
    for outcome in LookupOutcome::ALL {
        for (chip, action) in chips.iter().zip(Action::ALL.iter().cycle()) {
            let passed = [None, Some(false), Some(true)];
            let mut record =
                CheckRecord::new(now(), gate(), chip.clone(), lookup(*outcome), decision(*action)).unwrap();
            record.printed_validity_passed = passed[(outcome.as_str().len() + chip.status().len()) % 3];
            let entry = log.append(&record, &[], &seed(1)).unwrap();
            for language in [Language::Japanese, Language::English] {
                let note = Note::new(&entry, language).unwrap();
                let (text, html) = (note.to_text(), note.to_html());
                for shown in [&text, &html] {
                    let shown = shown.to_lowercase();
                    for word in FORBIDDEN {
                        assert!(!has_word(&shown, word), "{word}: {shown}");
                    }
                }
                let answered = outcome.status() == LookupStatus::Answered;
                let (none_ja, none_en) = ("照会: 未確認（理由: ", "number: not checked (reason: ");
                assert_eq!(
                    text.contains(none_ja) || text.contains(none_en),
                    !answered,
                    "{text}"
                );
                let says_no_lapse = text.contains("失効情報なし") || text.contains("listed no lapse");
                assert_eq!(
                    says_no_lapse,
                    *outcome == LookupOutcome::NOT_LISTED_AS_LAPSED,
                    "{text}"
                );
                let says_lapsed =
                    text.contains("「失効」と表示されました") || text.contains("as lapsed as of");
                assert_eq!(says_lapsed, *outcome == LookupOutcome::LAPSED, "{text}");
                let says_production =
                    text.contains("実運用の証明書") || text.contains("publishes for cards in use");
                assert_eq!(says_production, *chip == verified(TrustProfile::Production));
                for line in match language {
                    Language::Japanese => [
                        "1. ",
                        "2. ",
                        "3. ",
                        "4. 就労の可否: 就労可否は別途確認が必要です",
                        "確認していないこと",
                    ],
                    Language::English => [
                        "1. ",
                        "2. ",
                        "3. ",
                        "4. Permission to work: to be checked separately",
                        "What was not checked",
                    ],
                } {
                    assert!(text.contains(line), "{line}");
                }
            }
        }
    }
}

/// Whether a text has this word. Of the short one only where it is no part of another.
fn has_word(text: &str, word: &str) -> bool {
    match word {
        "ok" => text
            .split(|character: char| !character.is_alphanumeric())
            .any(|own| own == "ok"),
        _ => text.contains(word),
    }
}

#[test]
fn a_minimal_note_reads_so() {
    // Signing is deterministic, and so is all that the note says of it.
    assert_eq!(text(&minimal(), Language::Japanese), include_str!("note.ja.txt"));
    assert_eq!(text(&minimal(), Language::English), include_str!("note.en.txt"));
}

#[test]
fn test_anchors_are_named_as_such() {
    let record = |trust_profile| {
        let chip = ChipSignature::Verified {
            trust_profile,
            anchor_sha256: None,
        };
        CheckRecord::new(
            now(),
            gate(),
            chip,
            minimal().lookup().clone(),
            decision(Action::Proceed),
        )
        .unwrap()
    };
    assert!(text(&record(TrustProfile::OfficialTest), Language::Japanese).contains("テスト用の証明書"));
    assert!(text(&record(TrustProfile::OfficialTest), Language::English).contains("for tests only"));
    assert!(text(&record(TrustProfile::Custom), Language::Japanese).contains("利用者が独自に登録した証明書"));
    assert!(text(&record(TrustProfile::Custom), Language::English).contains("not shown to be the Ministry"));
}

#[test]
fn another_source_is_not_called_the_agency() {
    let mut details = lookup(LookupOutcome::LAPSED).details().clone();
    details.handoff_url = Some(HandoffUrl::new("https://lookup.example.jp/moj.go.jp").unwrap());
    let lookup = Lookup::new(LookupOutcome::LAPSED, details).unwrap();
    let record = CheckRecord::new(
        now(),
        gate(),
        full().chip().clone(),
        lookup,
        decision(Action::Stop),
    )
    .unwrap();
    assert!(!text(&record, Language::Japanese).contains("入管庁"));
    assert!(!text(&record, Language::English).contains("Agency"));
    assert!(
        text(&full(), Language::Japanese)
            .contains("入管庁の照会で「失効」と表示されました（2026年11月22日9時57分 照会時点）")
    );
    assert!(
        text(&full(), Language::English)
            .contains("Agency's lookup showed the number as lapsed as of 2026-11-22 09:57")
    );
}

#[test]
fn personal_parts_say_when_they_go() {
    let mut log = filled(MemoryStore::new(), 0);
    let entry = log.append(&full(), &personal(), &seed(1)).unwrap();
    let note = Note::new(&entry, Language::Japanese).unwrap().to_text();
    assert!(
        note.contains("この番号は失効しています。\n    （照会結果）（2027年3月31日に削除）"),
        "{note}"
    );
    assert!(note.contains("番号の照合用コード: あり（2027年3月31日に削除）"));
    let mac = personal()[0].value.text();
    assert!(!note.contains(&mac));
    log.delete_due(specimen::DAY).unwrap();
    let entry = log.entries().unwrap().last().unwrap().unwrap();
    for (language, words) in [
        (Language::Japanese, "削除済み、または開示なし"),
        (Language::English, "deleted or withheld"),
    ] {
        let note = Note::new(&entry, language).unwrap().to_text();
        assert!(!note.contains("（照会結果）"));
        assert_eq!(note.matches(words).count(), 3);
    }
}

#[test]
fn without_consent_the_note_says_that_nothing_was_done() {
    let gate = Gate {
        consent: Consent::Missing,
        ..gate()
    };
    let outcome = LookupOutcome::from_name("not_asked.consent_missing").unwrap();
    let record = CheckRecord::new(
        now(),
        gate,
        ChipSignature::NotRead,
        lookup(outcome),
        decision(Action::Hold),
    )
    .unwrap();
    let note = text(&record, Language::Japanese);
    assert!(note.contains("何も読み取らず、照会もしていません"));
    assert!(note.contains("未確認（理由: 本人の同意がない）"));
}

#[test]
fn html_shows_what_was_written_and_runs_none_of_it() {
    let script = "<script>alert('x')</script>\n\"&\"";
    let part = Personal {
        value: PersonalValue::Note(FreeText::new(script).unwrap()),
        delete_on: specimen::DAY,
    };
    let mut record = full();
    record.case_id = Some(label("<img src=x>"));
    let html = Note::new(&entry(&record, &[part]), Language::English)
        .unwrap()
        .to_html();
    assert!(!html.contains("<script") && !html.contains("<img"));
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;<br>&quot;&amp;&quot;"));
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    // It needs nothing from elsewhere.
    assert!(!html.contains("href") && !html.contains("url("));
    assert!(
        Note::new(&entry(&full(), &[]), Language::Japanese)
            .unwrap()
            .to_html()
            .contains("<html lang=\"ja\">")
    );
}

#[test]
fn an_opening_entry_has_no_note() {
    let log = filled(MemoryStore::new(), 0);
    let opening = log.entries().unwrap().next().unwrap().unwrap();
    assert_eq!(Note::new(&opening, Language::Japanese), None);
}
