//! 在留カード等番号: what people type, what is refused and in which words, and that nothing of it leaks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use zairyu_data::{CardNumber, CardNumberError, Expected, LookAlike};
use zeroize::{Zeroize, ZeroizeOnDrop};

const NUMBER: &str = "AB12345678CD";

fn refused(typed: &str) -> CardNumberError {
    CardNumber::parse(typed).unwrap_err()
}

#[test]
fn what_people_type_becomes_the_number() {
    for typed in [
        "AB12345678CD",
        "ab12345678cd",
        "aB12345678cD",
        " AB12345678CD\r\n",
        "AB 1234 5678 CD",
        "AB-12345678-CD",
        "ＡＢ１２３４５６７８ＣＤ",
        "ａｂ１２３４５６７８ｃｄ",
        "ＡＢ　１２３４５６７８　ＣＤ",
        "ＡＢ－１２３４－５６７８－ＣＤ",
        "ABー12345678ーCD",
        "\u{FEFF}AB12345678CD",
        "A\u{200B}B1\u{200D}2345\u{2060}678CD",
        "\u{202A}AB12345678CD\u{202C}",
        "\u{2066}AB12345678CD\u{2069}",
    ] {
        let number = CardNumber::parse(typed).unwrap();
        assert_eq!(number.expose(), NUMBER, "{typed:?}");
        assert_eq!(number.expose_bytes(), b"AB12345678CD");
        assert!(typed.parse::<CardNumber>().unwrap() == number);
    }
}

#[test]
fn the_example_of_the_specification_is_a_number() {
    assert_eq!(
        CardNumber::parse("AA12345678BB").unwrap().expose(),
        "AA12345678BB"
    );
}

const SEPARATORS: [char; 38] = [
    ' ', '\t', '\n', '\r', '\u{00A0}', '\u{2003}', '\u{2009}', '\u{202F}', '\u{3000}', // spaces
    '-', '\u{00AD}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2043}',
    '\u{2212}', '\u{2500}', '\u{30FC}', '\u{FE58}', '\u{FE63}', '\u{FF0D}', '\u{FF70}', // hyphens
    '\u{200B}', '\u{200C}', '\u{200D}', '\u{200E}', '\u{200F}', '\u{202A}', '\u{202C}', '\u{202E}',
    '\u{2060}', '\u{2066}', '\u{2068}', '\u{2069}', '\u{FEFF}', // without width
];

#[test]
fn every_separator_is_dropped_wherever_it_stands() {
    for separator in SEPARATORS {
        for position in 0..=NUMBER.len() {
            let mut typed = NUMBER.to_owned();
            typed.insert(position, separator);
            let number = CardNumber::parse(&typed);
            assert!(
                number.is_ok_and(|number| number.expose() == NUMBER),
                "{separator:?} at {position}"
            );
        }
    }
}

#[test]
fn nothing_typed() {
    for typed in ["", " ", "\u{3000}", "--", "\u{FEFF}"] {
        assert_eq!(refused(typed), CardNumberError::Empty);
    }
    assert_eq!(
        CardNumberError::Empty.to_string(),
        "No card number was given: a card number has two letters, eight digits and two letters, like AB12345678CD"
    );
}

#[test]
fn too_short_and_too_long() {
    for found in 1..12 {
        assert_eq!(refused(&NUMBER[..found]), CardNumberError::WrongLength { found });
    }
    assert_eq!(
        refused("AB12345678CDE"),
        CardNumberError::WrongLength { found: 13 }
    );
    // Whatever comes behind the twelfth character is only counted.
    assert_eq!(
        refused("AB12345678CDé%"),
        CardNumberError::WrongLength { found: 14 }
    );
    let long = NUMBER.repeat(10_000);
    assert_eq!(refused(&long), CardNumberError::WrongLength { found: 120_000 });
    assert_eq!(
        refused("AB1234").to_string(),
        "The card number has 6 characters instead of 12: a card number has two letters, eight digits and two \
         letters, like AB12345678CD"
    );
}

