//! Class 3: the answer to reset, its historical bytes and the reader's name are trusted.
//!
//! OpenSC CVE-2025-66038 (historical bytes), libccid CVE-2010-4530 (serial number). Here through the real `pcscd`. Names
//! that are not UTF-8 are shown with replacement characters; `zairyu-pcsc` tests what it makes of each byte of an answer
//! to reset (`diagnosis.rs`), which is a hint for a person, never a decision: cards are recognised by what they answer.

use std::time::Duration;

use zairyu::data::CardType;
use zairyu::pcsc::{OpenOptions, diagnose, readers};
use zairyu::transport::ErrorKind;
use zairyu_testcard::SoftwareCard;
use zairyu_virtual_reader::{Card, Fault, Pcscd, type_b_atr};

use crate::good;

struct WithAtr {
    card: SoftwareCard,
    atr: Vec<u8>,
}

impl Card for WithAtr {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }

    fn power_up(&mut self) {
        Card::power_up(&mut self.card);
    }

    fn power_down(&mut self) {
        Card::power_down(&mut self.card);
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault> {
        Card::transmit(&mut self.card, command)
    }
}

/// One test: there is one daemon in a process.
#[test]
fn names_and_answers_to_reset_of_any_kind() {
    let long = "L".repeat(100);
    let names = ["リーダー 非接触", "%s%n%x \u{1}", long.as_str()];
    let daemon = Pcscd::start(&names).unwrap();
    let issued = good(CardType::SecondResidenceCard);
    let mut read = 0;
    for name in names {
        let slot = daemon.reader(name);
        // The first is a contactless reader's for a card with odd data of its own.
        let usual = type_b_atr([0xFF; 4], [0x00, 0xFF, 0x25], 15);
        for atr in [
            usual.clone(),
            vec![0x3B],
            vec![0xFF; 33],
            // Historical bytes are announced and missing; then they are a text with a null byte.
            vec![0x3B, 0x8F, 0x80, 0x01],
            [&[0x3B, 0x8F, 0x80, 0x01][..], b"%s\0%n\xFF\xFE 01234", &[0x00]].concat(),
        ] {
            slot.insert(WithAtr {
                card: SoftwareCard::new(issued.clone()),
                atr: atr.clone(),
            });
            let wait = if atr == usual { 60 } else { 1 };
            match OpenOptions::new().wait(Duration::from_secs(wait)).open() {
                Ok(mut session) => {
                    let reading = zairyu::read(&mut session, issued.number()).unwrap();
                    assert_eq!(*reading.files(), issued.card_files());
                    read += 1;
                }
                // Whether pcscd takes such an answer for a card's is its own affair. That we come to an end is ours.
                Err(error) => {
                    assert!(
                        atr != usual && error.kind() == ErrorKind::NoCard,
                        "{name:?} {atr:02X?}: {error:?}"
                    );
                }
            }
            assert!(readers().unwrap().len() >= names.len());
            let diagnosis = diagnose(Duration::from_secs(20));
            assert!(diagnosis.advice().all(|line| !line.is_empty()));
            slot.remove();
        }
    }
    println!("{read} readings behind odd names and answers to reset");
    assert!(read >= names.len());
}
