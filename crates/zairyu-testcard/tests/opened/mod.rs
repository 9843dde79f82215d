//! A card of the worked examples, opened as they open it.

#![allow(dead_code)] // Not every test needs everything.

use aes::Aes128;
use cbc::cipher::{Array, BlockModeDecrypt as _, KeyIvInit as _};
use hex_literal::hex;
use zairyu_data::{CardType, Generation};
use zairyu_testcard::{CardBuilder, Issuer, Randomness, SoftwareCard};

/// The card number of both worked examples.
pub(crate) const NUMBER: &str = "AA12345678BB";

pub(crate) const GET_CHALLENGE: [u8; 5] = hex!("0084000008");
pub(crate) const DF1: [u8; 21] = hex!("00A4040C10 D392F0004F0200000000000000000000");
pub(crate) const DF2: [u8; 21] = hex!("00A4040C10 D392F0004F0300000000000000000000");
pub(crate) const DF3: [u8; 21] = hex!("00A4040C10 D392F0004F0400000000000000000000");
pub(crate) const MF: [u8; 7] = hex!("00A4000002 3F00");

/// The APDUs and numbers of a worked example.
pub(crate) struct Example {
    pub(crate) challenge: [u8; 8],
    pub(crate) card_half: [u8; 16],
    pub(crate) mutual_authenticate: [u8; 46],
    pub(crate) answer: [u8; 42],
    pub(crate) verify: [u8; 24],
    pub(crate) session_key: [u8; 16],
}

/// 在留カード等仕様書 Ver 1.5, 別添2.
pub(crate) const FIRST: Example = Example {
    challenge: hex!("5A6E7E385162B7A3"),
    card_half: hex!("19D049490FFF52EEDBFCB930BC810ED0"),
    mutual_authenticate: hex!(
        "0082000028 937745C20883A1BAD1E04193722A1592378F81A8F1DC589157AEB0F7544FA1BA 1AD7FB6A3389E017 00"
    ),
    answer: hex!("5860775B4D032CC564BA204B8EA868F694A74E7475A8FEF240588BDA1AF496CE 59388FD6CD45248B 9000"),
    verify: hex!("0820008613 861101 1AA82973DB959A811F9711D728F0EEF6"),
    session_key: hex!("CE94938E19E3B97DF96EABCEDC1715CC"),
};

/// 第２世代在留カード等仕様書 Ver 1.1, Appendix 2.
pub(crate) const SECOND: Example = Example {
    challenge: hex!("921CE277323DA057"),
    card_half: hex!("2CC6AF9B8B607C662FDCAD27B401D08B"),
    mutual_authenticate: hex!(
        "0082000028 4AD3C7B6BB484A52771977DED618B41DF841FA0476A05FBE041DEAD6109E773B AC854617634F5397 00"
    ),
    answer: hex!("289A96B1DA6AE3DA87770419BFD14F0BDAD15F36432B5A946C188C7221759A62 FA942EC51E62FF5F 9000"),
    verify: hex!("0820008613 861101 EE0B31EF877F68D071C56D58C72E6748"),
    session_key: hex!("C19CF13D3D7FBEE9EA293D834C88952F"),
};

pub(crate) const fn example(card_type: CardType) -> &'static Example {
    match card_type.generation() {
        Generation::First => &FIRST,
        _ => &SECOND,
    }
}

/// Issues a card with the worked examples' number and random numbers; not yet opened.
pub(crate) fn closed(builder: CardBuilder, card_type: CardType) -> SoftwareCard {
    let example = example(card_type);
    let issued = Issuer::new().issue(&builder.number(NUMBER)).unwrap();
    SoftwareCard::new(issued).with_randomness(Randomness::Fixed {
        challenge: example.challenge,
        key: example.card_half,
    })
}

/// The same, with the worked example's commands behind it.
pub(crate) fn opened(builder: CardBuilder, card_type: CardType) -> SoftwareCard {
    let mut card = closed(builder, card_type);
    open(&mut card, example(card_type));
    card
}

pub(crate) fn open(card: &mut SoftwareCard, example: &Example) {
    card.process(&GET_CHALLENGE);
    assert_eq!(card.process(&example.mutual_authenticate), example.answer);
    assert_eq!(card.process(&example.verify), hex!("9000"));
}

/// The response's status word.
pub(crate) fn status(response: &[u8]) -> u16 {
    u16::from_be_bytes(*response.last_chunk().unwrap())
}

/// The padded content of the one object in a response of the second worked example's session.
pub(crate) fn decrypted(response: &[u8]) -> Vec<u8> {
    let begin = match response[1] {
        0x82 => 5,
        0x81 => 4,
        _ => 3,
    };
    let mut data = response[begin..response.len() - 2].to_vec();
    cbc::Decryptor::<Aes128>::new(&SECOND.session_key.into(), &[0; 16].into())
        .decrypt_blocks(Array::slice_as_chunks_mut(&mut data).0);
    data
}
