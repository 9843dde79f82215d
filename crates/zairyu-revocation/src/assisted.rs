//! The lookup as a person does it: this program checks the inputs, names the official page and takes the person's word.

use std::{fmt, time::Duration};

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    ClassifiedBy, DataAge, Inquiry, Lookup, LookupSource, NegativeMeaning, NotAsked, Observation,
    SourceDescription, lookup::JAPAN,
};

/// The one host that a person is sent to.
pub const OFFICIAL_HOST: &str = "lapse-immi.moj.go.jp";

/// How long an application should leave an input in the clipboard. Its history may keep it longer.
pub const CLEAR_CLIPBOARD_AFTER: Duration = Duration::from_secs(30);

/// The lookup's official top page (出入国在留管理庁), and when a person last saw that it is.
///
/// The default is the address last seen in public use in 2026, verified by nobody: applications should set their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenTopPage")]
pub struct TopPage {
    url: String,
    verified_on: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTopPage {
    url: String,
    verified_on: Option<Date>,
}

impl TryFrom<WrittenTopPage> for TopPage {
    type Error = TopPageError;

    fn try_from(written: WrittenTopPage) -> Result<Self, TopPageError> {
        Self::new(&written.url, written.verified_on)
    }
}

/// Why an address is not the lookup's top page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TopPageError {
    /// A page of the service as it was until January 2026 (`…/ZEC/….aspx`). Many texts and bookmarks still have it.
    #[error(
        "this address of the lapse lookup was given up in January 2026, when the service was renewed; start \
         from its top page"
    )]
    Retired,
    /// Another host, or no `https`.
    #[error("the lapse lookup is only at https://lapse-immi.moj.go.jp/")]
    NotOfficial,
    /// Something that does not belong into a top page's address, such as a query: it could carry a number.
    #[error("the address of the top page has only a path of plain characters, no query and no fragment")]
    NotPlain,
}

impl TopPage {
    /// A top page's address, as last verified by a person on a day.
    ///
    /// # Errors
    ///
    /// [`TopPageError`], whose text a person can be shown.
    pub fn new(url: &str, verified_on: Option<Date>) -> Result<Self, TopPageError> {
        let path = url
            .strip_prefix("https://")
            .and_then(|rest| rest.strip_prefix(OFFICIAL_HOST))
            .filter(|path| path.starts_with('/'));
        // Old links came with http, too.
        if let Some((_, old_path)) = url.split_once(OFFICIAL_HOST)
            && old_path.to_ascii_lowercase().contains(".aspx")
        {
            return Err(TopPageError::Retired);
        }
        let path = path.ok_or(TopPageError::NotOfficial)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
        if path.bytes().all(plain) {
            Ok(Self {
                url: url.to_owned(),
                verified_on,
            })
        } else {
            Err(TopPageError::NotPlain)
        }
    }

    /// The address, to be shown and opened.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// When a person last saw that the page is there.
    #[must_use]
    pub const fn verified_on(&self) -> Option<Date> {
        self.verified_on
    }
}

impl Default for TopPage {
    fn default() -> Self {
        Self {
            url: format!("https://{OFFICIAL_HOST}/html/top.html"),
            verified_on: None,
        }
    }
}

/// First state: the inputs are checked, nobody was sent anywhere.
#[derive(Clone, Debug)]
pub struct InputsChecked {
    inquiry: Inquiry,
    page: TopPage,
}

impl InputsChecked {
    /// Begins.
    #[must_use]
    pub const fn new(inquiry: Inquiry, page: TopPage) -> Self {
        Self { inquiry, page }
    }

    /// The person is shown [`HandedOver::url`] and the inputs, and does the lookup there.
    #[must_use]
    pub fn hand_over(self) -> HandedOver {
        HandedOver {
            inquiry: self.inquiry,
            page: self.page,
        }
    }

    /// The person does it another time.
    #[must_use]
    pub fn defer(self, at: Timestamp) -> Lookup {
        Lookup::not_asked(NotAsked::Deferred, at)
    }

    /// There is no network.
    #[must_use]
    pub fn offline(self, at: Timestamp) -> Lookup {
        Lookup::not_asked(NotAsked::Offline, at)
    }
}

/// Second state: the person is at the official page. This program sends nothing there and copies nothing into an
/// address.
#[derive(Clone)]
pub struct HandedOver {
    inquiry: Inquiry,
    page: TopPage,
}

impl HandedOver {
    /// The official top page, to be opened in the person's own browser. It has no input in it.
    #[must_use]
    pub fn url(&self) -> &str {
        self.page.url()
    }

