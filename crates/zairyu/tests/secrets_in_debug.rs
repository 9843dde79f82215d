//! `Debug` of every public type of every published crate: what shows all its fields is known to hold nothing personal, and
//! what holds something personal is written by hand and shown here or in its own crate's tests.
//!
//! The list is taken from the sources: a new public type fails this test until someone has decided what it is.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod needles;

use std::any::type_name;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use needles::{TYPES, card_with_known_key, found_in, issue, number};
use zairyu::data::{Card, Generation};
use zairyu::protocol::{MessageLimits, Randomness, ReadCard, Step};
use zairyu::revocation::{Classification, InputSource, Inputs, InputsChecked, Purpose, TopPage};
use zairyu::transport::{Callback, CancelHandle, FaultInjector, Limits, Traced, Transport};
use zairyu::{Anchors, Timestamp};
use zairyu_testcard::{CardBuilder, IssuedCard, Issuer, SoftwareCard};

/// Types whose `Debug` is derived: codes, kinds, lengths, errors, settings; and those made only of parts that hide
/// themselves.
const DERIVED: &[(&str, &[&str])] = &[
    (
        "zairyu-protocol",
        &["DeliveryKeyForm", "DeliveryKeyError", "SpecifiedAccess"],
    ),
    ("zairyu", &["HtmlOptions", "Language"]),
    (
        "zairyu-data",
        &[
            "SecureMessagingProfile",
            "OaepHash",
            "DeliveredKeys",
            "DeliveryForm",
            "MessagingClass",
            "MacUse",
            "LeObject",
            "SessionSpan",
            "ByteOrder",
            "CounterAdvance",
            "IvRule",
            "ProfileError",
        ],
    ),
    ("zairyu-verify", &["RsaBlock", "RustCrypto", "AwsLc"]),
    ("zairyu", &["DumpError", "ReadError"]),
    (
        "zairyu-data",
        &[
            "Access",
            "Card",
            "CardKind",
            "CardNumberError",
            "CardType",
            "Error",
            "ErrorKind",
            "Expected",
            "File",
            "FileEntry",
            "FirstCard",
            "Folder",
            "Generation",
            "LookAlike",
            "Permissions",
            "SecondCard",
            "SignedEntries",
        ],
    ),
    (
        "zairyu-evidence",
        &[
            "Broken",
            "CheckRecord",
            "ChipSignature",
            "Consent",
            "Content",
            "Decision",
            "Error",
            "Fault",
            "FileStore",
            "Gate",
            "HandoffUrl",
            "Head",
            "KeyError",
            "Language",
            "LogId",
            "Lookup",
            "LookupDetails",
            "Moment",
            "Opening",
            "RecordError",
            "Sound",
            "StoreError",
            "TextError",
        ],
    ),
    (
        "zairyu-image",
        &["Budget", "Error", "ErrorKind", "Format", "Header", "Layout"],
    ),
    ("zairyu-libnfc", &["OpenOptions"]),
    (
        "zairyu-mynumber",
        &[
            "AgeProofs",
            "AnswerError",
            "Application",
            "AttributeKey",
            "AttributeProofs",
            "CertificateFacts",
            "CertificateFault",
            "CertificatePresence",
            "CommandName",
            "CvAnchorError",
            "Device",
            "Error",
            "ExtensionId",
            "FaceProofs",
            "File",
            "FileFault",
            "FileFaultKind",
            "FormatError",
            "Guidance",
            "Interruption",
            "JpkiAnchorError",
            "JpkiProofs",
            "KnownCvKey",
            "LastTry",
            "Mode",
            "Phone",
            "PinStatus",
            "PinnedRoot",
            "Policy",
            "PrivateKey",
            "Provenance",
            "Reason",
            "Resolution",
            "RevocationAnswer",
            "Secret",
            "Sex",
            "Situation",
            "Status",
            "Step",
            "Tries",
            "UnknownOutcome",
            "YearForm",
        ],
    ),
    (
        "zairyu-mynumber-testcard",
        &[
            "Application",
            "CardBuilder",
            "CertificateFault",
            "Filler",
            "IssueError",
            "IssueFault",
            "LengthForm",
            "Profile",
            "RootFault",
            "ShortRead",
            "YearForm",
        ],
    ),
    (
        "zairyu-pcsc",
        &[
            "CardState",
            "Cause",
            "Certainty",
            "Diagnosis",
            "Event",
            "Interface",
            "Monitor",
            "OpenOptions",
            "Presence",
            "Quirk",
            "Reader",
        ],
    ),
    (
        "zairyu-protocol",
        &[
            "AnswerError",
            "CommandName",
            "Error",
            "MessageLimits",
            "Phase",
            "Progress",
            "Step",
        ],
    ),
    (
        "zairyu-revocation",
        &[
            "AccessRefused",
            "Action",
            "Answer",
            "Assisted",
            "ChallengeNotPassed",
            "ChipSignature",
            "ClassifiedBy",
            "DataAge",
            "Decision",
            "Form",
            "InputRejected",
            "InputSource",
            "InputsChecked",
            "Language",
            "Limits",
            "Lines",
            "LookupLine",
            "NegativeMeaning",
            "NotAnswered",
            "NotAsked",
            "Notice",
            "Observation",
            "Outcome",
            "Policy",
            "PolicyError",
            "PrintedDate",
            "Profile",
            "ProfileError",
            "Purpose",
            "Reason",
            "Recorded",
            "RecordedAnswer",
            "Rule",
            "Sentence",
            "ServiceUnavailable",
            "SourceDescription",
            "TopPage",
            "TopPageError",
            "ValidityFields",
            "Verification",
            "Wording",
            "WorkLimits",
        ],
    ),
    (
        "zairyu-testcard",
        &[
            "ApduLengths",
            "CardFault",
            "CertificateFault",
            "CheckCode",
            "Exchange",
            "Field",
            "IssueError",
            "IssuerName",
            "LengthForm",
            "NoFace",
            "NoSignature",
            "Randomness",
            "Validity",
        ],
    ),
    ("zairyu-tlv", &["Error", "ErrorKind", "Header"]),
    (
        "zairyu-transport",
        &[
            "Deadline",
            "Deviation",
            "Error",
            "ErrorKind",
            "Fault",
            "InvalidHeader",
            "Limits",
            "ParseError",
            "ParseProblem",
            "Recorder",
            "Replay",
            "TraceEvent",
            "TracedCommand",
            "TracedResponse",
        ],
    ),
    (
        "zairyu-verify",
        &[
            "AnchorError",
            "AnchorFault",
            "Anchors",
            "Authenticity",
            "CertificateFault",
            "Oddity",
            "PinnedCertificate",
            "Policy",
            "Reason",
            "Region",
            "SignatureEncoding",
            "SignatureFault",
            "Status",
            "TimeStatus",
            "TrustFault",
            "TrustProfile",
            "UsageFault",
            "VerifiedContent",
        ],
    ),
];

