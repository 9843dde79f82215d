//! The card as a transport: limits, resets, faults, trace; and cards that are no residence card.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod opened;

use hex_literal::hex;
use opened::*;
use zairyu_data::{CardType, File};
use zairyu_testcard::{ApduLengths, CardBuilder, CardFault, Exchange, Issuer, SoftwareCard};
use zairyu_transport::{ErrorKind, Fault, FaultInjector, Limits, Transport};

const TYPE_05: CardType = CardType::SecondResidenceCard;
const READ_TYPE: [u8; 5] = hex!("00B08A0000");
const TYPE_FILE: [u8; 6] = hex!("C10230359000");
/// The card number's file, whole, under secure messaging.
const READ_NUMBER: [u8; 13] = hex!("08B0810000000496020000 0000");

fn card() -> SoftwareCard {
    closed(CardBuilder::new(TYPE_05), TYPE_05)
}

/// Opens the card and selects DF1: four commands.
fn to_df1(card: &mut impl Transport) {
    for command in [
        &GET_CHALLENGE[..],
        &SECOND.mutual_authenticate,
        &SECOND.verify,
        &DF1,
    ] {
        assert_eq!(status(&card.transmit(command).unwrap()), 0x9000);
    }
}

fn error(card: &mut impl Transport, command: &[u8]) -> ErrorKind {
    card.transmit(command).unwrap_err().kind()
}

#[test]
fn extended_lengths_fail_as_asked() {
    let extended = hex!("00B08A00000000");
    let mut usual = card();
    assert_eq!(usual.transmit(&extended).unwrap(), TYPE_FILE);

    let mut by_status = card().with_lengths(ApduLengths::ShortOnlyByStatus);
    assert_eq!(by_status.transmit(&extended).unwrap(), hex!("6700"));
    assert_eq!(by_status.transmit(&READ_TYPE).unwrap(), TYPE_FILE);

    for kind in [ErrorKind::LengthNotSupported, ErrorKind::ExchangeFailed] {
        let mut by_error = card().with_lengths(ApduLengths::ShortOnlyByError(kind));
        assert_eq!(error(&mut by_error, &extended), kind);
        assert_eq!(by_error.transmit(&READ_TYPE).unwrap(), TYPE_FILE);
    }

    let mut cut = card().with_lengths(ApduLengths::CutResponses(4));
    assert_eq!(cut.transmit(&extended).unwrap(), TYPE_FILE[..4]);
    assert_eq!(cut.transmit(&MF).unwrap(), hex!("9000"));
}

#[test]
fn reader_keeps_to_its_limits() {
    let mut card = card().with_limits(Limits::new(7, 5));
    assert_eq!(card.limits(), Limits::new(7, 5));
    assert_eq!(error(&mut card, &READ_TYPE), ErrorKind::LengthNotSupported);
    assert_eq!(card.transmit(&hex!("00B08A0003")).unwrap(), hex!("C102309000"));
    assert_eq!(error(&mut card, &[0; 8]), ErrorKind::LengthNotSupported);
}

#[test]
fn reset_is_one_of_power() {
    let mut card = card();
    to_df1(&mut card);
    assert_eq!(status(&card.transmit(&READ_NUMBER).unwrap()), 0x9000);
    card.reset().unwrap();
    assert_eq!(card.transmit(&READ_NUMBER).unwrap(), hex!("6985"));
    // The MF is current again, and all can begin anew.
    assert_eq!(card.transmit(&READ_TYPE).unwrap(), TYPE_FILE);
    to_df1(&mut card);
    assert_eq!(status(&card.transmit(&READ_NUMBER).unwrap()), 0x9000);
}

#[test]
fn a_lost_response_is_executed_a_lost_command_is_not() {
    for (fault, expected) in [
        (Fault::Error(ErrorKind::TimedOut), 0x6A82),
        (Fault::ErrorAfterwards(ErrorKind::TimedOut), 0x6982),
    ] {
        let mut card = FaultInjector::new(card()).inject(0, fault);
        assert_eq!(error(&mut card, &DF3), ErrorKind::TimedOut);
        assert_eq!(status(&card.transmit(&hex!("00B0820000")).unwrap()), expected);
    }
}

