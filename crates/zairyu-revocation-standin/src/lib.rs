//! A made-up lapse-lookup service on loopback, for tests and examples: it answers as told, refuses, and fails in
//! every way that a service on the network can.
//!
//! Nothing of it is the Agency's: pages, sentences and addresses are invented. It speaks https under a CA of its own
//! that is made when it starts.
//!
//! ```
//! use zairyu_revocation_standin::{Answer, Script, StandIn};
//!
//! let service = StandIn::start(Script::answering(Answer::Lapsed))?;
//! assert!(service.url().starts_with("https://localhost:"));
//! assert!(service.profile().contains("/lookup/result")); // for `zairyu_revocation::Profile`
//! assert!(service.requests().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A visit is: `/html/top.html`, which opens a session; `/lookup/form`; the picture `/lookup/code.svg`; a POST to
//! `/lookup/result`. The picture's code is always [`CODE`].

mod pages;
mod server;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use server::Certificates;

/// What the picture shows.
pub const CODE: &str = "7K2P";

/// What the service finds for every number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 失効していない.
    NotListed,
    /// 失効している.
    Lapsed,
    /// The pair is unknown.
    NoMatch,
}

/// What goes wrong, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every code is wrong.
    WrongCode,
    /// Every code is too late.
    ExpiredCode,
    /// The number's form is refused.
    NumberRejected,
    /// The date's form is refused.
    ValidityRejected,
    /// No visitor is known to have come through the top page.
    EntryNotViaTopPage,
    /// A page says that the service is busy.
    Busy,
    /// Status 429 without a page.
    TooManyRequests,
    /// A page says that addresses abroad are refused; status 200.
    ForeignPage,
    /// The same page with status 403.
    ForeignForbidden,
    /// Status 403 without a word.
    Forbidden,
    /// The connection is reset before TLS.
    Reset,
    /// The connection ends in place of the result.
    HangUpAtResult,
    /// The top page has moved on the same host, and says so.
    Moved,
    /// The top page is gone: 404.
    Gone,
    /// Accepts and says nothing.
    Silent,
    /// Sends a byte now and then, without end.
    Trickle,
    /// Status 500.
    InternalError,
    /// Status 500, and its page has the sentence for a number that is not listed.
    InternalErrorWithAnswer,
    /// A length is announced and the connection ends before it.
    ShortOfLength,
    /// A chunk is announced and the connection ends within it.
    ShortOfChunk,
    /// No length is announced, the connection ends in the page, right behind the answer.
    CutAfterAnswer,
    /// The reply is no HTTP.
    NotHttp,
    /// A page of 64 MiB.
    HugePage,
    /// Headers without end.
    HugeHeaders,
    /// The top page redirects to itself.
    RedirectLoop,
    /// The top page redirects to another host.
    RedirectOffHost,
    /// The top page redirects to http.
    RedirectToHttp,
    /// The result redirects to another page, which has it.
    ResultBehindRedirect,
    /// The result redirects to an address with the number in it.
    RedirectWithNumber,
    /// The form is to be posted to another address of the host by a 307.
    RepostElsewhere,
    /// The result has other words.
    Reworded,
    /// The sentence for a number that is not listed is part of a longer one, which denies it.
    Negated,
    /// The same, with the denial in another element of the line.
    NegatedInline,
    /// The sentence for a number that is not listed is there and hidden, the visible one is new.
    HiddenAnswer,
    /// It is in a script.
    AnswerInScript,
    /// It is in an explanation below a new sentence.
    AnswerInHelp,
    /// Two sentences that contradict each other.
    BothAnswers,
    /// The result's page forwards to another one by itself.
    AnswerThenRefresh,
    /// The answer is plain text, not a page.
    AnswerAsPlainText,
    /// The form page has an answer already.
    AnswerBeforeQuestion,
    /// A control has another name.
    RenamedControl,
    /// There is one control more.
    ExtraControl,
    /// There are two forms.
    TwoForms,
    /// The form is sent by GET.
    FormByGet,
    /// The form is sent to another host.
    FormOffHost,
    /// The form is sent to another address of the host.
    FormElsewhere,
    /// There is no picture.
    NoPicture,
    /// The picture is a page.
    PictureIsPage,
    /// Elements nested 100,000 deep.
    DeepNesting,
    /// The certificate is of a CA that nobody knows.
    UnknownCa,
    /// The certificate is for another host.
    OtherHost,
}

