use alloc::boxed::Box;
use core::{fmt, ops::Deref};

use zairyu_data::{first, second};

/// Content whose signature was verified. Only this crate makes one, out of exactly the bytes that were hashed.
///
/// It can be looked into and not changed:
///
/// ```compile_fail
/// # use zairyu_data::{CardFiles, CardType, first::SignedImages};
/// # let files = CardFiles::new(CardType::FirstResidenceCard);
/// let forged = zairyu_verify::Verified(SignedImages::parse(&files).unwrap());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Verified<T>(Box<T>);

impl<T> Verified<T> {
    pub(crate) fn new(content: T) -> Self {
        Self(Box::new(content))
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verified").field(&self.0).finish()
    }
}

/// What the signature of a card covers, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifiedContent {
    /// First generation: front and face image.
    First(Verified<first::SignedImages>),
    /// Second generation and specified cards: printed entries, face and name image.
    Second(Verified<second::SignedEntries>),
}
