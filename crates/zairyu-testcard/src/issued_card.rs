use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use zairyu_data::{CardFiles, CardNumber, CardType, File, SecureMessagingProfile};

/// The content of an issued card: number and files, as they are on the chip.
///
/// What is changed here is changed after signing.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedCard {
    card_type: CardType,
    number: CardNumber,
    files: BTreeMap<File, Vec<u8>>,
    profile: Option<SecureMessagingProfile>,
}

impl IssuedCard {
    pub(crate) const fn new(
        card_type: CardType,
        number: CardNumber,
        files: BTreeMap<File, Vec<u8>>,
        profile: Option<SecureMessagingProfile>,
    ) -> Self {
        Self {
            card_type,
            number,
            files,
            profile,
        }
    }

    /// How a specified card is opened; `None` for the other types.
    #[must_use]
    pub const fn profile(&self) -> Option<&SecureMessagingProfile> {
        self.profile.as_ref()
    }

    /// The type, which decides commands and file table whatever the card type file says.
    #[must_use]
    pub const fn card_type(&self) -> CardType {
        self.card_type
    }

    /// The number that opens the card.
    #[must_use]
    pub const fn number(&self) -> &CardNumber {
        &self.number
    }

    /// A file's bytes, `None` when the card has no such file.
    #[must_use]
    pub fn file(&self, file: File) -> Option<&[u8]> {
        self.files.get(&file).map(Vec::as_slice)
    }

    /// All files at once, as a reading would bring them: for tests that need no reading.
    #[must_use]
    pub fn card_files(&self) -> CardFiles {
        let mut files = CardFiles::new(self.card_type);
        for (&file, content) in &self.files {
            files.insert(file, Bytes::copy_from_slice(content));
        }
        files
    }

    /// Changes one byte of a file: `xor` is combined with the byte at `offset` by exclusive or. A file or byte that is
    /// not there stays so, and `false` comes back.
    pub fn tamper(&mut self, file: File, offset: usize, xor: u8) -> bool {
        let byte = self.files.get_mut(&file).and_then(|file| file.get_mut(offset));
        match byte {
            Some(byte) => {
                *byte ^= xor;
                true
            }
            None => false,
        }
    }

    /// Puts other content in place of a file. It may have any length up to 65,536 bytes; more cannot be read.
    pub fn replace(&mut self, file: File, content: impl Into<Vec<u8>>) {
        self.files.insert(file, content.into());
    }

    /// Takes a file off the card.
    pub fn remove(&mut self, file: File) {
        self.files.remove(&file);
    }
}

/// Shows lengths only.
impl fmt::Debug for IssuedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuedCard({:?}, ", self.card_type)?;
        let lengths = self.files.iter().map(|(file, content)| (file, content.len()));
        f.debug_map().entries(lengths).finish()?;
        f.write_str(")")
    }
}
