//! Any bytes, as the card type file.
//!
//! A type that is read has its code in the file, and is the one of that code; errors point into the file.

use zairyu_data::CardType;

use crate::memory::{self, KIB};

pub fn run(input: &[u8]) {
    match memory::within(8 * KIB, || CardType::from_file(input)) {
        Ok(card_type) => {
            let code = card_type.code().as_bytes();
            assert!(input.windows(code.len()).any(|window| window == code));
            assert_eq!(CardType::from_code(code), Some(card_type));
        }
        Err(error) => {
            assert!(error.offset() <= input.len());
            assert!(!error.to_string().is_empty());
        }
    }
    if let Some(card_type) = CardType::from_code(input) {
        assert_eq!(card_type.code().as_bytes(), input);
    }
}
