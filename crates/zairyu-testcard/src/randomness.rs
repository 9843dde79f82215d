use sha2::{Digest as _, Sha256};

/// Where the card's random numbers come from: RND.ICC (8 bytes) and K.ICC (16 bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Randomness {
    /// The operating system.
    System,
    /// SHA-256 of this seed and a counter: the same numbers in each run.
    Seeded(u64),
    /// Always these, to replay the specifications' worked examples.
    Fixed {
        /// RND.ICC.
        challenge: [u8; 8],
        /// K.ICC.
        key: [u8; 16],
    },
}

pub(crate) struct Source {
    randomness: Randomness,
    drawn: u64,
}

impl Source {
    pub(crate) const fn new(randomness: Randomness) -> Self {
        Self { randomness, drawn: 0 }
    }

    pub(crate) fn challenge(&mut self) -> Result<[u8; 8], getrandom::Error> {
        match self.randomness {
            Randomness::Fixed { challenge, .. } => Ok(challenge),
            Randomness::System | Randomness::Seeded(_) => self.draw(),
        }
    }

    pub(crate) fn key(&mut self) -> Result<[u8; 16], getrandom::Error> {
        match self.randomness {
            Randomness::Fixed { key, .. } => Ok(key),
            Randomness::System | Randomness::Seeded(_) => self.draw(),
        }
    }

    fn draw<const N: usize>(&mut self) -> Result<[u8; N], getrandom::Error> {
        let mut bytes = [0; N];
        if let Randomness::Seeded(seed) = self.randomness {
            self.drawn = self.drawn.wrapping_add(1);
            let hash = Sha256::digest([seed.to_be_bytes(), self.drawn.to_be_bytes()].concat());
            for (slot, byte) in bytes.iter_mut().zip(hash) {
                *slot = byte;
            }
        } else {
            getrandom::fill(&mut bytes)?;
        }
        Ok(bytes)
    }
}