/// How the pages are encoded, and what they say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageEncoding {
    /// UTF-8, said in the header.
    Utf8,
    /// Shift_JIS, said in the header.
    ShiftJis,
    /// EUC-JP, said in the page only.
    EucJpInMeta,
    /// UTF-8 with a byte order mark, said to be Shift_JIS: the mark counts.
    Utf8MarkedSaidShiftJis,
    /// UTF-8, said to be Shift_JIS.
    Utf8SaidShiftJis,
    /// Shift_JIS, said to be UTF-8.
    ShiftJisSaidUtf8,
    /// EUC-JP, said to be Shift_JIS.
    EucJpSaidShiftJis,
    /// ISO-2022-JP, said in the header.
    Iso2022Jp,
    /// UTF-16 with a byte order mark.
    Utf16,
    /// Said to be what nobody knows.
    UnknownLabel,
}

/// What the service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script {
    /// What it finds.
    pub answer: Answer,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// How its pages are encoded.
    pub encoding: PageEncoding,
    /// The hour of its day, 0 to 23. From 17 to 19 it is under maintenance.
    pub hour: u8,
}

impl Script {
    /// Nothing goes wrong, at ten in the morning.
    #[must_use]
    pub const fn answering(answer: Answer) -> Self {
        Self {
            answer,
            fault: None,
            encoding: PageEncoding::Utf8,
            hour: 10,
        }
    }

    /// This goes wrong; the answer would be that the number is not listed.
    #[must_use]
    pub const fn failing(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::answering(Answer::NotListed)
        }
    }

    /// The same in another encoding.
    #[must_use]
    pub const fn encoded(self, encoding: PageEncoding) -> Self {
        Self { encoding, ..self }
    }

    /// The same at another hour.
    #[must_use]
    pub const fn at_hour(self, hour: u8) -> Self {
        Self { hour, ..self }
    }

    const fn is_under_maintenance(self) -> bool {
        matches!(self.hour, 17..19)
    }
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The running service. It stops when dropped.
pub struct StandIn {
    address: SocketAddr,
    ca: Vec<u8>,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

pub(crate) struct Shared {
    script: Mutex<Script>,
    requests: Mutex<Vec<Request>>,
    stopped: AtomicBool,
    certificates: Certificates,
    address: SocketAddr,
}

impl StandIn {
    /// Starts the service on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When no port or no certificate can be had.
    pub fn start(script: Script) -> io::Result<Self> {
        let certificates = Certificates::new()?;
        let ca = certificates.ca.clone();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            requests: Mutex::default(),
            stopped: AtomicBool::new(false),
            certificates,
            address,
        });
        let for_thread = Arc::clone(&shared);
        let acceptor = std::thread::spawn(move || server::accept(&listener, &for_thread));
        Ok(Self {
            address,
            ca,
            shared,
            acceptor: Some(acceptor),
        })
    }

    /// Goes on by another script.
    pub fn follow(&self, script: Script) {
        *self.shared.script.lock().unwrap_or_else(PoisonError::into_inner) = script;
    }

    /// Its top page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://localhost:{}{}", self.address.port(), pages::TOP)
    }

    /// Its CA certificate (DER).
    #[must_use]
    pub fn ca_certificate(&self) -> &[u8] {
        &self.ca
    }

    /// Its profile as JSON, verified by nobody but this crate, for its own pages.
    #[must_use]
    pub fn profile(&self) -> String {
        pages::profile(self.address.port(), pages::TOP, true)
    }

    /// The same profile, not verified.
    #[must_use]
    pub fn unverified_profile(&self) -> String {
        pages::profile(self.address.port(), pages::TOP, false)
    }

    /// A profile that goes past the top page.
    #[must_use]
    pub fn deep_link_profile(&self) -> String {
        pages::profile(self.address.port(), pages::FORM, true)
    }

    /// All requests so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the acceptor. If that fails it is gone already.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl Shared {
    pub(crate) fn script(&self) -> Script {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, request: Request) {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
    }
}
