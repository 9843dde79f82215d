//! The lapse lookup of Japanese residence card numbers (在留カード等番号失効情報照会): what was asked, what was answered, and what
//! that does not prove.
//!
//! The Immigration Services Agency (出入国在留管理庁) answers on a web page, to a person who types a picture code, whether a
//! card number is recorded as lapsed. So the source for production, [`Assisted`], checks the inputs, sends a person
//! to the official top page and takes down what the person saw there:
//!
//! ```
//! use zairyu_revocation::*;
//!
//! struct Terminal;
//!
//! impl Person for Terminal {
//!     fn look_up(&mut self, there: &HandedOver) -> Option<Classification> {
//!         println!("{} ({})", there.url(), there.host());
//!         println!("{}  {}", there.inquiry().number().expose(), there.inquiry().valid_until());
//!         for (index, seen) in Observation::all().enumerate() {
//!             println!("{index:2} {}", seen.label(Language::Ja));
//!         }
//!         let typed = "1"; // a line of standard input
//!         let seen = Observation::all().nth(typed.parse().ok()?)?;
//!         Some(Classification::by_person(seen))
//!     }
//! }
//!
//! let inquiry = Inputs::new(InputSource::Chip)
//!     .typed_number("AB12345678CD")
//!     .typed_valid_until("2033-04-01")
//!     .consent(Purpose::Hiring)
//!     .check()
//!     .map_err(|reason| reason.as_str())?;
//! let lookup = Assisted::new(TopPage::default(), Terminal).look_up(&inquiry);
//! assert_eq!(lookup.outcome(), Outcome::Answered(Answer::Lapsed));
//! assert!(lookup.wording(Language::Ja).headline.starts_with("照会で「失効」と表示されました"));
//! # Ok::<(), &str>(())
//! ```
//!
//! # Four things kept apart
//!
//! Whether a question was asked, whether an answer came, what it was, how old it is: [`Outcome`] and [`Lookup`]. No
//! value says that a card is good, and nothing leads from a fault, a missing input, a page not known or a date to
//! [`NotListedAsLapsed`](Answer::NotListedAsLapsed). A window or a phone drives the states itself: [`InputsChecked`]
//! → [`HandedOver`] → [`Lookup`].
//!
//! # What "not listed as lapsed" shows
//!
//! | statement | shown? |
//! |---|---|
//! | the Agency had not recorded this number as lapsed when it last updated its list | yes |
//! | the card is authentic | no: numbers of existing cards are copied; verify the chip's signature |
//! | the person is its holder | no: compare the face |
//! | what is printed is right | no |
//! | the person may do this job | no: see the work limits |
//! | the number was ever issued | not known, assume no |
//!
//! And "lapsed" is often innocent: the old number lapses with every new card (入管法19条の14). A printed date that has
//! passed is not "lapsed" either: while an application is pending the card can stay in force (特例期間).
//!
//! # From lines to a decision
//!
//! [`Policy`] turns four separate [`Lines`] (chip signature, lookup, printed date, work limits) into proceed, hold or
//! stop with reasons. It is data; where nothing is known it holds. [`Recorded`] brings answers given earlier for the
//! same check.
//!
//! # Cargo features
//!
//! - `page-client` adds `PageClient`, a web client for a service whose operator gave leave, described by a
//!   [`Profile`]. A person reads the picture code. Without this feature the crate has no network code.
//!
//! # What it does not do
//!
//! It solves no picture code, asks nothing unattended, polls nothing, evades no address block, and puts no number
//! into an address, a log, a panic or a `Debug` text. It knows neither the Agency's result sentences nor its present
//! form: both are unknown to us, so no profile of that page is shipped.
mod assisted;
mod inquiry;
mod lookup;
mod outcome;
#[cfg(feature = "page-client")]
mod page;
#[cfg(feature = "page-client")]
mod page_client;
mod policy;
mod profile;
mod recorded;
mod source;
mod text;

pub use assisted::{
    Assisted, CLEAR_CLIPBOARD_AFTER, Classification, HandedOver, InputsChecked, Notice, OFFICIAL_HOST,
    Person, TopPage, TopPageError,
};
pub use inquiry::{InputSource, Inputs, Inquiry, Purpose};
pub use lookup::{ClassifiedBy, Lookup};
pub use outcome::{
    AccessRefused, Answer, ChallengeNotPassed, InputRejected, NotAnswered, NotAsked, Observation, Outcome,
    ServiceUnavailable,
};
#[cfg(feature = "page-client")]
pub use page_client::{Limits, PageClient, Picture, PictureCode};
pub use policy::{
    Action, ChipSignature, Decision, Lines, LookupLine, Policy, PolicyError, PrintedDate, Reason, Rule,
    WorkLimits,
};
pub use profile::{Form, Profile, ProfileError, Sentence, ValidityFields, Verification};
pub use recorded::{BindingKey, Recorded, RecordedAnswer};
pub use source::{DataAge, LookupSource, NegativeMeaning, SourceDescription};
pub use text::{Language, Wording};

/// For the fuzz targets of this repository, and no part of the interface.
#[cfg(feature = "page-client")]
#[doc(hidden)]
pub mod fuzzing {
    use crate::{Observation, Profile, page};

    /// What the web client takes a page to say, by the profile's sentences.
    #[must_use]
    pub fn what_a_page_says(
        profile: &Profile,
        bytes: &[u8],
        content_type: Option<&str>,
    ) -> Option<Observation> {
        let (text, _) = page::decode(bytes, content_type)?;
        let page = page::Page::parse(&text, profile.form().answer_inside.as_deref())?;
        let says = profile.recognise(&[page.inside], &page.everything)?;
        (page.is_complete && !page.refreshes).then_some(says)
    }
}
