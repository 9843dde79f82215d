//! Any bytes, as a list of data objects.
//!
//! Objects lie one behind another inside the input, at most [`MAX_OBJECTS`]; the reader always moves on or ends; errors
//! point into the input and repeat; what [`encode_header`] writes reads back; nothing is allocated.

use zairyu_tlv::{Header, MAX_OBJECTS, Reader, encode_header};

use crate::memory;

pub fn run(input: &[u8]) {
    memory::within(0, || walk(input));
}

fn walk(input: &[u8]) {
    let mut reader = Reader::new(input);
    let mut objects = 0;
    loop {
        let before = reader.offset();
        match reader.next_object() {
            Ok(Some(object)) => {
                objects += 1;
                assert!(objects <= MAX_OBJECTS);
                let end = object.value_offset() + object.value().len();
                assert!(before < object.value_offset() && end <= input.len());
                assert_eq!(reader.offset(), end);
                assert_eq!(&input[object.value_offset()..end], object.value());
                let header = Header::parse(&input[before..]).unwrap();
                assert_eq!(
                    (header.tag(), header.value_len()),
                    (object.tag(), object.value().len())
                );
                assert_eq!(before + header.header_len(), object.value_offset());

                let mut buffer = [0; Header::MAX_LEN];
                let shortest = encode_header(object.tag(), object.value().len(), &mut buffer).unwrap();
                assert!(shortest.len() <= header.header_len());
                let again = Header::parse(shortest).unwrap();
                assert_eq!(
                    (again.tag(), again.value_len()),
                    (header.tag(), header.value_len())
                );
                assert_eq!(again.header_len(), shortest.len());
            }
            Ok(None) => {
                assert_eq!(reader.offset(), before);
                assert!(input[before..].iter().all(|&byte| byte == 0));
                assert_eq!(reader.next_object(), Ok(None));
                return;
            }
            Err(error) => {
                assert!(before <= error.offset() && error.offset() <= input.len());
                assert_eq!(reader.offset(), before);
                assert_eq!(reader.next_object(), Err(error));
                return;
            }
        }
    }
}
