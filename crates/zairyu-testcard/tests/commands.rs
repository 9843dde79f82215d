//! Access rights, status words, lengths, and what the card remembers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod opened;

use hex_literal::hex;
use opened::*;
use proptest::prelude::*;
use zairyu_data::{Access, CardType, File, FileEntry, Folder};
use zairyu_testcard::{CardBuilder, Randomness, SoftwareCard};

const TYPE_1: CardType = CardType::FirstResidenceCard;
const TYPE_05: CardType = CardType::SecondResidenceCard;
const ISSUED: [CardType; 4] = [
    TYPE_1,
    CardType::FirstSpecialPermanentResident,
    TYPE_05,
    CardType::SecondSpecialPermanentResident,
];

fn select(card: &mut SoftwareCard, folder: Folder) {
    let command = folder
        .aid()
        .map_or(MF.to_vec(), |aid| [&hex!("00A4040C10")[..], aid].concat());
    assert_eq!(card.process(&command), hex!("9000"));
}

const fn read_plain(entry: &FileEntry) -> [u8; 7] {
    [0x00, 0xB0, 0x80 | entry.sfi, 0, 0, 0, 0]
}

const fn read_secure(entry: &FileEntry) -> [u8; 13] {
    [0x08, 0xB0, 0x80 | entry.sfi, 0, 0, 0, 4, 0x96, 2, 0, 0, 0, 0]
}

fn answers(card: &mut SoftwareCard, command: &[u8]) -> u16 {
    status(&card.process(command))
}

/// How far a reading has come.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    PowerUp,
    Session,
    Opened,
}

#[test]
fn every_file_opens_to_its_access_right_and_nothing_less() {
    for card_type in ISSUED {
        let builder = CardBuilder::new(card_type);
        for stage in [Stage::PowerUp, Stage::Session, Stage::Opened] {
            let mut card = closed(builder.clone(), card_type);
            if stage != Stage::PowerUp {
                card.process(&GET_CHALLENGE);
                card.process(&example(card_type).mutual_authenticate);
            }
            if stage == Stage::Opened {
                card.process(&example(card_type).verify);
            }
            for entry in card_type.files() {
                select(&mut card, entry.folder);
                let plain = match (entry.access, stage) {
                    (Access::Free, _) | (Access::CardNumber, Stage::Opened) => 0x9000,
                    (Access::CardNumber | Access::CardNumberAndSecureMessaging, _) => 0x6982,
                };
                let secure = match (entry.access, stage) {
                    (_, Stage::PowerUp) => 0x6985,
                    (Access::Free, _) | (_, Stage::Opened) => 0x9000,
                    (_, Stage::Session) => 0x6982,
                };
                let what = format!("{card_type:?} {:?} {stage:?}", entry.file);
                assert_eq!(answers(&mut card, &read_plain(entry)), plain, "plain {what}");
                assert_eq!(answers(&mut card, &read_secure(entry)), secure, "secure {what}");
            }
        }
    }
}

#[test]
fn files_of_other_types_and_folders_are_not_there() {
    for card_type in ISSUED {
        let mut card = opened(CardBuilder::new(card_type), card_type);
        for folder in [Folder::Mf, Folder::Df1, Folder::Df2, Folder::Df3] {
            select(&mut card, folder);
            for sfi in 0..=31 {
                let there = card_type
                    .files()
                    .iter()
                    .any(|entry| entry.folder == folder && entry.sfi == sfi);
                let found = answers(&mut card, &[0x00, 0xB0, 0x80 | sfi, 0, 0]) != 0x6A82;
                assert_eq!(found, there, "{card_type:?} {folder:?} {sfi}");
            }
        }
    }
}

#[test]
fn plain_reading_gives_the_file_as_issued() {
    let mut card = opened(CardBuilder::new(TYPE_1), TYPE_1);
    let expected = card.issued().unwrap().file(File::Signature).unwrap().to_vec();
    select(&mut card, Folder::Df3);
    assert_eq!(
        card.process(&hex!("00B08200000000")),
        [&expected[..], &hex!("9000")].concat()
    );
}