/// Positions 1, 2, 11 and 12 take a letter, the others a digit.
fn expected(position: usize) -> Expected {
    match position {
        1 | 2 | 11 | 12 => Expected::Letter,
        _ => Expected::Digit,
    }
}

fn with_character(position: usize, character: char) -> String {
    let mut characters: Vec<char> = NUMBER.chars().collect();
    characters[position - 1] = character;
    characters.into_iter().collect()
}

#[test]
fn characters_that_belong_nowhere_are_refused_everywhere() {
    // Among them what looks like, or what Unicode upper-cases to, a letter or a digit: Cyrillic A, long s, dotless i,
    // Kelvin sign, Arabic and circled digits, half-width katakana.
    for character in [
        '%',
        '_',
        '.',
        '/',
        '\0',
        'é',
        '\u{0410}',
        '\u{017F}',
        '\u{0131}',
        '\u{212A}',
        '\u{0663}',
        '①',
        '²',
        'ｱ',
        '一',
        '😀',
        '\u{1D7CE}',
        '！',
    ] {
        for position in 1..=12 {
            assert_eq!(
                refused(&with_character(position, character)),
                CardNumberError::WrongCharacter {
                    position,
                    expected: expected(position),
                    look_alike: None,
                },
                "{character:?}"
            );
        }
    }
    assert_eq!(
        refused("A%12345678CD").to_string(),
        "Character 2 of the card number must be a letter: a card number has two letters, eight digits and two \
         letters, like AB12345678CD"
    );
    assert_eq!(
        refused("AB1Z345678CD").to_string(),
        "Character 4 of the card number must be a digit: a card number has two letters, eight digits and two \
         letters, like AB12345678CD"
    );
}

#[test]
fn letter_o_and_digit_0_by_position() {
    for (typed, position) in [("O", 3), ("o", 6), ("Ｏ", 10), ("ｏ", 8)] {
        let error = refused(&with_character(position, typed.chars().next().unwrap()));
        assert_eq!(
            error,
            CardNumberError::WrongCharacter {
                position,
                expected: Expected::Digit,
                look_alike: Some(LookAlike {
                    typed: 'O',
                    meant: '0'
                }),
            }
        );
        assert_eq!(
            error.to_string(),
            format!(
                "Character {position} of the card number must be a digit and is the letter O: is it the digit 0?"
            )
        );
    }
    for (typed, position) in [('0', 1), ('0', 2), ('０', 11), ('0', 12)] {
        let error = refused(&with_character(position, typed));
        assert_eq!(
            error,
            CardNumberError::WrongCharacter {
                position,
                expected: Expected::Letter,
                look_alike: Some(LookAlike {
                    typed: '0',
                    meant: 'O'
                }),
            }
        );
        assert_eq!(
            error.to_string(),
            format!(
                "Character {position} of the card number must be a letter and is the digit 0: is it the letter O?"
            )
        );
    }
}

#[test]
fn letter_i_and_digit_1_by_position() {
    for position in 3..=10 {
        for typed in ['I', 'i', 'Ｉ'] {
            assert_eq!(
                refused(&with_character(position, typed)).to_string(),
                format!(
                    "Character {position} of the card number must be a digit and is the letter I: is it the digit 1?"
                )
            );
        }
    }
    for position in [1, 2, 11, 12] {
        for typed in ['1', '１'] {
            assert_eq!(
                refused(&with_character(position, typed)).to_string(),
                format!(
                    "Character {position} of the card number must be a letter and is the digit 1: is it the letter I?"
                )
            );
        }
    }
}

#[test]
fn look_alikes_where_they_belong_are_left_alone() {
    assert_eq!(
        CardNumber::parse("OI01010101IO").unwrap().expose(),
        "OI01010101IO"
    );
}

#[test]
fn positions_do_not_count_separators() {
    assert!(matches!(
        refused(" AB - 1O345678 CD"),
        CardNumberError::WrongCharacter { position: 4, .. }
    ));
}

