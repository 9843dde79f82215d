//! Makes the seeds: what the software card holds and answers, and the pictures that zairyu-image is tested with.

use std::path::Path;

use base64ct::{Base64, Encoding as _};
use zairyu::Reading;
use zairyu_data::{CardType, File, Generation};
use zairyu_protocol::{MessageLimits, Randomness, Redactor};
use zairyu_testcard::{
    CardBuilder, CertificateFault, Field, IssuedCard, Issuer, LengthForm, NoFace, NoSignature, SoftwareCard,
};
use zairyu_transport::{ErrorKind, Exchange, Limits, Recording};

use crate::{
    evidence,
    files::{self, READABLE},
    genuine::{self, SIGNED},
    input::push_block,
    my_number_files, my_number_session,
    session::{LIMITS, RANDOM, number},
    specified_session,
};

/// An input to begin with.
pub struct Seed {
    pub target: &'static str,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The places of limits in [`LIMITS`].
const SHORT: u8 = 0;
const EXTENDED: u8 = 1;

/// All seeds. Keys, random numbers and holders are made up and always the same, and so is what comes out.
#[must_use]
pub fn all() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut add = |target, name: String, bytes| seeds.push(Seed { target, name, bytes });
    card_files(&mut add);
    signatures(&mut add);
    sessions(&mut add);
    texts(&mut add);
    logs(&mut add);
    pages(&mut add);
    pictures(&mut add);
    for (target, made) in [
        ("specified_session", specified_session::seeds()),
        ("my_number_session", my_number_session::seeds()),
        ("my_number_files", my_number_files::seeds()),
    ] {
        made.into_iter()
            .for_each(|(name, bytes)| add(target, name, bytes));
    }
    seeds
}

