use alloc::vec::Vec;

use zairyu_tlv::{Object, Reader, Tag};

use crate::{Error, ErrorKind, File};

/// The data objects of one file, no tag twice.
pub(crate) struct Objects<'a> {
    file: File,
    objects: Vec<Object<'a>>,
}

impl<'a> Objects<'a> {
    pub(crate) fn parse(file: File, bytes: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        let mut objects: Vec<Object<'a>> = Vec::new();
        while let Some(object) = reader
            .next_object()
            .map_err(|error| Error::new(file, ErrorKind::Tlv(error.kind()), error.offset()))?
        {
            if objects.iter().any(|earlier| earlier.tag() == object.tag()) {
                let kind = ErrorKind::DuplicateObject { tag: object.tag() };
                return Err(Error::new(file, kind, object.value_offset()));
            }
            objects.push(object);
        }
        Ok(Self { file, objects })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Object<'a>> {
        self.objects.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    pub(crate) fn optional(&self, tag: Tag) -> Option<Object<'a>> {
        self.objects.iter().find(|object| object.tag() == tag).copied()
    }

    pub(crate) fn required(&self, tag: Tag) -> Result<Object<'a>, Error> {
        self.optional(tag)
            .ok_or_else(|| Error::new(self.file, ErrorKind::MissingObject { tag }, 0))
    }
}