/// Every piece of the number of three characters.
fn shows_any_of(shown: &str, number: &str) -> bool {
    number
        .as_bytes()
        .windows(3)
        .any(|piece| shown.contains(std::str::from_utf8(piece).unwrap()))
}

#[test]
fn no_message_shows_the_number() {
    let secret = "QX90817263ZK";
    let number = CardNumber::parse(secret).unwrap();
    assert_eq!(format!("{number:?}"), "CardNumber(..)");
    assert_eq!(format!("{:#?}", Some(&number)), "Some(\n    CardNumber(..),\n)");
    let mut wrong = vec![format!("{secret}7"), secret[..11].to_owned()];
    for position in 1..=12 {
        for character in ['%', 'O', '0', 'I', '1', 'é'] {
            let mut characters: Vec<char> = secret.chars().collect();
            characters[position - 1] = character;
            wrong.push(characters.into_iter().collect());
        }
    }
    let mut errors = 0;
    for typed in wrong {
        if let Err(error) = CardNumber::parse(&typed) {
            errors += 1;
            for shown in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
                assert!(!shows_any_of(&shown, secret), "{shown}");
                assert!(!shown.contains(['%', 'é']), "{shown}");
            }
        }
    }
    assert_eq!(errors, 2 + 12 * 4, "of six characters, two fit at each position");
}

#[test]
fn it_is_wiped() {
    fn wiped_on_drop<T: ZeroizeOnDrop>() -> bool {
        std::mem::needs_drop::<T>()
    }
    assert!(wiped_on_drop::<CardNumber>());
    let mut number = CardNumber::parse(NUMBER).unwrap();
    number.zeroize();
    assert_eq!(number.expose_bytes(), &[0; 12]);
}

proptest! {
    #[test]
    fn any_text_is_a_number_or_an_error(typed in any::<String>()) {
        if let Ok(number) = CardNumber::parse(&typed) {
            prop_assert!(CardNumber::parse(number.expose()) == Ok(number));
        }
    }

    #[test]
    fn texts_that_come_close_become_numbers_of_the_right_form(
        typed in "[A-Za-zＡ-Ｚ01OI]{2}[ -]?[0-9０-９OI]{7,9}[ 　]?[A-Z0-9ａ-ｚ]{2}",
    ) {
        match CardNumber::parse(&typed) {
            Ok(number) => {
                let bytes = number.expose_bytes();
                prop_assert!(bytes[..2].iter().chain(&bytes[10..]).all(u8::is_ascii_uppercase));
                prop_assert!(bytes[2..10].iter().all(u8::is_ascii_digit));
            }
            Err(CardNumberError::WrongLength { found }) => prop_assert!(found != 12),
            Err(CardNumberError::WrongCharacter { position, .. }) => prop_assert!((1..=12).contains(&position)),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }

    /// Width, case and separators change nothing; any other change of a character changes the number or is refused.
    #[test]
    fn only_the_characters_count(
        number in "[A-Z]{2}[0-9]{8}[A-Z]{2}",
        wide in prop::collection::vec(any::<bool>(), 12),
        small in prop::collection::vec(any::<bool>(), 12),
        separators in prop::collection::vec(prop::option::of(prop::sample::select(&SEPARATORS)), 12),
        position in 0_usize..12,
        other in prop::char::range('!', '~'),
    ) {
        let mut typed = String::new();
        for (index, character) in number.chars().enumerate() {
            let character = if small[index] { character.to_ascii_lowercase() } else { character };
            let code = u32::from(character) + if wide[index] { 0xFEE0 } else { 0 };
            typed.push(char::from_u32(code).unwrap());
            typed.extend(separators[index]);
        }
        let parsed = CardNumber::parse(&typed).unwrap();
        prop_assert_eq!(parsed.expose(), number.as_str());

        let mut changed: Vec<char> = number.chars().collect();
        prop_assume!(changed[position] != other.to_ascii_uppercase());
        changed[position] = other;
        let changed: String = changed.into_iter().collect();
        prop_assert!(CardNumber::parse(&changed).map_or(true, |changed| changed != parsed));
    }
}
