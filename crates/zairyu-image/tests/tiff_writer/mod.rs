//! Writes TIFF files, right and wrong, with Group 4 data from an independent encoder.

use fax::{Color, VecWriter, encoder::Encoder};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    fn u16(self, number: u16) -> [u8; 2] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    fn u32(self, number: u32) -> [u8; 4] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }
}

/// A directory entry: tag, type (3 is SHORT, 4 is LONG), declared count, and the bytes of its value field.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) tag: u16,
    pub(crate) kind: u16,
    pub(crate) count: u32,
    pub(crate) value: Vec<u8>,
}

/// A file with the strips first, then numbers that do not fit an entry, then the directory.
pub(crate) struct Tiff {
    order: ByteOrder,
    body: Vec<u8>,
    pub(crate) entries: Vec<Entry>,
    /// The offset of the next directory, written behind this one.
    pub(crate) next: u32,
}

impl Tiff {
    pub(crate) fn new(order: ByteOrder) -> Self {
        Self {
            order,
            body: vec![0; 8],
            entries: Vec::new(),
            next: 0,
        }
    }

    /// A right one.
    pub(crate) fn of_strips(
        order: ByteOrder,
        width: u32,
        height: u32,
        rows: u32,
        strips: &[Vec<u8>],
    ) -> Self {
        let mut file = Self::new(order);
        let mut offsets = Vec::new();
        for strip in strips {
            offsets.push(u32::try_from(file.body.len()).unwrap());
            file.body.extend(strip);
        }
        let lengths: Vec<u32> = strips
            .iter()
            .map(|strip| u32::try_from(strip.len()).unwrap())
            .collect();
        file.short(256, width);
        file.long(257, &[height]);
        file.short(259, 4);
        file.short(262, 0);
        file.long(273, &offsets);
        file.long(278, &[rows]);
        file.long(279, &lengths);
        file
    }

    pub(crate) fn short(&mut self, tag: u16, number: u32) {
        let mut value = self.order.u16(u16::try_from(number).unwrap()).to_vec();
        value.resize(4, 0);
        self.set(Entry {
            tag,
            kind: 3,
            count: 1,
            value,
        });
    }

    pub(crate) fn long(&mut self, tag: u16, numbers: &[u32]) {
        let mut value: Vec<u8> = numbers
            .iter()
            .flat_map(|number| self.order.u32(*number))
            .collect();
        if value.len() > 4 {
            let at = u32::try_from(self.body.len()).unwrap();
            self.body.append(&mut value);
            value = self.order.u32(at).to_vec();
        }
        self.set(Entry {
            tag,
            kind: 4,
            count: u32::try_from(numbers.len()).unwrap(),
            value,
        });
    }

    /// Adds an entry, in the place of one with the same tag.
    pub(crate) fn set(&mut self, entry: Entry) {
        self.entries.retain(|other| other.tag != entry.tag);
        self.entries.push(entry);
        self.entries.sort_by_key(|entry| entry.tag);
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut file = self.body.clone();
        let directory = u32::try_from(file.len()).unwrap();
        file[..2].copy_from_slice(if self.order == ByteOrder::Little {
            b"II"
        } else {
            b"MM"
        });
        file[2..4].copy_from_slice(&self.order.u16(42));
        file[4..8].copy_from_slice(&self.order.u32(directory));
        file.extend(self.order.u16(u16::try_from(self.entries.len()).unwrap()));
        for entry in &self.entries {
            file.extend(self.order.u16(entry.tag));
            file.extend(self.order.u16(entry.kind));
            file.extend(self.order.u32(entry.count));
            file.extend(&entry.value);
        }
        file.extend(self.order.u32(self.next));
        file
    }
}

/// Rows of pixels, black where true, as one strip.
pub(crate) fn group_4(rows: &[Vec<bool>]) -> Vec<u8> {
    let mut encoder = Encoder::new(VecWriter::new());
    for row in rows {
        let pixels = row
            .iter()
            .map(|black| if *black { Color::Black } else { Color::White });
        encoder
            .encode_line(pixels, u32::try_from(row.len()).unwrap())
            .unwrap();
    }
    encoder.finish().unwrap().finish()
}
