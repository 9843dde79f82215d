//! Counters: what a card says of the tries left, and what is made of it.

use core::fmt;

use zairyu_protocol::StatusWord;

use crate::{application::Secret, error::Error};

/// How many tries the card says are left for a secret.
///
/// No counter refills with time or power: only the right secret refills it, or the municipal office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tries {
    /// This many, 1 to 15.
    Left(u8),
    /// None: the secret is blocked.
    Blocked,
    /// The card has no such secret: a child's card none for signing, a phone only those of certificates.
    Absent,
    /// The card answered with this, which tells no number.
    Unknown(StatusWord),
}

impl Tries {
    /// From the status word of a VERIFY without data.
    pub(crate) fn from_status(status: StatusWord) -> Self {
        match status.number() {
            0x63C0 | 0x6983 | 0x6984 => Self::Blocked,
            number @ 0x63C1..=0x63CF => {
                let [_, low] = number.to_be_bytes();
                Self::Left(low & 0x0F)
            }
            0x6A82 | 0x6A88 => Self::Absent,
            _ => Self::Unknown(status),
        }
    }

    /// The number, when it is known.
    const fn number(self) -> Option<u8> {
        match self {
            Self::Left(left) => Some(left),
            Self::Blocked => Some(0),
            Self::Absent | Self::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left(1) => f.write_str("1 try left"),
            Self::Left(left) => write!(f, "{left} tries left"),
            Self::Blocked => f.write_str("blocked"),
            Self::Absent => f.write_str("not on this card"),
            Self::Unknown(status) => write!(f, "unknown (the card answered {status})"),
        }
    }
}

/// What to do when the next wrong try would block the secret, or when the card does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastTry {
    /// Send nothing and say so.
    #[default]
    Refuse,
    /// Send it all the same: the person was told what it may cost, and insists.
    Use,
}

impl LastTry {
    /// Whether a secret with so many tries left would be sent: for asking before somebody types it. A reading asks by itself.
    ///
    /// # Errors
    ///
    /// What the reading would end with: [`Error::Blocked`], [`Error::LastTry`], [`Error::TriesUnknown`],
    /// [`Error::NoAuthCertificate`].
    pub fn permits(self, secret: Secret, tries: Tries) -> Result<(), Error> {
        let insists = self == Self::Use;
        match tries {
            Tries::Blocked => Err(Error::Blocked(secret)),
            Tries::Left(1) if !insists => Err(Error::LastTry(secret)),
            Tries::Absent if secret == Secret::AuthPin => Err(Error::NoAuthCertificate),
            Tries::Absent => Err(Error::TriesUnknown { secret, tries }),
            Tries::Unknown(_) if !insists => Err(Error::TriesUnknown { secret, tries }),
            Tries::Left(_) | Tries::Unknown(_) => Ok(()),
        }
    }
}

/// A secret was sent, and the card's answer did not come. **Do not send it again**: ask for the tries
/// ([`Reading::tries_of`](crate::Reading::tries_of)) and [`compare`](Self::compare).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a try may have been lost: ask the card how many are left"]
pub struct UnknownOutcome {
    pub(crate) secret: Secret,
    pub(crate) before: Tries,
}

impl UnknownOutcome {
    /// Which secret was sent.
    #[must_use]
    pub const fn secret(&self) -> Secret {
        self.secret
    }

    /// The tries left before it was sent.
    #[must_use]
    pub const fn before(&self) -> Tries {
        self.before
    }

    /// What became of it, by the tries that are left now, of the same card.
    #[must_use]
    pub fn compare(&self, now: Tries) -> Resolution {
        let (Some(before), Some(after)) = (self.before.number(), now.number()) else {
            return Resolution::Unknown;
        };
        if after < before {
            Resolution::Wrong
        } else if after > before {
            Resolution::Right
        } else if self.secret.most_tries() == Some(before) {
            Resolution::NoTryLost
        } else if self.secret.most_tries().is_some() {
            Resolution::NotReceived
        } else {
            Resolution::Unknown
        }
    }
}

/// What became of a secret whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution {
    /// The card compared it, and it was right: the counter was refilled.
    Right,
    /// The card compared it, and it was wrong: a try is lost.
    Wrong,
    /// The card never compared it: the counter is what it was, and not full.
    NotReceived,
    /// The counter was and is full: it was right, or never compared.
    NoTryLost,
    /// The counter does not tell.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tries(status: u16) -> Tries {
        Tries::from_status(status.into())
    }

    #[test]
    fn status_words_of_a_query() {
        assert_eq!(tries(0x63C3), Tries::Left(3));
        assert_eq!(tries(0x63CF), Tries::Left(15));
        for blocked in [0x63C0, 0x6983, 0x6984] {
            assert_eq!(tries(blocked), Tries::Blocked);
        }
        for absent in [0x6A82, 0x6A88] {
            assert_eq!(tries(absent), Tries::Absent);
        }
        for unknown in [0x9000, 0x6300, 0x6700, 0x6985, 0x63D0, 0x0000] {
            assert_eq!(tries(unknown), Tries::Unknown(unknown.into()));
        }
    }

    #[test]
    fn the_counter_tells_what_became_of_a_lost_answer() {
        let outcome = |before, now| {
            let secret = Secret::AuthPin;
            UnknownOutcome { secret, before }.compare(now)
        };
        assert_eq!(outcome(Tries::Left(3), Tries::Left(2)), Resolution::Wrong);
        assert_eq!(outcome(Tries::Left(1), Tries::Blocked), Resolution::Wrong);
        assert_eq!(outcome(Tries::Left(2), Tries::Left(3)), Resolution::Right);
        assert_eq!(outcome(Tries::Left(2), Tries::Left(2)), Resolution::NotReceived);
        assert_eq!(outcome(Tries::Left(3), Tries::Left(3)), Resolution::NoTryLost);
        assert_eq!(outcome(Tries::Left(3), tries(0x6F00)), Resolution::Unknown);
        // Nobody knows how full this counter can be.
        let outcome = UnknownOutcome {
            secret: Secret::DateOfBirth,
            before: Tries::Left(9),
        };
        assert_eq!(outcome.compare(Tries::Left(9)), Resolution::Unknown);
        assert_eq!(outcome.compare(Tries::Left(10)), Resolution::Right);
    }
}