/// Types whose `Debug` is written by hand, and the test of their own crate that looks at it.
const ELSEWHERE: &[(&str, &[&str], &str, &str)] = &[
    (
        "zairyu-data",
        &[
            "Address",
            "CommissionerNote",
            "ImageValue",
            "PermissionText",
            "SignatureObjects",
            "SignedImages",
        ],
        "tests/redaction.rs",
        "every_part_of_the_first_generation",
    ),
    (
        "zairyu-data",
        &[
            "CardDate",
            "Code",
            "Nationality",
            "PeriodOfStay",
            "PrintedEntries",
            "StayLength",
        ],
        "tests/redaction.rs",
        "every_part_of_the_second_generation",
    ),
    (
        "zairyu-evidence",
        &["Entry", "Personal", "PersonalValue"],
        "tests/record.rs",
        "debug_and_errors_show_nothing_personal",
    ),
    (
        "zairyu-evidence",
        &["LinkKey", "NumberMac", "Seed"],
        "src/personal.rs",
        "debug_shows_nothing",
    ),
    (
        "zairyu-evidence",
        &["SigningKey"],
        "src/key.rs",
        "keys_survive_being_written_and_read",
    ),
    (
        "zairyu-evidence",
        &["FreeText", "Label"],
        "src/text.rs",
        "debug_shows_lengths_only",
    ),
    (
        "zairyu-mynumber",
        &[
            "AgeFiles",
            "AttributeFiles",
            "BirthDate",
            "Challenge",
            "ChallengeAnswer",
            "FaceFiles",
            "JpkiFiles",
            "Reading",
        ],
        "tests/reading.rs",
        "nothing_shown_for_debugging_is_secret",
    ),
    (
        "zairyu-mynumber",
        &["Proof"],
        "tests/proofs.rs",
        "what_is_proved_is_not_shown_for_debugging",
    ),
    (
        "zairyu-revocation",
        &["PageClient", "Picture", "Lookup"],
        "tests/page_client_log.rs",
        "no_number_in_logs_and_debug_texts",
    ),
    (
        "zairyu-revocation",
        &["BindingKey"],
        "tests/outcomes.rs",
        "the_number_is_nowhere",
    ),
    (
        "zairyu-tlv",
        &["Object"],
        "tests/rules.rs",
        "debug_shows_no_value",
    ),
];

