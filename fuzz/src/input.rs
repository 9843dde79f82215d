//! Takes an input apart.

/// The rest of an input. Where it is too short, numbers are 0 and pieces are cut.
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn take(&mut self, length: usize) -> &'a [u8] {
        let (piece, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        piece
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    pub(crate) fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// One of these, by the next byte.
    pub(crate) fn choose<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// Two bytes of length, big-endian, and that many bytes. A length of `FFFF` stands for [`Block::Absent`].
    pub(crate) fn block(&mut self) -> Option<Block<'a>> {
        if self.is_empty() {
            return None;
        }
        Some(match self.number() {
            u16::MAX => Block::Absent,
            length => Block::Bytes(self.take(length.into())),
        })
    }
}

/// What a block's length announces.
pub(crate) enum Block<'a> {
    Bytes(&'a [u8]),
    Absent,
}

/// Writes a block.
pub(crate) fn push_block(bytes: &mut Vec<u8>, block: Option<&[u8]>) {
    let Some(block) = block else {
        return bytes.extend([0xFF, 0xFF]);
    };
    let length = u16::try_from(block.len()).expect("no seed has a longer block");
    bytes.extend(length.to_be_bytes());
    bytes.extend(block);
}