#[test]
fn verify_replaces_the_authentication_and_never_blocks() {
    for card_type in [TYPE_1, TYPE_05] {
        let example = example(card_type);
        let mut card = opened(CardBuilder::new(card_type), card_type);
        select(&mut card, Folder::Df3);
        let signature = read_plain(card_type.entry(File::Signature).unwrap());
        assert_eq!(answers(&mut card, &signature), 0x9000);
        let mut wrong = example.verify;
        wrong[23] ^= 1;
        for _ in 0..50 {
            assert_eq!(card.process(&wrong), hex!("6300"));
        }
        assert_eq!(answers(&mut card, &signature), 0x6982);
        assert_eq!(card.process(&example.verify), hex!("9000"));
        assert_eq!(answers(&mut card, &signature), 0x9000);
    }
}

#[test]
fn challenge_is_good_for_the_next_command_only() {
    for card_type in [TYPE_1, TYPE_05] {
        let example = example(card_type);
        let mut card = closed(CardBuilder::new(card_type), card_type);
        assert_eq!(card.process(&example.mutual_authenticate), hex!("6985"));
        // Even a command that fails, and one of a class that does not exist, uses it up.
        for between in [&MF[..], &hex!("00B0810000"), &hex!("FF00"), &[]] {
            card.process(&GET_CHALLENGE);
            card.process(between);
            assert_eq!(
                card.process(&example.mutual_authenticate),
                hex!("6985"),
                "{between:02X?}"
            );
        }
        card.process(&GET_CHALLENGE);
        assert_eq!(card.process(&example.mutual_authenticate), example.answer);
        assert_eq!(card.process(&example.mutual_authenticate), hex!("6985"));
    }
}

#[test]
fn mutual_authenticate_wants_every_bit_right() {
    for card_type in [TYPE_1, TYPE_05] {
        let example = example(card_type);
        let mut card = closed(CardBuilder::new(card_type), card_type);
        for byte in 5..45 {
            let mut wrong = example.mutual_authenticate;
            wrong[byte] ^= 1;
            card.process(&GET_CHALLENGE);
            assert_eq!(card.process(&wrong), hex!("6300"), "byte {byte}");
        }
    }
}

/// A recorded exchange is worth nothing once the challenge is another.
#[test]
fn replayed_authentication_does_not_match() {
    for card_type in [TYPE_1, TYPE_05] {
        let mut card = closed(CardBuilder::new(card_type), card_type).with_randomness(Randomness::Seeded(1));
        card.process(&GET_CHALLENGE);
        assert_eq!(
            card.process(&example(card_type).mutual_authenticate),
            hex!("6300")
        );
        assert_eq!(card.process(&example(card_type).verify), hex!("6985"));
    }
}

#[test]
fn the_other_generations_exchange_does_not_match() {
    for (card_type, other) in [(TYPE_1, &SECOND), (TYPE_05, &FIRST)] {
        let mut card = closed(CardBuilder::new(card_type), card_type);
        card.process(&GET_CHALLENGE);
        assert_eq!(card.process(&other.mutual_authenticate), hex!("6300"));
    }
}

#[test]
fn session_outlives_selections_and_challenges() {
    let mut card = opened(CardBuilder::new(TYPE_05), TYPE_05);
    for command in [&DF2[..], &MF, &GET_CHALLENGE, &hex!("00A4040C02D392"), &DF3] {
        card.process(command);
    }
    assert_eq!(answers(&mut card, &hex!("00B0820000")), 0x9000);
}

#[test]
fn session_ends_with_power_and_with_a_failed_authentication() {
    let signature = hex!("00B0820000");
    let mut card = opened(CardBuilder::new(TYPE_05), TYPE_05);
    card.power_down();
    card.power_up();
    assert_eq!(answers(&mut card, &SECOND.verify), 0x6985);
    // The MF is current again.
    assert_eq!(card.process(&hex!("00B08A0000")), hex!("C10230359000"));

    let mut card = opened(CardBuilder::new(TYPE_05), TYPE_05);
    select(&mut card, Folder::Df3);
    card.process(&GET_CHALLENGE);
    assert_eq!(answers(&mut card, &FIRST.mutual_authenticate), 0x6300);
    assert_eq!(answers(&mut card, &signature), 0x6982);
    assert_eq!(answers(&mut card, &SECOND.verify), 0x6985);
}