#[test]
fn silent_reset_and_other_card_lose_the_session() {
    let other = Issuer::new()
        .issue(&CardBuilder::new(CardType::FirstResidenceCard))
        .unwrap();
    for (fault, card_type) in [
        (CardFault::SilentReset, &TYPE_FILE[..]),
        (CardFault::OtherCard(Box::new(other)), &hex!("C101319000")),
    ] {
        let mut card = card().inject(4, fault);
        to_df1(&mut card);
        assert_eq!(card.transmit(&READ_NUMBER).unwrap(), hex!("6985"));
        assert_eq!(card.transmit(&READ_TYPE).unwrap(), card_type);
    }
}

#[test]
fn echo_does_nothing() {
    let mut card = card().inject(0, CardFault::Echo).inject(0, CardFault::Plain);
    assert_eq!(card.transmit(&DF1).unwrap(), [&DF1[5..], &hex!("9000")].concat());
    // The MF is still selected.
    assert_eq!(card.transmit(&READ_TYPE).unwrap(), TYPE_FILE);
}

#[test]
fn faults_of_encryption_change_no_plain_response() {
    for fault in [
        CardFault::Plain,
        CardFault::NoPadding,
        CardFault::ZeroPadding,
        CardFault::PaddingOnly,
    ] {
        let mut card = card().inject(0, fault);
        assert_eq!(card.transmit(&READ_TYPE).unwrap(), TYPE_FILE);
    }
}

#[test]
fn faults_of_encryption() {
    // The object C2, twelve bytes: fourteen together, so two of padding.
    let content = hex!("C20C 414131323334353637384242");
    for (fault, plaintext) in [
        (None, [&content[..], &[0x80, 0x00]].concat()),
        (Some(CardFault::NoPadding), Vec::new()),
        (Some(CardFault::ZeroPadding), [&content[..], &[0, 0]].concat()),
        (
            Some(CardFault::PaddingOnly),
            hex!("80000000000000000000000000000000").to_vec(),
        ),
    ] {
        let mut card = card();
        if let Some(fault) = fault.clone() {
            card = card.inject(4, fault);
        }
        to_df1(&mut card);
        let response = card.transmit(&READ_NUMBER).unwrap();
        assert_eq!(usize::from(response[1]), response.len() - 4, "{fault:?}");
        assert_eq!(decrypted(&response), plaintext, "{fault:?}");
    }
    let mut card = card().inject(4, CardFault::Plain);
    to_df1(&mut card);
    assert_eq!(
        card.transmit(&READ_NUMBER).unwrap(),
        [&content[..], &hex!("9000")].concat()
    );
}

#[test]
fn trace_shows_commands_and_no_data() {
    let mut card = card().with_trace().with_limits(Limits::new(21, 258));
    card.transmit(&DF1).unwrap();
    card.transmit(&READ_NUMBER).unwrap();
    card.transmit(&[0; 22]).unwrap_err();
    let [select, read, lost] = card.trace() else {
        panic!("three commands")
    };
    assert_eq!(select.header, hex!("00A4040C"));
    assert_eq!(
        select.selected.as_deref(),
        Some(&hex!("D392F0004F0200000000000000000000")[..])
    );
    assert_eq!(
        (
            select.command_len,
            select.extended,
            select.response_len,
            select.outcome
        ),
        (21, false, 2, Ok(Some(0x9000)))
    );
    assert_eq!((read.selected.as_ref(), read.extended), (None, true));
    assert_eq!(read.outcome, Ok(Some(0x6985)));
    assert_eq!(lost.outcome, Err(ErrorKind::LengthNotSupported));
    assert_eq!(lost.response_len, 0);
    // Without asking for it there is none.
    let mut silent = SoftwareCard::my_number_card();
    silent.process(&MF);
    assert_eq!(silent.trace(), &[] as &[Exchange]);
}

#[test]
fn system_randomness_differs_and_seeded_randomness_does_not() {
    use zairyu_testcard::Randomness;
    let issued = Issuer::new().issue(&CardBuilder::new(TYPE_05)).unwrap();
    let challenges = |randomness: Option<Randomness>| {
        let mut card = SoftwareCard::new(issued.clone());
        if let Some(randomness) = randomness {
            card = card.with_randomness(randomness);
        }
        [card.process(&GET_CHALLENGE), card.process(&GET_CHALLENGE)]
    };
    let [one, other] = challenges(None);
    assert_ne!(one, other);
    let seeded = challenges(Some(Randomness::Seeded(7)));
    assert_ne!(seeded[0], seeded[1]);
    assert_eq!(seeded, challenges(Some(Randomness::Seeded(7))));
    assert_ne!(seeded, challenges(Some(Randomness::Seeded(8))));
}

