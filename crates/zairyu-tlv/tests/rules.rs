//! The rules of the crate's front page, one by one, then for all inputs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use hex_literal::hex;
use proptest::prelude::*;
use zairyu_tlv::{Error, ErrorKind, Header, MAX_OBJECTS, Reader, Tag, encode_header};

fn objects(bytes: &[u8]) -> Result<Vec<(u16, Vec<u8>)>, Error> {
    let mut reader = Reader::new(bytes);
    let mut found = Vec::new();
    while let Some(object) = reader.next_object()? {
        assert_eq!(
            &bytes[object.value_offset()..][..object.value().len()],
            object.value()
        );
        found.push((object.tag().number(), object.value().to_vec()));
    }
    Ok(found)
}

fn refused(bytes: &[u8]) -> (ErrorKind, usize) {
    let error = objects(bytes).unwrap_err();
    (error.kind(), error.offset())
}

#[test]
fn one_and_two_byte_tags() {
    assert_eq!(
        objects(&hex!("C0 04 30303031")).unwrap(),
        [(0xC0, b"0001".to_vec())]
    );
    // The residence image: the second tag byte has its high bit set and still ends the tag.
    assert_eq!(
        objects(&hex!("DFD1 01 AA C2 00")).unwrap(),
        [(0xDFD1, vec![0xAA]), (0xC2, vec![])]
    );
}

#[test]
fn every_length_form_even_if_longer_than_needed() {
    for encoded in [
        &hex!("C1 01 31")[..],
        &hex!("C1 81 01 31"),
        &hex!("C1 82 0001 31"),
    ] {
        assert_eq!(objects(encoded).unwrap(), [(0xC1, b"1".to_vec())]);
    }
    assert_eq!(refused(&hex!("C1 80 31 0000")), (ErrorKind::IndefiniteLength, 1));
    for wide in 0x83..=0xFF {
        assert_eq!(
            refused(&[0xDF, 0xD1, wide, 0, 0, 0, 1]),
            (ErrorKind::LengthTooWide, 2)
        );
    }
}

#[test]
fn filler_ends_the_list() {
    assert_eq!(objects(&[0; 122]).unwrap(), []);
    assert_eq!(objects(&hex!("D8 01 30 0000")).unwrap(), [(0xD8, b"0".to_vec())]);
    assert_eq!(
        refused(&hex!("D8 01 30 00 00 D8 01 30")),
        (ErrorKind::DataBehindFiller, 5)
    );
}

#[test]
fn every_truncation_is_named_with_its_place() {
    assert_eq!(refused(&hex!("DF")), (ErrorKind::TagTruncated, 1));
    assert_eq!(refused(&hex!("C1 01 31 DF")), (ErrorKind::TagTruncated, 4));
    assert_eq!(refused(&hex!("C1")), (ErrorKind::LengthTruncated, 1));
    assert_eq!(refused(&hex!("C1 81")), (ErrorKind::LengthTruncated, 2));
    assert_eq!(refused(&hex!("DFD1 82 01")), (ErrorKind::LengthTruncated, 4));
    let kind = ErrorKind::ValueTruncated {
        declared: 7000,
        available: 2,
    };
    assert_eq!(refused(&hex!("D0 82 1B58 4949")), (kind, 0));
}

#[test]
fn the_object_budget_holds() {
    assert_eq!(
        objects(&[0xC1, 0].repeat(MAX_OBJECTS)).unwrap().len(),
        MAX_OBJECTS
    );
    assert_eq!(
        refused(&[0xC1, 0].repeat(MAX_OBJECTS + 1)),
        (ErrorKind::TooManyObjects, 2 * MAX_OBJECTS)
    );
}

#[test]
fn debug_shows_no_value() {
    let object = Reader::new(b"\xC2\x02AB").next_object().unwrap().unwrap();
    assert_eq!(format!("{object:?}"), "Object(C2, 2 bytes at 2)");
}

#[test]
fn too_long_a_value_has_no_header() {
    assert_eq!(
        encode_header(Tag::new(0xD0), 65_536, &mut [0; Header::MAX_LEN]),
        None
    );
}

proptest! {
    #[test]
    fn any_bytes_end_in_objects_or_an_error_inside_the_input(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        match objects(&bytes) {
            Ok(found) => prop_assert!(found.iter().map(|(_, value)| value.len()).sum::<usize>() <= bytes.len()),
            Err(error) => prop_assert!(error.offset() <= bytes.len()),
        }
    }

    #[test]
    fn what_is_encoded_is_read_back(tag in prop_oneof![0x01u16..=0x1E, 0xC0u16..=0xDE, 0xDF00u16..=0xDFFF],
                                    value in proptest::collection::vec(any::<u8>(), 0..70_000usize)) {
        let mut buffer = [0; Header::MAX_LEN];
        let header = encode_header(Tag::new(tag), value.len(), &mut buffer);
        prop_assert_eq!(header.is_some(), value.len() <= 65_535);
        if let Some(header) = header {
            let encoded = [header, &value].concat();
            prop_assert_eq!(objects(&encoded).unwrap(), [(tag, value)]);
        }
    }
}
