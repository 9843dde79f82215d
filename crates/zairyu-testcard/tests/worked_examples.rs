//! The worked examples of both specifications, replayed from the card's side, and vectors computed from their keys.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod opened;

use hex_literal::hex;
use opened::*;
use sha2::{Digest as _, Sha256};
use zairyu_data::{CardType, File};
use zairyu_testcard::{CardBuilder, Field, Issuer, Randomness, SoftwareCard};

const TYPE_1: CardType = CardType::FirstResidenceCard;
const TYPE_05: CardType = CardType::SecondResidenceCard;

#[test]
fn authentication_of_both_generations() {
    for card_type in [TYPE_1, TYPE_05] {
        let example = example(card_type);
        let mut card = closed(CardBuilder::new(card_type), card_type);
        assert_eq!(
            card.process(&GET_CHALLENGE),
            [&example.challenge[..], &hex!("9000")].concat()
        );
        assert_eq!(card.process(&example.mutual_authenticate), example.answer);
        assert_eq!(card.process(&example.verify), hex!("9000"));
    }
}

/// 在留カード等仕様書 Ver 1.5, 別添2, from the first SELECT to the end: lengths and heads.
#[test]
fn reading_of_the_first_generation() {
    let mut card = opened(CardBuilder::new(TYPE_1), TYPE_1);
    assert_eq!(card.process(&DF1), hex!("9000"));
    let front = card.process(&hex!("08B0850000000496020000 0000"));
    assert_eq!(front[..5], hex!("86821B6101"));
    assert_eq!(front.len(), 7013 + 2);
    let face = card.process(&hex!("08B0860000000496020000 0000"));
    assert_eq!(face[..5], hex!("86820BC101"));
    assert_eq!(face.len(), 3013 + 2);
    assert_eq!(card.process(&DF3), hex!("9000"));
    let signature = card.process(&hex!("00B08200000000"));
    assert_eq!(signature[..4], hex!("DA820100"));
    assert_eq!(signature[260..264], hex!("DB8204B0"));
    assert_eq!(signature.len(), 1464 + 2);
}

/// 第２世代在留カード等仕様書 Ver 1.1, Appendix 2, likewise.
#[test]
fn reading_of_the_second_generation() {
    let mut card = opened(CardBuilder::new(TYPE_05), TYPE_05);
    assert_eq!(card.process(&DF1), hex!("9000"));
    let images = card.process(&hex!("08B0840000000496020000 0000"));
    assert_eq!(images[..5], hex!("8682159101"));
    assert_eq!(images.len(), 5 + 5520 + 2);
    assert_eq!(card.process(&DF3), hex!("9000"));
    let signature = card.process(&hex!("00B08200000000"));
    assert_eq!(signature[..2], hex!("DC60"));
    assert_eq!(signature[98..100], hex!("DD82"));
    assert_eq!(signature.len(), 704 + 2);
}

/// What a card of this type answers under secure messaging for a file of this content, read whole.
fn protected(card_type: CardType, file: File, content: &[u8]) -> Vec<u8> {
    let entry = card_type.entry(file).unwrap();
    let example = example(card_type);
    let mut issued = Issuer::new()
        .issue(&CardBuilder::new(card_type).number(NUMBER))
        .unwrap();
    issued.replace(file, content);
    let mut card = SoftwareCard::new(issued).with_randomness(Randomness::Fixed {
        challenge: example.challenge,
        key: example.card_half,
    });
    open(&mut card, example);
    if let Some(aid) = entry.folder.aid() {
        card.process(&[&hex!("00A4040C10")[..], aid].concat());
    }
    let response = card.process(&[0x08, 0xB0, 0x80 | entry.sfi, 0, 0, 0, 4, 0x96, 2, 0, 0, 0, 0]);
    assert_eq!(status(&response), 0x9000);
    response[..response.len() - 2].to_vec()
}

#[test]
fn secure_messaging_of_the_first_generation() {
    use File::{Address, CardType as Type, CommonData, FaceImage, FrontImage, RenewalApplication};
    let response = |file, content: &[u8]| protected(TYPE_1, file, content);
    assert_eq!(response(Type, &hex!("C10131")), hex!("8609018548 04F7563EC6D2"));
    assert_eq!(response(Type, &hex!("C10132")), hex!("860901AAAA1006D6D357F0"));
    assert_eq!(
        response(CommonData, &hex!("C00430303031")),
        hex!("860901A1F58E41BB527056")
    );
    assert_eq!(
        response(RenewalApplication, &hex!("D70131")),
        hex!("860901BFF596EBB0C3E427")
    );

    let front = response(FrontImage, &[&hex!("D0821B58")[..], &[0; 7000]].concat());
    assert_eq!(front.len(), 7013);
    assert_eq!(
        front[..23],
        hex!("86821B61016829FC99C15A499183FB9C10BD3F3596AF79")
    );
    assert_eq!(front[7005..], hex!("7B65B99DEFCB07CA"));
    assert_eq!(
        Sha256::digest(&front)[..],
        hex!("98d7dc04894f85e9eece348363a86de2a55743fd27b03473bd51e90e2061f1d0")
    );
    let face = response(FaceImage, &[&hex!("D1820BB8")[..], &[0; 3000]].concat());
    assert_eq!(face.len(), 3013);
    assert_eq!(face[..23], hex!("86820BC10169F364331FDF30531C4E67FE3700CB0A6392"));
    assert_eq!(face[3005..], hex!("6961040105BE3095"));
    assert_eq!(
        Sha256::digest(&face)[..],
        hex!("014f8686587910ce9f708f28816735e0847ad914e1af67fbbc8d74e0a5311a99")
    );

    let mut address = hex!("D208 3230313230333130 D306 313331303136 D4820140").to_vec();
    address.extend("東京都千代田区霞が関１－１－１".as_bytes());
    address.resize(342, 0);
    let address = response(Address, &address);
    assert_eq!(address.len(), 349);
    assert_eq!(
        Sha256::digest(&address)[..],
        hex!("75ad2a1734dca83014256e1dda95e818bdc7e466eaf740d06a15a8706f1a9f9c")
    );
}

#[test]
fn secure_messaging_of_the_second_generation() {
    assert_eq!(
        protected(TYPE_05, File::CardNumber, &hex!("C20C 414131323334353637384242")),
        hex!("861101143D1676C57ED659B4CA6DA06D251591")
    );
    // The same content when it is not put there by hand.
    let mut card = opened(CardBuilder::new(TYPE_05), TYPE_05);
    card.process(&DF1);
    assert_eq!(
        card.process(&hex!("08B081000000049602000000 00")),
        hex!("861101143D1676C57ED659B4CA6DA06D2515919000")
    );
}

#[test]
fn address_of_the_first_generation_is_encoded_as_the_vector() {
    let builder = CardBuilder::new(TYPE_1)
        .with(Field::AddressRecordedOn, "20120310")
        .with(Field::Address, "東京都千代田区霞が関１－１－１");
    let issued = Issuer::new().issue(&builder).unwrap();
    let content = issued.file(File::Address).unwrap();
    assert_eq!(
        Sha256::digest(protected(TYPE_1, File::Address, content))[..],
        hex!("75ad2a1734dca83014256e1dda95e818bdc7e466eaf740d06a15a8706f1a9f9c")
    );
}
