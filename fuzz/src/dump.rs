//! Text, as a saved reading.
//!
//! A reading that is read back is saved to a dump of the same reading; its files fit the card's type; neither errors nor
//! `Debug` show anything of the content.

use zairyu::Reading;

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
    for (file, content) in reading.files().iter() {
        let entry = reading
            .files()
            .card_type()
            .entry(file)
            .expect("the type has the file");
        // What comes before a file's size is known, or with longer lengths than need be.
        assert!(content.len() <= entry.capacity + 256);
    }
    let dump = reading.to_dump();
    let again = Reading::from_dump(&dump).expect("a dump can be read");
    assert_eq!(&again, reading);
    assert_eq!(again.to_dump(), dump);
    assert!(!format!("{reading:?}").contains(reading.number().expose()));
}