type Add<'a> = &'a mut dyn FnMut(&'static str, String, Vec<u8>);

/// The card's type as seeds are named for it.
fn name(card_type: CardType) -> String {
    format!("type{}", card_type.code())
}

/// The place of a card's type in the table by which a target chooses.
fn choice(card_type: CardType, table: &[CardType]) -> u8 {
    let place = table.iter().position(|&entry| entry == card_type);
    place
        .and_then(|place| u8::try_from(place).ok())
        .expect("it is in the table")
}

/// Cards that are complete, and cards that are odd and allowed.
pub(crate) fn cards() -> Vec<(String, IssuedCard)> {
    let mut cards: Vec<_> = READABLE
        .iter()
        .map(|&card_type| (name(card_type), genuine::issued(card_type).clone()))
        .collect();
    let first = || CardBuilder::new(CardType::FirstResidenceCard);
    let second = || CardBuilder::new(CardType::SecondResidenceCard);
    for (name, builder) in [
        ("type1-under16", first().under_16(NoSignature::TwoEmptyObjects)),
        (
            "type1-lengths",
            first().length_form(Field::Address, LengthForm::Three),
        ),
        ("type05-under1", second().under_1(NoFace::NoObject)),
        (
            "type05-swapped",
            second().swapped(Field::DateOfBirth, Field::CardExpiresOn),
        ),
        (
            "type1-hidden-text",
            first().with(Field::Address, "Tokyo\n\x1B[2K\u{202E}"),
        ),
        (
            "type05-dates",
            second()
                .with(Field::DateOfBirth, "19850000")
                .with(Field::PermissionDate, ""),
        ),
    ] {
        cards.push((name.to_owned(), genuine::issue(&builder)));
    }
    cards
}

fn card_files(add: Add<'_>) {
    for (name, card) in cards() {
        let (card_type, files) = (card.card_type(), card.card_files());
        let (target, table) = match card_type.generation() {
            Generation::First => ("first_files", files::FIRST),
            Generation::Second | Generation::Specified => ("second_files", files::SECOND),
        };
        add(
            target,
            name.clone(),
            files::write(choice(card_type, &table), &files),
        );
        add(
            "report",
            name.clone(),
            files::write(choice(card_type, &READABLE), &files),
        );
        if !name.contains('-') {
            for (file, content) in files.iter().filter(|(_, content)| content.len() < 600) {
                add(
                    "tlv",
                    format!("{name}-{}", file.name().replace(' ', "-")),
                    content.to_vec(),
                );
            }
            add(
                "card_type",
                name,
                files.get(File::CardType).expect("it has one").to_vec(),
            );
        }
    }
    add("tlv", "behind-filler".to_owned(), b"\xC7\x011\0\0\x01".to_vec());
    for code in ["07", "08", "09"] {
        add(
            "card_type",
            format!("type{code}"),
            [b"\xC1\x02", code.as_bytes()].concat(),
        );
    }
    add(
        "card_type",
        "long-form".to_owned(),
        b"\xC1\x82\x00\x0205\0\0".to_vec(),
    );
    add(
        "tlv",
        "long-forms".to_owned(),
        b"\xDF\xD1\x82\x00\x03abc\xC1\x81\x01d\0\0\0".to_vec(),
    );
}

fn signatures(add: Add<'_>) {
    for (choice, signed) in (0..).zip(SIGNED.iter()) {
        for (form, check_code) in ["a", "b"].iter().zip(&signed.check_codes) {
            let mut input = vec![choice];
            push_block(&mut input, Some(check_code));
            input.extend(&signed.certificate);
            add("certificate", format!("genuine{choice}-{form}"), input);
        }
        // The wrong check code, which is no other's either.
        let mut input = vec![choice];
        let mut check_code = signed.check_codes[0].to_vec();
        check_code[40] ^= 1;
        push_block(&mut input, Some(&check_code));
        input.extend(&signed.certificate);
        add("certificate", format!("mismatch{choice}"), input);

        let card_type = signed.files.card_type();
        for fault in [
            CertificateFault::IndefiniteLengthThroughout,
            CertificateFault::NonMinimalLength,
            CertificateFault::AlgorithmParameters,
            CertificateFault::UnknownCriticalExtension,
            CertificateFault::Version1,
            CertificateFault::SignedByOtherKey,
            CertificateFault::EmptySignature,
        ] {
            let card = genuine::issue(&CardBuilder::new(card_type).certificate_fault(fault));
            let mut input = vec![choice];
            push_block(&mut input, None);
            input.extend(genuine::signature_of(&card.card_files()).certificate());
            add("certificate", format!("fault{choice}-{fault:?}"), input);
        }

        // What is done, to which element, and what that takes: see `certificate_mutation`.
        let place = |what: u8, place: u16| [&[what][..], &place.to_be_bytes()].concat();
        for (name, changes) in [
            ("none", Vec::new()),
            ("constructed", place(0, 3)),
            ("tag", [place(1, 4), vec![0x04]].concat()),
            ("wider", [place(2, 1), vec![0]].concat()),
            ("indefinite", place(3, 1)),
            ("wrong-length", [place(4, 2), vec![1]].concat()),
            ("twice", place(5, 4)),
            ("left-out", place(6, 4)),
            ("swapped", place(7, 4)),
            ("byte", [place(8, 4), vec![0, 0, 1]].concat()),
            ("empty", place(9, 4)),
            ("shorter", [place(10, 4), vec![0]].concat()),
            ("longer", [place(11, 4), vec![1, 0]].concat()),
            ("copied", [place(12, 5), vec![0, 6]].concat()),
            ("wrapped", [place(13, 5), vec![0x30]].concat()),
            ("reversed", place(14, 1)),
            ("leading-zero", place(15, 4)),
            ("all-indefinite", place(16, 0)),
            ("zeros-behind", [place(17, 0), vec![5]].concat()),
        ] {
            let input = [vec![choice], changes].concat();
            add("certificate_mutation", format!("{name}{choice}"), input);
        }

        let file = signed.files.get(File::Signature).expect("it has one");
        add(
            "signature_file",
            format!("genuine{choice}"),
            [&[choice], &file[..]].concat(),
        );
        let swapped = file
            .iter()
            .rposition(|&byte| byte == [0xDB, 0xDD][usize::from(choice)])
            .unwrap_or(0);
        let swapped = [&[choice], &file[swapped..], &file[..swapped]].concat();
        add("signature_file", format!("swapped{choice}"), swapped);
        add(
            "signature_file",
            format!("zeros{choice}"),
            [&[choice][..], &[0; 64]].concat(),
        );
        add(
            "signature_file",
            format!("empty{choice}"),
            vec![choice, 0xDA + 2 * choice, 0, 0xDB + 2 * choice, 0],
        );

        let generation = card_type.generation();
        let anchor = Issuer::new().ca_certificate(generation).expect("it has a CA");
        add("anchors", format!("ca{choice}.der"), anchor.clone());
        let other = Issuer::other().ca_certificate(generation).expect("it has a CA");
        add(
            "anchors",
            format!("two{choice}.pem"),
            [pem(&anchor), pem(&other)].concat(),
        );
    }
}

fn logs(add: Add<'_>) {
    let log = &*evidence::LOG;
    add("evidence", "whole".to_owned(), log.clone());
    let lines: Vec<&[u8]> = log.split_inclusive(|&byte| byte == b'\n').collect();
    add("evidence", "opening".to_owned(), lines[0].to_vec());
    add("evidence", "torn".to_owned(), log[..log.len() - 40].to_vec());
    add(
        "evidence",
        "swapped".to_owned(),
        [lines[0], lines[2], lines[1]].concat(),
    );
    // A personal part deleted: what stands behind the last but one tilde.
    let personal = lines[2].iter().rposition(|&byte| byte == b'~');
    let before = personal.and_then(|end| lines[2][..end].iter().rposition(|&byte| byte == b'~'));
    let cut = before.map_or(lines[2], |at| &lines[2][..=at]);
    add(
        "evidence",
        "deleted".to_owned(),
        [lines[0], lines[1], cut, b"\r\n"].concat(),
    );
}

fn pages(add: Add<'_>) {
    let page = |result: &str| {
        format!(
            "<!DOCTYPE html><html lang=ja><head><meta charset=utf-8><title>照会</title></head><body><h1>結果</h1>\
             <div id=result><p>{result}</p></div><form action=/a method=post><input name=n><select name=d></select>\
             <img src=/p></form></body></html>"
        )
    };
    let not_listed = "照会された番号は、失効番号の一覧にありません。";
    for (name, text) in [
        ("not-listed", page(not_listed)),
        ("lapsed", page("照会された番号は、失効番号の一覧にあります。")),
        (
            "both",
            page(
                "照会された番号は、失効番号の一覧にあります。</p><p hidden>照会された番号は、失効番号の一覧にありません。",
            ),
        ),
        (
            "entities",
            page("&#29031;会された番号は、<b>失効</b>番号の一覧にあり<!-- -->ません。"),
        ),
        ("maintenance", page("メンテナンス中です。")),
        (
            "script",
            page("<script>照会された番号は、失効番号の一覧にありません。</script>"),
        ),
        (
            "refresh",
            page(not_listed).replace("<title>", "<meta http-equiv=refresh content=0><title>"),
        ),
        ("deep", format!("<html>{}</html>", "<div>".repeat(300))),
        ("cut", page(not_listed).replace("</body></html>", "")),
    ] {
        add("service_page", name.to_owned(), [&[1], text.as_bytes()].concat());
    }
}

/// RFC 7468.
fn pem(der: &[u8]) -> Vec<u8> {
    let base64 = Base64::encode_string(der);
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n").into_bytes()
}

fn session(limits: u8, answers: &[Vec<u8>]) -> Vec<u8> {
    let mut input = vec![limits];
    for answer in answers {
        push_block(&mut input, Some(answer));
    }
    input
}

fn sessions(add: Add<'_>) {
    let mut both = |name: &str, input: Vec<u8>| {
        add("whole_session", name.to_owned(), input.clone());
        add("redaction", name.to_owned(), input);
    };
    for card_type in READABLE {
        for (form, limits) in [("short", SHORT), ("extended", EXTENDED), ("shortest", 2)] {
            let answers = genuine::answers(genuine::small(card_type), LIMITS[usize::from(limits)]);
            both(&format!("{}-{form}", name(card_type)), session(limits, &answers));
        }
    }
    for (card_type, form, limits) in [
        (CardType::FirstResidenceCard, "short", SHORT),
        (CardType::SecondResidenceCard, "extended", EXTENDED),
    ] {
        let answers = genuine::answers(genuine::issued(card_type), LIMITS[usize::from(limits)]);
        both(
            &format!("{}-whole-{form}", name(card_type)),
            session(limits, &answers),
        );
    }
    // The reader fails at the first long answer; what follows is short.
    let mut input = session(EXTENDED, &[]);
    push_block(&mut input, None);
    let answers = genuine::answers(
        genuine::small(CardType::SecondResidenceCard),
        LIMITS[usize::from(SHORT)],
    );
    input.extend(session(SHORT, &answers).split_off(1));
    both("undelivered", input);
    // A card that brings its files byte by byte, for ever.
    let answers = genuine::answers(
        genuine::small(CardType::FirstResidenceCard),
        LIMITS[usize::from(SHORT)],
    );
    let mut input = session(SHORT, &answers[..5]);
    let no_images: [&[u8]; 4] = [&[0x90, 0x00], &[0x6A, 0x82], &[0x6A, 0x82], &[0x90, 0x00]];
    for answer in no_images.into_iter().chain([&b"x\x90\x00"[..]; 1100]) {
        push_block(&mut input, Some(answer));
    }
    both("byte-by-byte", input);
    for (name, mut card) in other_cards() {
        let mut input = vec![SHORT];
        let commands: [&[u8]; 4] = [
            &[0x00, 0xB0, 0x8B, 0x00, 0x00],
            &[0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00],
            &[0x00, 0xB0, 0x8B, 0x00, 0x00],
            b"\x00\xA4\x04\x0C\x10\xD3\x92\xF0\x00\x4F\x01\0\0\0\0\0\0\0\0\0\0",
        ];
        for command in commands {
            push_block(&mut input, Some(&card.process(command)));
        }
        push_block(&mut input, Some(b"\xC1\x0207\x90\x00"));
        both(name, input);
    }

    // One answer in each state: the one that the complete card gives there.
    for card_type in READABLE {
        let answers = genuine::answers(genuine::small(card_type), LIMITS[usize::from(EXTENDED)]);
        for (before, answer) in (0_u8..).zip(&answers) {
            let input = [&[EXTENDED, choice(card_type, &READABLE), before], &answer[..]].concat();
            add("answer", format!("{}-{before:02}", name(card_type)), input);
        }
    }

    operations(add);
}

fn other_cards() -> [(&'static str, SoftwareCard); 3] {
    let specified = SoftwareCard::specified_card(CardType::SpecifiedResidenceCard);
    [
        ("my-number-card", SoftwareCard::my_number_card()),
        ("specified-card", specified.expect("it is one")),
        ("foreign-card", SoftwareCard::foreign_card(0x6D00)),
    ]
}

fn operations(add: Add<'_>) {
    // Operations of `operation_sequences`, behind limits and card; 1 and a number are that many honest answers.
    for (name, input) in [
        ("honest-first", &[SHORT, 0][..]),
        ("honest-second", &[EXTENDED, 2]),
        ("undelivered", &[EXTENDED, 2, 1, 5, 6]),
        ("flipped", &[EXTENDED, 2, 1, 8, 2, 0, 9, 1]),
        ("cut", &[EXTENDED, 3, 1, 8, 3, 0, 40]),
        ("status", &[SHORT, 3, 1, 9, 4, 0x6A, 0x82]),
        ("end-of-file", &[SHORT, 1, 1, 6, 4, 0x62, 0x82]),
        ("raw", &[SHORT, 2, 1, 2, 5, 2, 0x67, 0x00]),
        ("reset", &[EXTENDED, 2, 1, 6, 7]),
        ("other-card", &[EXTENDED, 1, 1, 4, 8]),
        ("stale", &[EXTENDED, 2, 0, 0, 9]),
        ("longer", &[EXTENDED, 2, 1, 7, 10, 2, 0xAA, 0xBB]),
        (
            "other-program",
            &[EXTENDED, 2, 1, 7, 11, 7, 0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00],
        ),
        ("again", &[SHORT, 2, 1, 3, 12, 1, 7, 12]),
    ] {
        add("operation_sequences", name.to_owned(), input.to_vec());
    }
    // Card, limits, lengths; then command, whether every later one too, fault, and what that takes.
    for (name, input) in [
        ("none", &[2, 0, 0][..]),
        ("short-by-status", &[2, 1, 1]),
        ("short-by-error", &[3, 1, 2]),
        ("error", &[2, 0, 0, 9, 0, 0, 11]),
        ("error-afterwards", &[2, 1, 0, 8, 0, 1, 10]),
        ("gone", &[2, 0, 0, 5, 0, 2, 5]),
        ("status", &[2, 0, 0, 7, 0, 3, 0x69, 0x82]),
        ("longer", &[2, 1, 0, 3, 0, 4, 2, 0xAA, 0xBB]),
        ("nothing", &[2, 0, 0, 6, 0, 5, 0]),
        ("no-data", &[2, 1, 0, 9, 0xFF, 6]),
        ("other-status", &[2, 0, 0, 12, 0, 7, 0x62, 0x82]),
    ] {
        add("drivers", name.to_owned(), input.to_vec());
    }
}

fn texts(add: Add<'_>) {
    for card_type in READABLE {
        let files = genuine::small(card_type).card_files();
        let dump = Reading::new(files, number(), genuine::now()).to_dump();
        add("dump", format!("{}.json", name(card_type)), dump.into_bytes());
        for (form, limits) in [("short", SHORT), ("extended", EXTENDED)] {
            let recording = recording(genuine::small(card_type), LIMITS[usize::from(limits)]);
            assert!(zairyu::replay(&recording).is_ok());
            let text = recording.to_text().into_bytes();
            add("recording", format!("{}-{form}.txt", name(card_type)), text);
        }
    }
    let mut files = genuine::small(CardType::SecondResidenceCard).card_files();
    files.insert(File::PrintedEntries, vec![0; 1000].into());
    let dump = Reading::new(files, number(), genuine::now()).to_dump();
    add("dump", "too-long.json".to_owned(), dump.into_bytes());

    let mut every_form = Recording::new(Limits::EXTENDED);
    every_form.set_header("random", &random_hex()).expect("a header");
    every_form.set_header("reader", "any").expect("a header");
    let read = vec![0x00, 0xB0, 0x8B, 0x00, 0x00, 0x00, 0x00];
    every_form.extend([
        Exchange::Command {
            command: read,
            outcome: Err(ErrorKind::ExchangeFailed),
        },
        Exchange::Reset { outcome: Ok(()) },
        Exchange::Reset {
            outcome: Err(ErrorKind::CardRemoved),
        },
    ]);
    add(
        "recording",
        "every-form.txt".to_owned(),
        every_form.to_text().into_bytes(),
    );
}

fn random_hex() -> String {
    RANDOM.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As `zairyu::read_recorded` makes it, but for the random numbers.
fn recording(card: &IssuedCard, limits: MessageLimits) -> Recording {
    let mut recording = Recording::new(Limits::new(limits.command, limits.response));
    recording.set_header("random", &random_hex()).expect("a header");
    let mut redactor = Redactor::new(number(), Randomness::new(RANDOM), limits).expect("the limits suffice");
    for answer in genuine::answers(card, limits) {
        let (command, response) = redactor.exchange(&answer).expect("the reading goes on");
        recording.push(Exchange::Command {
            command,
            outcome: Ok(response),
        });
    }
    recording
}

fn pictures(add: Add<'_>) {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    for folder in ["zairyu-image/tests/samples", "zairyu-testcard/assets"] {
        let entries = std::fs::read_dir(crates.join(folder)).expect("the pictures are there");
        for entry in entries.flatten() {
            let path = entry.path();
            let target = match path.extension().and_then(|extension| extension.to_str()) {
                Some("tif") => "tiff",
                Some("jp2" | "j2k") => "jpeg2000",
                Some("jpg") => "jpeg",
                _ => continue,
            };
            let name = entry.file_name().into_string().expect("a name in ASCII");
            add(
                target,
                name,
                std::fs::read(path).expect("the picture can be read"),
            );
        }
    }

    // ISO/IEC 15444-1, A.5.1: the sides of the picture, and of its tiles.
    let sample = crates.join("zairyu-image/tests/samples/face-97.j2k");
    let mut huge = std::fs::read(sample).expect("the picture can be read");
    for at in [8, 12, 24, 28] {
        huge[at..at + 4].copy_from_slice(&8000_u32.to_be_bytes());
    }
    add("jpeg2000", "huge.j2k".to_owned(), huge);
}
