//! Text, as a recording, which is then played back.
//!
//! What is read is written as a text of the same recording; `Debug` and errors show nothing of the content; playing back
//! ends with a reading or an error.

use zairyu_transport::Recording;

use crate::memory::{self, KIB};

pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    // An exchange of few characters is a few dozen bytes.
    match memory::within(4 * KIB + 64 * text.len(), || Recording::parse(text)) {
        Ok(recording) => {
            assert!(recording.exchanges().len() <= Recording::MAX_EXCHANGES);
            let written = recording.to_text();
            assert_eq!(Recording::parse(&written).as_ref(), Ok(&recording));
            match zairyu::replay(&recording) {
                Ok(reading) => assert!(reading.files().iter().count() >= 2),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        Err(error) => {
            assert!((1..=text.lines().count().max(1)).contains(&error.line), "{error}");
        }
    }
}
