//! The data objects in a file, with the bytes that signatures cover.
//!
//! Cards mix lengths in their shortest form with longer ones, and fill files up with `FF` or `00`. Nothing is found by a
//! fixed offset, and nothing is encoded again: a hash over anything but the bytes as they stand would not match.

use alloc::vec::Vec;

use zairyu_tlv::{Reader, Tag};

use crate::application::File;

/// Why a file is not what such a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file} is damaged at byte {offset}: {kind}")]
pub struct FileFault {
    /// Which file.
    pub file: File,
    /// What is wrong.
    pub kind: FileFaultKind,
    /// Where, in bytes from the file's start.
    pub offset: usize,
}

/// What can be wrong in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileFaultKind {
    /// There is no data object.
    #[error("{0}")]
    Object(zairyu_tlv::ErrorKind),
    /// The data object has another tag.
    #[error("object {found} instead of {expected}")]
    OtherTag {
        /// The tag that such a file begins with.
        expected: Tag,
        /// The tag found.
        found: Tag,
    },
    /// Something other than `FF` or `00` follows the data object.
    #[error("data behind the file's object")]
    BehindObject,
    /// A data object is missing.
    #[error("object {0} is missing")]
    Missing(Tag),
    /// A data object is there twice.
    #[error("object {0} is there twice")]
    Twice(Tag),
    /// The file's own list of offsets does not point to its objects.
    #[error("the list of offsets is wrong")]
    Offsets,
    /// A value is not of the kind that the object holds.
    #[error("object {0} does not hold what it should")]
    Value(Tag),
}

/// One object.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    tag: Tag,
    /// Tag, length and value, as they stand.
    pub(crate) raw: &'a [u8],
    pub(crate) value: &'a [u8],
    /// From the file's start.
    offset: usize,
}

/// The objects within a file's outer one.
pub(crate) struct Objects<'a> {
    file: File,
    objects: Vec<Object<'a>>,
}

impl<'a> Objects<'a> {
    /// Takes a file apart: one object of this tag, filler, and nothing else.
    pub(crate) fn in_file(file: File, bytes: &'a [u8], tag: u16) -> Result<Self, FileFault> {
        let fault = |kind, offset| FileFault { file, kind, offset };
        let expected = Tag::new(tag);
        let mut reader = Reader::new(bytes);
        let outer = reader
            .next_object()
            .map_err(|error| fault(FileFaultKind::Object(error.kind()), error.offset()))?
            .ok_or(fault(FileFaultKind::Missing(expected), 0))?;
        let found = outer.tag();
        if found != expected {
            return Err(fault(FileFaultKind::OtherTag { expected, found }, 0));
        }
        let end = reader.offset();
        let filler = bytes.get(end..).unwrap_or_default();
        if let Some(at) = filler.iter().position(|&byte| byte != 0xFF && byte != 0x00) {
            return Err(fault(FileFaultKind::BehindObject, end.saturating_add(at)));
        }
        Self::in_value(file, outer.value(), outer.value_offset())
    }

    /// The objects in a value that begins at this offset of the file.
    pub(crate) fn in_value(file: File, value: &'a [u8], offset: usize) -> Result<Self, FileFault> {
        let mut reader = Reader::new(value);
        let mut objects = Vec::new();
        loop {
            let start = reader.offset();
            let object = reader.next_object().map_err(|error| FileFault {
                file,
                kind: FileFaultKind::Object(error.kind()),
                offset: offset.saturating_add(error.offset()),
            })?;
            let Some(object) = object else {
                return Ok(Self { file, objects });
            };
            objects.push(Object {
                tag: object.tag(),
                raw: value.get(start..reader.offset()).unwrap_or_default(),
                value: object.value(),
                offset: offset.saturating_add(start),
            });
        }
    }