/// A virtual reader serves its card from another thread.
#[test]
fn cards_can_change_threads() {
    let mut card = card();
    let answer = std::thread::spawn(move || card.process(&READ_TYPE)).join();
    assert_eq!(answer.unwrap(), TYPE_FILE);
}

#[test]
fn atr_is_that_of_a_type_b_card() {
    let atr = card().power_up();
    assert_eq!(atr[..8], hex!("3B88800100000000"));
    assert_eq!(atr.len(), 13);
    assert_eq!(atr[1..].iter().fold(0, |check, byte| check ^ byte), 0);
}

/// 在留AP of a specified card.
const RESIDENCE: [u8; 21] = hex!("00A4040C10 D392F0004F0100000000000000000000");
/// 公的個人認証AP of a My Number Card.
const JPKI: [u8; 15] = hex!("00A4040C0A D392F000260100000001");

#[test]
fn my_number_card_has_no_residence_application() {
    let mut card = SoftwareCard::my_number_card();
    for command in [&RESIDENCE[..], &DF1, &DF2, &DF3, &READ_TYPE, &hex!("00B08B0000")] {
        assert_eq!(card.process(command), hex!("6A82"), "{command:02X?}");
    }
    assert_eq!(card.process(&MF), hex!("9000"));
    assert_eq!(card.process(&JPKI), hex!("9000"));
    assert_eq!(card.process(&READ_TYPE), hex!("6A82"));
    assert_eq!(card.process(&GET_CHALLENGE), hex!("6D00"));
}

#[test]
fn specified_card_shows_type_and_common_data_and_no_more() {
    for (card_type, type_file) in [
        (CardType::SpecifiedResidenceCard, hex!("C10230379000")),
        (CardType::SpecifiedSpecialPermanentResident, hex!("C10230389000")),
    ] {
        let mut card = SoftwareCard::specified_card(card_type).unwrap();
        assert_eq!(card.process(&READ_TYPE), hex!("6A82"));
        assert_eq!(card.process(&RESIDENCE), hex!("9000"));
        assert_eq!(card.process(&READ_TYPE), type_file);
        assert_eq!(card.process(&hex!("00B08A0003")), hex!("C102309000"));
        assert_eq!(card.process(&hex!("00B08B0000")), hex!("C004303030319000"));
        assert_eq!(card.process(&hex!("00B08A0400")), hex!("6B00"));
        assert_eq!(card.process(&hex!("00B0810000")), hex!("6982"));
        assert_eq!(card.process(&DF1), hex!("6A82"));
        assert_eq!(card.process(&hex!("80AE000000")), hex!("6D00"));
        assert_eq!(card.process(&GET_CHALLENGE), hex!("6D00"));
        // Power and another application end the selection.
        for end in [true, false] {
            card.process(&RESIDENCE);
            if end {
                card.power_down();
            } else {
                card.process(&JPKI);
            }
            assert_eq!(card.process(&READ_TYPE), hex!("6A82"));
        }
    }
    assert!(SoftwareCard::specified_card(TYPE_05).is_none());
}

#[test]
fn foreign_card_says_the_same_to_everything() {
    for status in [hex!("6D00"), hex!("6E00"), hex!("6A86")] {
        let mut card = SoftwareCard::foreign_card(u16::from_be_bytes(status));
        for command in [&READ_TYPE[..], &MF, &RESIDENCE, &GET_CHALLENGE, &[]] {
            assert_eq!(card.transmit(command).unwrap(), status);
        }
    }
}

#[test]
fn a_file_put_there_afterwards_is_read() {
    let mut issued = Issuer::new().issue(&CardBuilder::new(TYPE_05)).unwrap();
    issued.replace(File::CardType, hex!("C1023039"));
    issued.remove(File::CommonData);
    let mut card = SoftwareCard::new(issued);
    assert_eq!(card.transmit(&READ_TYPE).unwrap(), hex!("C10230399000"));
    assert_eq!(card.transmit(&hex!("00B08B0000")).unwrap(), hex!("6A82"));
}

#[test]
fn debug_shows_no_data() {
    let card = card();
    let shown = format!(
        "{card:?} {:?} {:?} {:?}",
        card.issued().unwrap(),
        CardBuilder::new(TYPE_05),
        Issuer::new()
    );
    for secret in ["12345678", "19851231", "USA", "[", "0x"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