/// Types whose `Debug` is written by hand for looks: nothing of a card or a person is in them.
const HARMLESS: &[(&str, &[&str], &str)] = &[
    (
        "zairyu-protocol",
        &["DeliveryKey", "DeliveryRandomness"],
        "a public key, and random bytes that are not shown",
    ),
    (
        "zairyu-evidence",
        &["Digest", "LookupOutcome", "VerifyingKey"],
        "a digest, a name and a public key",
    ),
    ("zairyu-evidence", &["Note"], "it shows its language"),
    ("zairyu-libnfc", &["Session"], "a reader's name and lengths"),
    (
        "zairyu-mynumber",
        &["CvAnchors", "JpkiAnchors"],
        "public certificates",
    ),
    (
        "zairyu-mynumber-testcard",
        &["CombinedCard", "IssuedCard", "SoftwareCard"],
        "made-up cards for tests",
    ),
    ("zairyu-pcsc", &["Session"], "a reader's name and lengths"),
    ("zairyu-protocol", &["StatusWord"], "two bytes of the standard"),
    ("zairyu-tlv", &["Tag"], "a tag of the specification"),
    ("zairyu-transport", &["Wakeup"], "the transport's own thread"),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    Derived,
    ByHand,
    Never,
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => files.extend(sources(&path)),
            path if path.extension().is_some_and(|extension| extension == "rs") => files.push(path),
            _ => {}
        }
    }
    files
}

/// All public types of the published crates, and how they come to their `Debug`.
fn public_types() -> Vec<(String, String, How)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut types = Vec::new();
    for folder in fs::read_dir(crates).unwrap().flatten().map(|entry| entry.path()) {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        if manifest.is_empty() || manifest.contains("publish = false") {
            continue;
        }
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let texts: Vec<String> = sources(&folder.join("src"))
            .iter()
            .map(|file| fs::read_to_string(file).unwrap())
            .collect();
        let all = texts.concat();
        for text in &texts {
            let mut attributes = String::new();
            for line in text.lines().map(str::trim) {
                let rest = ["pub struct ", "pub enum ", "pub union "]
                    .iter()
                    .find_map(|keyword| line.strip_prefix(keyword));
                let Some(rest) = rest else {
                    match line {
                        "" | "}" => attributes.clear(),
                        _ => attributes += line,
                    }
                    continue;
                };
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                let of_type = &rest[..end];
                let derives = attributes.split("derive(").skip(1).any(|list| {
                    list.split(')')
                        .next()
                        .unwrap()
                        .split(',')
                        .any(|name| name.trim() == "Debug")
                });
                let by_hand = [" ", "<"]
                    .iter()
                    .any(|end| all.contains(&format!("Debug for {of_type}{end}")));
                let how = match (derives, by_hand) {
                    (true, _) => How::Derived,
                    (_, true) => How::ByHand,
                    _ => How::Never,
                };
                // A macro's types are made of names.
                if !of_type.is_empty() {
                    types.push((name.clone(), of_type.to_owned(), how));
                }
                attributes.clear();
            }
        }
    }
    types
}

/// What was shown: crate and type, as in `zairyu-data` and `CardNumber`.
#[derive(Default)]
struct Shown {
    types: BTreeSet<(String, String)>,
    cards: Vec<IssuedCard>,
}

impl Shown {
    fn show<T: Debug>(&mut self, value: &T) {
        for text in [format!("{value:?}"), format!("{value:#?}")] {
            assert_eq!(found_in(&text, &self.cards), None, "{}: {text}", type_name::<T>());
        }
        let path = type_name::<T>().split('<').next().unwrap();
        let (of_crate, rest) = path.split_once("::").unwrap();
        let of_type = rest.rsplit("::").next().unwrap();
        self.types
            .insert((of_crate.replace('_', "-"), of_type.to_owned()));
    }
}