    /// The one object of this tag.
    pub(crate) fn get(&self, tag: u16) -> Result<Object<'a>, FileFault> {
        let tag = Tag::new(tag);
        let mut found = self.objects.iter().filter(|object| object.tag == tag);
        let fault = |kind, offset| FileFault {
            file: self.file,
            kind,
            offset,
        };
        match (found.next(), found.next()) {
            (Some(object), None) => Ok(*object),
            (_, Some(second)) => Err(fault(FileFaultKind::Twice(tag), second.offset)),
            (None, None) => Err(fault(FileFaultKind::Missing(tag), 0)),
        }
    }

    /// Checks the file's own list of offsets, if it has one: two bytes for each object behind it.
    pub(crate) fn check_offsets(&self, list: u16) -> Result<(), FileFault> {
        let Ok(list) = self.get(list) else {
            return Ok(());
        };
        let behind = self
            .objects
            .iter()
            .skip_while(|object| object.offset <= list.offset);
        let places = behind.filter_map(|object| u16::try_from(object.offset).ok());
        let listed = list.value.chunks_exact(2).map(|pair| match *pair {
            [high, low] => u16::from_be_bytes([high, low]),
            _ => 0,
        });
        if list.value.len() % 2 == 0 && places.eq(listed) {
            Ok(())
        } else {
            Err(self.fault_at(list, FileFaultKind::Offsets))
        }
    }

    /// The fault of a value that is not of its object's kind.
    pub(crate) fn wrong_value(&self, object: Object<'_>) -> FileFault {
        self.fault_at(object, FileFaultKind::Value(object.tag))
    }

    fn fault_at(&self, object: Object<'_>, kind: FileFaultKind) -> FileFault {
        FileFault {
            file: self.file,
            kind,
            offset: object.offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Objects<'_>, FileFault> {
        Objects::in_file(File::Attributes, bytes, 0xFF20)
    }

    #[test]
    fn both_forms_of_the_header_and_both_fillers() {
        let objects = b"\xDF\x24\x02ab\xDF\x25\x82\x00\x01c";
        for header in [
            &[0xFF, 0x20, 11][..],
            &[0xFF, 0x20, 0x81, 11],
            &[0xFF, 0x20, 0x82, 0x00, 11],
        ] {
            for filler in [&[][..], &[0xFF, 0xFF], &[0; 40], &[0xFF, 0x00, 0xFF]] {
                let file = [header, objects, filler].concat();
                let parsed = parse(&file).unwrap();
                assert_eq!(parsed.get(0xDF24).unwrap().value, b"ab");
                // The bytes as they stand, with the long length.
                assert_eq!(parsed.get(0xDF25).unwrap().raw, b"\xDF\x25\x82\x00\x01c");
            }
        }
    }

    #[test]
    fn faults_are_named_with_their_place() {
        let fault = |bytes: &[u8]| {
            parse(bytes)
                .err()
                .map(|fault| (fault.kind, fault.offset))
                .unwrap()
        };
        let (expected, found) = (Tag::new(0xFF20), Tag::new(0xFF10));
        assert_eq!(
            fault(&[0xFF, 0x10, 0]),
            (FileFaultKind::OtherTag { expected, found }, 0)
        );
        assert_eq!(fault(&[]), (FileFaultKind::Missing(expected), 0));
        assert_eq!(fault(&[0xFF, 0x20, 0, 0xFF, 1]), (FileFaultKind::BehindObject, 4));
        assert!(matches!(
            fault(&[0xFF, 0x20, 4, 0xDF, 0x22, 9, 0]),
            (FileFaultKind::Object(_), 3)
        ));
        assert!(matches!(fault(&[0xFF; 16]), (FileFaultKind::Object(_), _)));

        let twice = [0xFF, 0x20, 6, 0xDF, 0x22, 0, 0xDF, 0x22, 0];
        let fault = parse(&twice).unwrap().get(0xDF22).err().unwrap();
        assert_eq!(
            (fault.kind, fault.offset),
            (FileFaultKind::Twice(Tag::new(0xDF22)), 6)
        );
        let fault = parse(&twice).unwrap().get(0xDF23).err().unwrap();
        assert_eq!(fault.kind, FileFaultKind::Missing(Tag::new(0xDF23)));
    }

    #[test]
    fn offsets_must_point_to_the_objects_when_they_are_there() {
        let with = |list: &[u8]| {
            let value = [&[0xDF, 0x21, 4][..], list, &[0xDF, 0x22, 1, b'a', 0xDF, 0x23, 0]].concat();
            [&[0xFF, 0x20, 14][..], &value].concat()
        };
        assert!(
            parse(&with(&[0, 10, 0, 14]))
                .unwrap()
                .check_offsets(0xDF21)
                .is_ok()
        );
        for wrong in [[0, 10, 0, 15], [0, 14, 0, 10], [0, 7, 0, 11], [1, 10, 0, 14]] {
            let file = with(&wrong);
            let fault = parse(&file).unwrap().check_offsets(0xDF21).unwrap_err();
            assert_eq!((fault.kind, fault.offset), (FileFaultKind::Offsets, 3));
        }
        assert!(
            parse(&[0xFF, 0x20, 3, 0xDF, 0x22, 0])
                .unwrap()
                .check_offsets(0xDF21)
                .is_ok()
        );
    }
}
