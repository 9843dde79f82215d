//! Class 3: the answer to reset, its historical bytes and the reader's name are trusted.
//!
//! OpenSC CVE-2025-66038 (historical bytes), libccid CVE-2010-4530 (serial number). Here through the real `pcscd`. Names
//! that are not UTF-8 are shown with replacement characters; `zairyu-pcsc` tests what it makes of each byte of an answer
//! to reset (`diagnosis.rs`), which is a hint for a person, never a decision: cards are recognised by what they answer.

use std::time::Duration;

use zairyu::data::CardType;
use zairyu::pcsc::{OpenOptions, diagnose, readers};
use zairyu_testcard::SoftwareCard;
use zairyu_virtual_reader::{Card, Fault, Pcscd};

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
    for name in names {
        let slot = daemon.reader(name);
        for atr in [
            vec![0x00],
            vec![0x3B],
            vec![0xFF; 33],
            // Historical bytes are announced and missing; then they are a text with a null byte.
            vec![0x3B, 0x8F, 0x80, 0x01],
            [&[0x3B, 0x8F, 0x80, 0x01][..], b"%s\0%n\xFF\xFE 0123456", &[0x00]].concat(),
        ] {
            slot.insert(WithAtr {
                card: SoftwareCard::new(issued.clone()),
                atr: atr.clone(),
            });
            let open = OpenOptions::new().wait(Duration::from_secs(60)).open();
            let mut session = open.unwrap_or_else(|error| panic!("{name:?} {atr:02X?}: {error:?}"));
            let reading = zairyu::read(&mut session, issued.number()).unwrap();
            assert_eq!(*reading.files(), issued.card_files());
            drop(session);
            assert!(readers().unwrap().len() >= names.len());
            let diagnosis = diagnose(Duration::from_secs(20));
            assert!(diagnosis.advice().all(|line| !line.is_empty()));
            slot.remove();
        }
    }
}