/// Values of the types that hold something personal, made from cards whose every value is known.
fn show_all() -> BTreeSet<(String, String)> {
    let mut shown = Shown {
        cards: TYPES.into_iter().map(issue).collect(),
        ..Shown::default()
    };
    shown.show(&number());
    shown.show(&Randomness::new([0x48; 48]));
    shown.show(&CardBuilder::new(TYPES[0]).number(needles::NUMBER));
    shown.show(&Issuer::new());
    shown.show(&CancelHandle::default());
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        anchors
            .add(&Issuer::new().ca_certificate(generation).unwrap())
            .unwrap();
    }
    for anchor in anchors.iter() {
        shown.show(anchor);
    }
    for issued in shown.cards.clone() {
        shown.show(&issued);
        // The machine, at each of its commands, with the key that is looked for.
        let mut card = card_with_known_key(issued.card_type());
        let limits = MessageLimits {
            command: 261,
            response: 65_538,
        };
        let mut machine = ReadCard::new(number(), Randomness::new([3; 48]), limits).unwrap();
        loop {
            shown.show(&machine);
            if let (_, Some(unopened)) = machine.command_and_unopened() {
                shown.show(unopened);
                unopened.open_some();
                shown.show(unopened);
            }
            let answer = card.process(machine.command());
            let step = machine.receive(&answer).unwrap();
            shown.show(&step);
            match step {
                Step::Continue(next) => machine = next,
                _ => break,
            }
        }
        shown.show(&card);

        let mut traced = Traced::new(SoftwareCard::new(issued.clone()), |_| {});
        let reading = zairyu::read(&mut traced, &number()).unwrap();
        shown.show(&traced);
        let mut phone = Callback::new(Limits::SHORT, |_: &[u8]| Ok(needles::NUMBER.into()));
        phone.transmit(needles::NUMBER.as_bytes()).unwrap();
        shown.show(&phone);
        let mut faulty = FaultInjector::new(phone);
        faulty.transmit(needles::NUMBER.as_bytes()).unwrap();
        shown.show(&faulty);
        let mut recorder = zairyu::transport::Recorder::new(SoftwareCard::new(issued.clone()));
        zairyu::read(&mut recorder, &number()).unwrap();
        shown.show(recorder.recording());
        for exchange in recorder.recording().exchanges() {
            shown.show(exchange);
        }

        shown.show(&reading);
        shown.show(reading.files());
        shown.show(&Card::parse(reading.files()));
        let report = reading.judge(&anchors, Timestamp::now());
        for (_, image) in report.images.iter() {
            shown.show(&image.decode().unwrap());
            shown.show(&image.decode().unwrap().unwrap());
        }
        let authenticity = zairyu::verify::judge(reading.files(), &anchors, Timestamp::now());
        shown.show(&authenticity);
        match authenticity.content().unwrap() {
            zairyu::verify::VerifiedContent::First(content) => shown.show(content),
            zairyu::verify::VerifiedContent::Second(content) => shown.show(content),
        }
        shown.show(&report);
    }

    let inputs = Inputs::new(InputSource::Typed)
        .typed_number(needles::NUMBER)
        .typed_valid_until("2033-04-01")
        .consent(Purpose::Hiring);
    shown.show(&inputs);
    let inquiry = inputs.check().unwrap();
    shown.show(&inquiry);
    let handed_over = InputsChecked::new(inquiry, TopPage::default()).hand_over();
    shown.show(&handed_over);
    let answer = zairyu::revocation::Observation::Answer(zairyu::revocation::Answer::Lapsed);
    let classification = Classification::by_person(answer).with_verbatim(format!("{} 失効", needles::NUMBER));
    shown.show(&classification);
    let lookup = handed_over.classify(classification, Timestamp::now());
    shown.show(&lookup);
    shown.types
}

#[test]
fn every_public_type_shows_nothing_personal() {
    let shown = show_all();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (of_crate, _, file, test) in ELSEWHERE {
        let text = fs::read_to_string(crates.join(of_crate).join(file)).unwrap();
        assert!(
            text.contains(&format!("fn {test}(")),
            "{of_crate}/{file} has no test {test}"
        );
    }
    let mut problems = Vec::new();
    let types = public_types();
    let mut counts = [0; 3];
    for (of_crate, of_type, how) in &types {
        let listed = |list: &[(&str, &[&str])]| {
            list.iter()
                .any(|(name, types)| name == of_crate && types.contains(&of_type.as_str()))
        };
        let elsewhere: Vec<_> = ELSEWHERE
            .iter()
            .map(|(name, types, ..)| (*name, *types))
            .collect();
        let harmless: Vec<_> = HARMLESS.iter().map(|(name, types, _)| (*name, *types)).collect();
        let was_shown = shown.contains(&(of_crate.clone(), of_type.clone()));
        match how {
            How::Derived if !listed(DERIVED) && !was_shown => {
                problems.push(format!(
                    "{of_crate}: {of_type} derives Debug: is there anything personal in it?"
                ));
            }
            How::ByHand if !was_shown && !listed(&elsewhere) && !listed(&harmless) => {
                problems.push(format!(
                    "{of_crate}: {of_type} has a Debug of its own, and no test shows it"
                ));
            }
            _ => {}
        }
        counts[match how {
            How::Derived => 0,
            How::ByHand => 1,
            How::Never => 2,
        }] += 1;
    }
    // A list that names what is not there has been overtaken.
    let names: Vec<(&str, &[&str])> = DERIVED
        .iter()
        .copied()
        .chain(ELSEWHERE.iter().map(|(name, types, ..)| (*name, *types)))
        .chain(HARMLESS.iter().map(|(name, types, _)| (*name, *types)))
        .collect();
    for (of_crate, listed) in names {
        for of_type in listed {
            if !types
                .iter()
                .any(|(name, found, _)| name == of_crate && found == of_type)
            {
                problems.push(format!("{of_crate}: {of_type} is listed and not there"));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    let [derived, by_hand, never] = counts;
    println!("{derived} public types derive Debug, {by_hand} have their own, {never} have none or a macro's");
    assert!(derived > 150 && by_hand > 50);
}