#[test]
fn selecting() {
    let mut card = closed(CardBuilder::new(TYPE_05), TYPE_05);
    for (command, expected) in [
        (&MF[..], 0x9000),
        (&DF1, 0x9000),
        // More data than Lc says: Lc is believed (§4.2.1).
        (&hex!("00A40000023F00AABB"), 0x9000),
        (&hex!("00A4000002 3F01"), 0x6A82),
        (&hex!("00A4040C10 D392F0004F0100000000000000000000"), 0x6A82),
        (&hex!("00A4040C10 D392F0004F0500000000000000000000"), 0x6A82),
        (&hex!("00A4040C07 D392F0004F0200"), 0x6A87),
        (&hex!("00A4000001 3F"), 0x6A87),
        (&hex!("00A404000A D3921000310001010408"), 0x6A86),
        (&hex!("00A4020C02 0001"), 0x6A82),
        (&hex!("00A4040C10 D392F0"), 0x6700),
        (&hex!("08A4000002 3F00"), 0x6882),
        (&hex!("01A4000002 3F00"), 0x6E00),
    ] {
        assert_eq!(answers(&mut card, command), expected, "{command:02X?}");
    }
    let mut card = closed(CardBuilder::new(TYPE_1), TYPE_1);
    assert_eq!(answers(&mut card, &hex!("00A4020C02 0001")), 0x6A86);
}

#[test]
fn failed_selection_leaves_the_folder_selected() {
    let mut card = opened(CardBuilder::new(TYPE_05), TYPE_05);
    select(&mut card, Folder::Df3);
    assert_eq!(
        answers(&mut card, &hex!("00A4040C10 D392F0004F0500000000000000000000")),
        0x6A82
    );
    assert_eq!(answers(&mut card, &hex!("00B0820000")), 0x9000);
}

#[test]
fn status_words_of_the_other_commands() {
    let mut card = opened(CardBuilder::new(TYPE_05), TYPE_05);
    for (command, expected) in [
        // GET CHALLENGE wants exactly eight bytes.
        (&hex!("0084000008")[..], 0x9000),
        (&hex!("0084000000"), 0x6700),
        (&hex!("0084000010"), 0x6700),
        (&hex!("00840000"), 0x6700),
        (&hex!("00840000 00 0008"), 0x9000),
        (&hex!("0084000108"), 0x6A86),
        (&hex!("0884000008"), 0x6882),
        // VERIFY only under secure messaging, one object, P2 86.
        (&hex!("00200086 00"), 0x6982),
        (
            &hex!("08200081 13 861101 00000000000000000000000000000000"),
            0x6A86,
        ),
        (
            &hex!("08200186 13 861101 00000000000000000000000000000000"),
            0x6A86,
        ),
        (&hex!("08200086 03 860101"), 0x6700),
        (
            &hex!("08200086 13 871101 00000000000000000000000000000000"),
            0x6988,
        ),
        (
            &hex!("08200086 13 861102 00000000000000000000000000000000"),
            0x6988,
        ),
        (
            &hex!("08200086 13 861101 00000000000000000000000000000000"),
            0x6300,
        ),
        // MUTUAL AUTHENTICATE: lengths.
        (&hex!("00820000 02 0000 00"), 0x6700),
        (&hex!("00820000"), 0x6700),
        (&hex!("00820001 00"), 0x6985),
        (&hex!("08820000 00"), 0x6882),
        // READ BINARY.
        (&hex!("00B08A00"), 0x6700),
        (&hex!("00B08A00 01 00 00"), 0x6700),
        (&hex!("00B08A00 000000 0000"), 0x6700),
        (&hex!("00B0AA00 00"), 0x6A86),
        (&hex!("00B08104 00"), 0x6A82),
        (&hex!("00B08A04 00"), 0x6B00),
        // Classes and instructions that do not exist.
        (&hex!("00B2010400"), 0x6D00),
        (&hex!("80AE000000"), 0x6E00),
        (&hex!("00CA000000"), 0x6D00),
        (&hex!("01B08A0000"), 0x6881),
        (&hex!("0CB08A0000"), 0x6882),
        (&hex!("10B08A0000"), 0x6E00),
        (&hex!("00"), 0x6700),
        (&hex!("0084"), 0x6700),
        (&[], 0x6700),
    ] {
        assert_eq!(answers(&mut card, command), expected, "{command:02X?}");
    }
}

