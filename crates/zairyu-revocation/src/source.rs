//! What can be asked, and what its answers are worth.

use serde::{Deserialize, Serialize};

use crate::{Inquiry, Lookup};

/// Something that can be asked whether a number has lapsed.
///
/// An implementation has no path from a fault, a missing input or a page it does not know to
/// [`NotListedAsLapsed`](crate::Answer::NotListedAsLapsed), asks once per call, and only because a person wants it to.
pub trait LookupSource {
    /// What this source is and what its answers are worth.
    fn description(&self) -> SourceDescription;

    /// Asks once. A failure is an outcome, not an error.
    fn look_up(&mut self, inquiry: &Inquiry) -> Lookup;
}

/// What a source is and what its answers are worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceDescription {
    /// Who answers.
    pub name: String,
    /// What "not lapsed" means there.
    pub negative_means: NegativeMeaning,
    /// How old its data may be when it answers.
    pub data_age: DataAge,
}

/// What it means when a source does not say "lapsed".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NegativeMeaning {
    /// The number is not on a list of lapsed ones. It need not ever have been issued.
    NotOnList,
    /// The number was issued and has not lapsed. Nothing is said of the card in the hand.
    IssuedAndNotLapsed,
    /// The same, for the person who was identified.
    IssuedToThisPerson,
}

/// How old a source's data may be when it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataAge {
    /// The operator does not say.
    Unknown,
    /// At most this many hours.
    AtMostHours(u32),
}
