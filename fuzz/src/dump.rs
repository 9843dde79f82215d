//! Text, as a saved reading.
//!
//! A reading that is read back is saved to a dump of the same reading; its files fit the card's type; neither errors nor
//! `Debug` show anything of the content.

use zairyu::Reading;
use zairyu_data::CardType;

use crate::memory::{self, KIB};

pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    match memory::within(64 * KIB + 8 * text.len(), || Reading::from_dump(text)) {
        Ok(reading) => check(&reading),
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.is_empty() && shown.len() < 200, "{shown}");
        }
    }
}

fn check(reading: &Reading) {
    // A specified card's own files depend on a profile; its dump has the places of the second generation.
    let table = match reading.files().card_type() {
        CardType::SpecifiedResidenceCard => CardType::SecondResidenceCard,
        CardType::SpecifiedSpecialPermanentResident => CardType::SecondSpecialPermanentResident,
        own => own,
    };
    for (file, content) in reading.files().iter() {
        let entry = table.entry(file).expect("the type has the file");
        // What comes before a file's size is known, or with longer lengths than need be.
        assert!(content.len() <= entry.capacity + 256);
    }
    let dump = reading.to_dump();
    let again = Reading::from_dump(&dump).expect("a dump can be read");
    assert_eq!(&again, reading);
    assert_eq!(again.to_dump(), dump);
    assert!(!format!("{reading:?}").contains(reading.number().expose()));
}