#[test]
fn secure_reading_wants_one_object_of_two_bytes() {
    let mut card = opened(CardBuilder::new(TYPE_05), TYPE_05);
    for (command, expected) in [
        (&hex!("08B08A00 04 96020000 00")[..], 0x9000),
        (&hex!("08B08A00 000004 96020000 0000"), 0x9000),
        (&hex!("08B08A00 04 96020004 00"), 0x9000),
        (&hex!("08B08A00 05 9603000004 00"), 0x6988),
        (&hex!("08B08A00 03 960104 00"), 0x6988),
        (&hex!("08B08A00 04 97020000 00"), 0x6988),
        (&hex!("08B08A00 00"), 0x6988),
        (&hex!("08B08A00 04 96020000"), 0x6700),
        (&hex!("08B08A00 04 96020000 00 00"), 0x6700),
        (&hex!("08B08A04 04 96020000 00"), 0x6B00),
        (&hex!("08B08C00 04 96020000 00"), 0x6A82),
        // Le allows less than the object is long.
        (&hex!("08B08A00 04 96020000 12"), 0x6700),
        (&hex!("08B08A00 04 96020000 13"), 0x9000),
    ] {
        assert_eq!(answers(&mut card, command), expected, "{command:02X?}");
    }
}

#[test]
fn reading_by_short_identifier_and_on_by_offset() {
    let mut card = opened(CardBuilder::new(TYPE_1), TYPE_1);
    let file = card.issued().unwrap().file(File::Signature).unwrap().to_vec();
    assert_eq!(answers(&mut card, &hex!("00B0000000")), 0x6986);
    select(&mut card, Folder::Df3);
    assert_eq!(answers(&mut card, &hex!("00B0000000")), 0x6986);

    // Short: 256 bytes at a time, the last one what is left.
    let mut read: Vec<u8> = Vec::new();
    let mut command = hex!("00B0820000");
    loop {
        let response = card.process(&command);
        assert_eq!(status(&response), 0x9000);
        read.extend(&response[..response.len() - 2]);
        if response.len() < 258 {
            break;
        }
        let [high, low] = u16::try_from(read.len()).unwrap().to_be_bytes();
        command = [0x00, 0xB0, high, low, 0x00];
    }
    assert_eq!(read, file);

    // An offset in P2, an Le in between, an Le beyond the end, and offsets at and behind it.
    assert_eq!(card.process(&hex!("00B0820402"))[..2], file[4..6]);
    assert_eq!(
        card.process(&hex!("00B005B0000100"))[..],
        [&file[1456..], &hex!("9000")].concat()
    );
    assert_eq!(answers(&mut card, &hex!("00B005B800")), 0x6B00);
    assert_eq!(answers(&mut card, &hex!("00B07FFF00")), 0x6B00);
    // Selecting a folder leaves no file current.
    select(&mut card, Folder::Df3);
    assert_eq!(answers(&mut card, &hex!("00B0000000")), 0x6986);
}

/// Each response is an object of its own, padded and encrypted by itself; 247 bytes are the most that fit a short
/// response.
#[test]
fn secure_reading_in_short_pieces() {
    for (card_type, piece, object_len) in [(TYPE_1, 0xF7, 252), (TYPE_05, 0xEF, 244)] {
        let mut card = opened(CardBuilder::new(card_type), card_type);
        select(&mut card, Folder::Df1);
        let entry = card_type
            .files()
            .iter()
            .find(|entry| entry.folder == Folder::Df1 && entry.capacity > 2000)
            .unwrap();
        // What does not fit is not read, so no file is current.
        let too_much = [0x08, 0xB0, 0x80 | entry.sfi, 0, 4, 0x96, 2, 0x01, 0x00, 0];
        assert_eq!(answers(&mut card, &too_much), 0x6700);
        assert_eq!(
            answers(&mut card, &[0x08, 0xB0, 0, 0, 4, 0x96, 2, 0, piece, 0]),
            0x6986
        );

        let by_sfi = [0x08, 0xB0, 0x80 | entry.sfi, 0, 4, 0x96, 2, 0, piece, 0];
        let by_offset = [0x08, 0xB0, 0, 0, 4, 0x96, 2, 0, piece, 0];
        let response = card.process(&by_sfi);
        assert_eq!(response.len(), object_len + 2, "{card_type:?}");
        assert_eq!(response[..2], hex!("8681"));
        // The same bytes, the same key, no counter: the same ciphertext.
        assert_eq!(card.process(&by_offset), response);
        // Four bytes fewer from four bytes further on are other blocks altogether.
        assert_ne!(
            card.process(&[0x08, 0xB0, 0, 4, 4, 0x96, 2, 0, piece, 0]),
            response
        );
    }
}