    /// The host, to be shown beside it.
    #[must_use]
    pub const fn host(&self) -> &'static str {
        OFFICIAL_HOST
    }

    /// What is to be typed or pasted there; see [`CLEAR_CLIPBOARD_AFTER`].
    #[must_use]
    pub const fn inquiry(&self) -> &Inquiry {
        &self.inquiry
    }

    /// What to tell the person before opening the page. `local` is the computer's own offset from UTC, if known.
    #[must_use]
    pub fn notices(&self, local: Option<Offset>) -> Vec<Notice> {
        let mut notices = vec![Notice::StartAtTopPage];
        notices.push(match self.page.verified_on {
            Some(day) => Notice::AddressVerifiedOn(day),
            None => Notice::AddressNotVerified,
        });
        if local.is_some_and(|local| local != JAPAN) {
            notices.push(Notice::ComputerLooksAbroad);
        }
        notices.push(Notice::ClipboardMayKeep);
        notices
    }

    /// The person says what the page said.
    #[must_use]
    pub fn classify(self, classification: Classification, at: Timestamp) -> Lookup {
        let by = classification.by;
        let lookup = match classification.observation {
            Observation::Answer(answer) => Lookup::answered(answer, by, &self.inquiry, at),
            Observation::NoAnswer(cause) => Lookup::not_answered(cause, Some(by), &self.inquiry, at),
        };
        let lookup = lookup.with_source_url(self.page.url());
        match classification.verbatim {
            Some(text) => lookup.with_verbatim(&text),
            None => lookup,
        }
    }

    /// The person left the page without having asked.
    #[must_use]
    pub fn defer(self, at: Timestamp) -> Lookup {
        Lookup::not_asked(NotAsked::Deferred, at)
    }
}

impl fmt::Debug for HandedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandedOver")
            .field("page", &self.page)
            .finish_non_exhaustive()
    }
}

/// What a person should know before going to the page. Its texts: [`Notice::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The service is entered through its top page and the picture code.
    StartAtTopPage,
    /// A person saw on this day that the address is right.
    AddressVerifiedOn(Date),
    /// Nobody noted having seen that the address is right.
    AddressNotVerified,
    /// The computer's time zone is not Japan's; the service refuses addresses abroad.
    ComputerLooksAbroad,
    /// A clipboard's history may keep what was copied.
    ClipboardMayKeep,
}

/// What a person says that the page said.
#[derive(Clone)]
pub struct Classification {
    observation: Observation,
    by: ClassifiedBy,
    verbatim: Option<String>,
}

impl Classification {
    /// The person chose this from [`Observation::all`].
    #[must_use]
    pub const fn by_person(observation: Observation) -> Self {
        Self {
            observation,
            by: ClassifiedBy::Operator,
            verbatim: None,
        }
    }

    /// The program proposed this (see [`Profile::hint`](crate::Profile::hint)) and the person agreed.
    #[must_use]
    pub const fn by_accepted_hint(observation: Observation) -> Self {
        Self {
            observation,
            by: ClassifiedBy::HintAccepted,
            verbatim: None,
        }
    }

    /// The sentence that the page showed; see [`Lookup::with_verbatim`].
    #[must_use]
    pub fn with_verbatim(self, text: impl Into<String>) -> Self {
        Self {
            verbatim: Some(text.into()),
            ..self
        }
    }
}

impl fmt::Debug for Classification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Classification")
            .field("observation", &self.observation)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}

/// How a program talks to the person: a terminal in ten lines, a window in some more.
pub trait Person {
    /// Shows the address and the inputs, lets the person do the lookup, and asks what the page said. `None` when the
    /// person puts it off.
    fn look_up(&mut self, there: &HandedOver) -> Option<Classification>;
}

/// The lookup by a person at the official page: the source for production.
#[derive(Debug)]
pub struct Assisted<P> {
    page: TopPage,
    person: P,
}

impl<P: Person> Assisted<P> {
    /// A source that sends this person to this page.
    pub const fn new(page: TopPage, person: P) -> Self {
        Self { page, person }
    }
}

impl<P: Person> LookupSource for Assisted<P> {
    fn description(&self) -> SourceDescription {
        SourceDescription {
            name: "出入国在留管理庁 在留カード等番号失効情報照会".to_owned(),
            negative_means: NegativeMeaning::NotOnList,
            data_age: DataAge::Unknown,
        }
    }

    fn look_up(&mut self, inquiry: &Inquiry) -> Lookup {
        let there = InputsChecked::new(inquiry.clone(), self.page.clone()).hand_over();
        match self.person.look_up(&there) {
            Some(classification) => there.classify(classification, Timestamp::now()),
            None => there.defer(Timestamp::now()),
        }
    }
}