/// 在留カード等仕様書 Ver 1.5, Table 4-5: which status words each command may have.
fn listed(instruction: u8, status: u16) -> bool {
    const EVERYWHERE: [u16; 9] = [
        0x9000, 0x6283, 0x6400, 0x6700, 0x6882, 0x6985, 0x6988, 0x6D00, 0x6E00,
    ];
    let own: &[u16] = match instruction {
        0xA4 => &[0x6999, 0x6A82, 0x6A86, 0x6A87],
        0x20 => &[0x6300, 0x6881, 0x6981, 0x6982, 0x6984, 0x6986, 0x6A82, 0x6A86],
        0x84 => &[0x6881, 0x6A86],
        0x82 => &[0x6300, 0x6881],
        0xB0 => &[0x6881, 0x6981, 0x6982, 0x6986, 0x6A82, 0x6A86, 0x6B00],
        _ => &[0x6881],
    };
    EVERYWHERE.contains(&status) || own.contains(&status)
}

fn any_command() -> impl Strategy<Value = Vec<u8>> {
    let class = prop_oneof![4 => Just(0x00), 4 => Just(0x08), 1 => any::<u8>()];
    let instruction = prop_oneof![
        8 => prop::sample::select(vec![0xA4, 0x20, 0x84, 0x82, 0xB0]),
        1 => any::<u8>()
    ];
    let tail = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..30),
        prop::collection::vec(
            prop::sample::select(vec![0x00, 0x04, 0x86, 0x96, 0x02, 0x8A]),
            0..12
        ),
    ];
    (class, instruction, tail)
        .prop_map(|(class, instruction, tail)| [&[class, instruction], &tail[..]].concat())
}

/// Commands that are right, so that sequences get somewhere.
fn right_command() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec![
        GET_CHALLENGE.to_vec(),
        SECOND.mutual_authenticate.to_vec(),
        SECOND.verify.to_vec(),
        MF.to_vec(),
        DF1.to_vec(),
        DF2.to_vec(),
        DF3.to_vec(),
        hex!("00B0820000").to_vec(),
        hex!("08B0810000000496020000 0000").to_vec(),
        hex!("00B0000100").to_vec(),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_upset_the_card(commands in prop::collection::vec(any_command(), 1..20)) {
        let mut card = opened(CardBuilder::new(TYPE_05), TYPE_05);
        for command in commands {
            let response = card.process(&command);
            prop_assert!(listed(command[1], status(&response)), "{command:02X?} {response:02X?}");
        }
    }

    /// Whatever the order of commands: data beyond the MF comes only after challenge, authentication and VERIFY came
    /// one after another, as far as they must.
    #[test]
    fn nothing_opens_without_the_whole_sequence(
        commands in prop::collection::vec(right_command(), 1..40)
    ) {
        let mut card = closed(CardBuilder::new(TYPE_05), TYPE_05);
        let (mut challenge, mut session, mut verified, mut folder) = (false, false, false, Folder::Mf);
        for command in commands {
            let response = card.process(&command);
            match command[1] {
                0x84 => {}
                0x82 => { session |= challenge; verified &= !challenge; }
                0x20 => verified = session,
                0xA4 if command == MF => folder = Folder::Mf,
                0xA4 => folder = Folder::Df1,
                _ => if status(&response) == 0x9000 {
                    prop_assert!(verified && folder != Folder::Mf);
                },
            }
            challenge = command[1] == 0x84;
        }
    }
}
