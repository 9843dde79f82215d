//! A web client for a lookup service whose operator allows it. A person reads the picture code.

use std::{borrow::Cow, fmt, io, sync::Arc, time::Duration};

use encoding_rs::Encoding;
use jiff::Timestamp;
use log::{Level, log_enabled};
use ureq::{
    Agent,
    http::{Response, header},
    tls::{Certificate, RootCerts, TlsConfig},
};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{
    AccessRefused, ChallengeNotPassed, ClassifiedBy, Inquiry, Lookup, LookupSource, NotAnswered, NotAsked,
    Observation, Profile, ServiceUnavailable, SourceDescription,
    page::{self, Control, Page},
};

/// The picture with the code, as the service sent it.
#[derive(Clone)]
pub struct Picture {
    /// The picture's bytes. They come from the network: a viewer should take care.
    pub bytes: Vec<u8>,
    /// Its media type as the service states it, such as `image/png`.
    pub media_type: String,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("bytes", &self.bytes.len())
            .field("media_type", &self.media_type)
            .finish()
    }
}

/// How a program shows the picture code (画像認証) to a person. It is for people: a program that solves it has no place
/// here.
pub trait PictureCode {
    /// Shows the picture and gives what the person typed; `None` when the person gives up.
    fn read(&mut self, picture: &Picture) -> Option<String>;
}

/// What the client waits for and takes at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For one request, from its beginning to the end of the reply.
    pub reply: Duration,
    /// Bytes of one page or picture.
    pub bytes: u64,
    /// Redirects from one request.
    pub redirects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reply: Duration::from_secs(30),
            bytes: 1 << 20,
            redirects: 5,
        }
    }
}

/// Asks a service as its [`Profile`] describes it: entry page, form, picture code by a person, form sent, answer read.
///
/// It is for a service whose operator gave leave, which the profile states; at the Agency's public page a person does
/// the lookup ([`Assisted`](crate::Assisted)). It asks one host over https, uses no proxy, follows no redirect off
/// the host, sends the number only in the body of the one form, and begins each lookup in a session of its own. It
/// does not try again by itself. With a profile that is not verified it connects to nothing: the outcome is
/// [`NotAnswered::UnrecognisedPage`].
///
/// It logs nothing. The libraries below it trace every byte, so while the program's logger takes records of `ureq`,
/// `ureq_proto` or `html5ever` at the level `trace`, nothing is asked either: [`NotAsked::PolicyDisabled`].
pub struct PageClient<P> {
    profile: Profile,
    picture_code: P,
    limits: Limits,
    roots: RootCerts,
}

impl<P: PictureCode> PageClient<P> {
    /// A client for this service that shows the picture code this way.
    pub fn new(profile: Profile, picture_code: P) -> Self {
        Self {
            profile,
            picture_code,
            limits: Limits::default(),
            roots: RootCerts::WebPki,
        }
    }

    /// Other limits.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Trusts these CA certificates (DER) instead of those that the web trusts.
    #[must_use]
    pub fn trust_only(self, certificates: &[&[u8]]) -> Self {
        let certificates: Vec<_> = certificates
            .iter()
            .map(|der| Certificate::from_der(der).to_owned())
            .collect();
        Self {
            roots: RootCerts::Specific(Arc::new(certificates)),
            ..self
        }
    }

    fn agent(&self) -> Agent {
        let tls = TlsConfig::builder().root_certs(self.roots.clone()).build();
        Agent::config_builder()
            .tls_config(tls)
            .https_only(true)
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .timeout_global(Some(self.limits.reply))
            .user_agent(concat!("zairyu-revocation/", env!("CARGO_PKG_VERSION")))
            .accept("text/html, image/*")
            .build()
            .new_agent()
    }

    fn ask(&mut self, inquiry: &Inquiry) -> Result<(Observation, Url), Stop> {
        let origin = format!("https://{}:{}/", self.profile.host(), self.profile.port());
        let origin = Url::parse(&origin).map_err(|_| Stop::page(None))?;
        let session = Session {
            agent: self.agent(),
            profile: &self.profile,
            inquiry,
            limits: self.limits,
            origin,
        };
        let entry = session.get(session.on_host(&session.origin, self.profile.entry_page())?)?;
        session
            .ask(entry, &mut self.picture_code)
            .map_err(Stop::after_entry)
    }
}

impl<P: PictureCode> LookupSource for PageClient<P> {
    fn description(&self) -> SourceDescription {
        SourceDescription {
            name: self.profile.name().to_owned(),
            negative_means: self.profile.negative_means(),
            data_age: self.profile.data_age(),
        }
    }

    fn look_up(&mut self, inquiry: &Inquiry) -> Lookup {
        let asked = if !self.profile.is_verified() {
            Err(Stop::page(None))
        } else if is_traced() {
            Err(Stop::Traced)
        } else {
            self.ask(inquiry)
        };
        let now = Timestamp::now();
        let by_source = ClassifiedBy::Source;
        let (lookup, url) = match asked {
            Ok((Observation::Answer(answer), url)) => {
                (Lookup::answered(answer, by_source, inquiry, now), Some(url))
            }
            Ok((Observation::NoAnswer(cause), url)) => (
                Lookup::not_answered(cause, Some(by_source), inquiry, now),
                Some(url),
            ),
            Err(Stop::Offline) => (Lookup::not_asked(NotAsked::Offline, now), None),
            Err(Stop::Traced) => (Lookup::not_asked(NotAsked::PolicyDisabled, now), None),
            Err(Stop::CutOff(url)) => {
                let blocked = NotAnswered::AccessRefused(AccessRefused::Blocked);
                (Lookup::not_answered(blocked, None, inquiry, now), Some(url))
            }
            Err(Stop::Cause { cause, by, url }) => (Lookup::not_answered(cause, by, inquiry, now), url),
        };
        match url {
            Some(url) => lookup.with_source_url(url.as_str()),
            None => lookup,
        }
    }
}

impl<P> fmt::Debug for PageClient<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageClient")
            .field("host", &self.profile.host())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Whether the program's logger takes what the libraries below trace: every byte sent and received, the number among
/// them.
fn is_traced() -> bool {
    [
        "ureq::run",
        "ureq::util",
        "ureq_proto::util",
        "html5ever::tokenizer",
    ]
    .iter()
    .any(|target| log_enabled!(target: target, Level::Trace))
}

/// Why a lookup ended without an answer.
enum Stop {
    /// Somebody wants to see every byte.
    Traced,
    /// No network.
    Offline,
    /// The connection was cut off, or is not with the service. At the first request that is what an address filter
    /// does.
    CutOff(Url),
    Cause {
        cause: NotAnswered,
        by: Option<ClassifiedBy>,
        url: Option<Url>,
    },
}

impl Stop {
    fn cause(cause: NotAnswered, url: Option<Url>) -> Self {
        Self::Cause { cause, by: None, url }
    }

    /// The page is not one that the profile knows.
    fn page(url: Option<Url>) -> Self {
        Self::cause(NotAnswered::UnrecognisedPage, url)
    }

    fn server_error(url: Option<Url>) -> Self {
        Self::cause(
            NotAnswered::ServiceUnavailable(ServiceUnavailable::ServerError),
            url,
        )
    }

    /// Once the service has replied, losing it is its fault, or the network's: it does let us in.
    fn after_entry(self) -> Self {
        match self {
            Self::Offline => Self::server_error(None),
            Self::CutOff(url) => Self::server_error(Some(url)),
            stop @ (Self::Cause { .. } | Self::Traced) => stop,
        }
    }
}

/// A reply that is no redirect.
struct Reply {
    status: u16,
    content_type: Option<String>,
    body: Vec<u8>,
    url: Url,
}

/// A page with a form that can be sent.
struct ReadyForm<'a> {
    /// The controls that the service filled in.
    filled: Vec<&'a Control>,
    action: Url,
}

/// One lookup's requests.
struct Session<'a> {
    agent: Agent,
    profile: &'a Profile,
    inquiry: &'a Inquiry,
    limits: Limits,
    origin: Url,
}

impl Session<'_> {
    /// From the entry page to the answer.
    fn ask(&self, entry: Reply, picture_code: &mut impl PictureCode) -> Result<(Observation, Url), Stop> {
        let (mut page, mut at, mut encoding) = self.form_page(entry)?;
        if let Some(path) = &self.profile.form().page {
            (page, at, encoding) = self.form_page(self.get(self.on_host(&at, path)?)?)?;
        }
        let form = self.form(&page, &at)?;
        let picture = self.picture(&page, &at)?;
        let typed = picture_code.read(&picture).map(Zeroizing::new);
        let Some(typed) = typed.filter(|typed| !typed.trim().is_empty()) else {
            let abandoned = NotAnswered::ChallengeNotPassed(ChallengeNotPassed::Abandoned);
            return Err(Stop::cause(abandoned, Some(at)));
        };
        self.answer(self.send(&form, typed.trim(), encoding)?)
    }

    /// An address on the one host that has no number in it.
    fn on_host(&self, base: &Url, reference: &str) -> Result<Url, Stop> {
        let stop = || Stop::page(Some(base.clone()));
        let mut url = base.join(reference).map_err(|_| stop())?;
        url.set_fragment(None);
        let same_origin = url.origin() == self.origin.origin();
        let no_user = url.username().is_empty() && url.password().is_none();
        if same_origin && no_user && !self.has_number(&url) {
            Ok(url)
        } else {
            Err(stop())
        }
    }

    fn has_number(&self, url: &Url) -> bool {
        // Parsing a query decodes its escapes; the path is taken as one, too.
        let text = format!("{}&{}", url.path(), url.query().unwrap_or_default());
        let decoded = form_urlencoded::parse(text.as_bytes())
            .flat_map(|(name, value)| [name.into_owned(), value.into_owned()]);
        let number = self.inquiry.number().expose();
        decoded
            .into_iter()
            .any(|part| part.to_ascii_uppercase().contains(number))
    }

    fn get(&self, url: Url) -> Result<Reply, Stop> {
        let mut url = url;
        // The first request and its redirects.
        for _ in 0..=self.limits.redirects {
            let reply = self.agent.get(url.as_str()).call();
            match self.reply(reply, &url)? {
                Next::Reply(reply) => return Ok(reply),
                Next::Redirect { to, .. } => url = to,
            }
        }
        Err(Stop::server_error(Some(url)))
    }

    fn post(&self, url: &Url, body: &str) -> Result<Reply, Stop> {
        let reply = self
            .agent
            .post(url.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .send(body);
        match self.reply(reply, url)? {
            Next::Reply(reply) => Ok(reply),
            Next::Redirect { to, as_get: true } => self.get(to),
            // The number is sent to the address in the profile and to no other.
            Next::Redirect { as_get: false, .. } => Err(Stop::page(Some(url.clone()))),
        }
    }

    fn reply(&self, reply: Result<Response<ureq::Body>, ureq::Error>, url: &Url) -> Result<Next, Stop> {
        let mut reply = reply.map_err(|error| stop_for(&error, url))?;
        let status = reply.status().as_u16();
        let header = |name| {
            let value = reply.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            let location = header(header::LOCATION).ok_or_else(|| Stop::page(Some(url.clone())))?;
            return Ok(Next::Redirect {
                to: self.on_host(url, &location)?,
                as_get: status <= 303,
            });
        }
        let content_type = header(header::CONTENT_TYPE);
        let body = reply
            .body_mut()
            .with_config()
            .limit(self.limits.bytes)
            .read_to_vec()
            .map_err(|error| stop_for(&error, url))?;
        Ok(Next::Reply(Reply {
            status,
            content_type,
            body,
            url: url.clone(),
        }))
    }

    /// A reply as a page, and what it says by the profile.
    fn page(&self, reply: &Reply) -> Result<(Page, Option<Observation>, &'static Encoding), Stop> {
        let by_status = |url: &Url| {
            let refused = NotAnswered::AccessRefused(AccessRefused::Blocked);
            let busy = NotAnswered::ServiceUnavailable(ServiceUnavailable::Busy);
            match reply.status {
                401 | 403 | 451 => Stop::cause(refused, Some(url.clone())),
                429 | 503 => Stop::cause(busy, Some(url.clone())),
                500..=599 => Stop::server_error(Some(url.clone())),
                _ => Stop::page(Some(url.clone())),
            }
        };
        let is_html = reply
            .content_type
            .as_deref()
            .and_then(|value| value.split(';').next())
            .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("text/html"));
        let inside = self.profile.form().answer_inside.as_deref();
        let read = page::decode(&reply.body, reply.content_type.as_deref())
            .filter(|_| is_html)
            .and_then(|(text, encoding)| Some((Page::parse(&text, inside)?, encoding)))
            .filter(|(page, _)| page.is_complete && !page.refreshes);
        let Some((page, encoding)) = read else {
            return Err(by_status(&reply.url));
        };
        let says = self.profile.recognise(&page.blocks, &page.everything);
        match (reply.status, says) {
            (200, says) => Ok((page, says, encoding)),
            // A page of refusal may say why. It cannot answer.
            (_, Some(Observation::NoAnswer(cause))) => Err(Stop::Cause {
                cause,
                by: Some(ClassifiedBy::Source),
                url: Some(reply.url.clone()),
            }),
            (_, _) => Err(by_status(&reply.url)),
        }
    }

    /// A page before the form is sent: it may say that the service is down or closed to us, and nothing else.
    fn form_page(&self, reply: Reply) -> Result<(Page, Url, &'static Encoding), Stop> {
        let (page, says, encoding) = self.page(&reply)?;
        match says {
            None => Ok((page, reply.url, encoding)),
            Some(Observation::NoAnswer(
                cause @ (NotAnswered::ServiceUnavailable(_) | NotAnswered::AccessRefused(_)),
            )) => Err(Stop::Cause {
                cause,
                by: Some(ClassifiedBy::Source),
                url: Some(reply.url),
            }),
            Some(_) => Err(Stop::page(Some(reply.url))),
        }
    }

    /// The form, if it is exactly the one of the profile.
    fn form<'p>(&self, page: &'p Page, at: &Url) -> Result<ReadyForm<'p>, Stop> {
        let stop = || Stop::page(Some(at.clone()));
        let [form] = &page.forms[..] else {
            return Err(stop());
        };
        let known = self.profile.form();
        let action = self.on_host(at, &form.action)?;
        let right_form = form.method == "post"
            && ["", "application/x-www-form-urlencoded"].contains(&form.encoding_type.as_str())
            && action.path() == known.action
            && action.query().is_none();
        let date = known.validity.fill(self.inquiry.valid_until());
        let mut expected: Vec<&str> = date.iter().map(|(name, _)| *name).collect();
        expected.extend([known.number.as_str(), known.picture_code.as_str()]);
        expected.sort_unstable();
        let mut asked: Vec<&str> = form
            .controls
            .iter()
            .filter(|control| {
                !matches!(
                    control.kind.as_str(),
                    "hidden" | "submit" | "reset" | "button" | "image"
                )
            })
            .map(|control| control.name.as_str())
            .collect();
        asked.sort_unstable();
        if !right_form || asked != expected {
            return Err(stop());
        }
        let mut filled: Vec<&Control> = form
            .controls
            .iter()
            .filter(|control| control.kind == "hidden")
            .collect();
        if let Some(name) = &known.submit {
            let is_it = |control: &&Control| {
                matches!(control.kind.as_str(), "submit" | "button") && control.name == *name
            };
            filled.push(form.controls.iter().find(is_it).ok_or_else(stop)?);
        }
        Ok(ReadyForm { filled, action })
    }

    fn picture(&self, page: &Page, at: &Url) -> Result<Picture, Stop> {
        let stop = || Stop::page(Some(at.clone()));
        let known = &self.profile.form().picture;
        let url = page
            .pictures
            .iter()
            .filter_map(|source| self.on_host(at, source).ok())
            .find(|url| url.path() == known)
            .ok_or_else(stop)?;
        let reply = self.get(url)?;
        let media_type = reply.content_type.unwrap_or_default();
        match reply.status {
            200 if media_type.starts_with("image/") && !reply.body.is_empty() => Ok(Picture {
                bytes: reply.body,
                media_type,
            }),
            500..=599 => Err(Stop::server_error(Some(reply.url))),
            _ => Err(stop()),
        }
    }

    fn send(&self, form: &ReadyForm<'_>, code: &str, encoding: &'static Encoding) -> Result<Reply, Stop> {
        let known = self.profile.form();
        let encode: &dyn Fn(&str) -> Cow<'_, [u8]> = &|text| encoding.encode(text).0;
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.encoding_override(Some(encode));
        for control in &form.filled {
            body.append_pair(&control.name, &control.value);
        }
        body.append_pair(&known.number, self.inquiry.number().expose());
        for (name, value) in known.validity.fill(self.inquiry.valid_until()) {
            body.append_pair(name, &value);
        }
        body.append_pair(&known.picture_code, code);
        let body = Zeroizing::new(body.finish());
        self.post(&form.action, &body)
    }

    /// The page after the form.
    fn answer(&self, reply: Reply) -> Result<(Observation, Url), Stop> {
        let (page, says, _) = self.page(&reply)?;
        let says = match says {
            Some(answer @ Observation::Answer(_)) if self.profile.form().answer_inside.is_some() => self
                .profile
                .recognise(&[page.inside], &page.everything)
                .filter(|inside| *inside == answer),
            says => says,
        };
        says.map(|says| (says, reply.url.clone()))
            .ok_or_else(|| Stop::page(Some(reply.url)))
    }
}

enum Next {
    Reply(Reply),
    Redirect { to: Url, as_get: bool },
}

fn stop_for(error: &ureq::Error, url: &Url) -> Stop {
    let timeout = NotAnswered::ServiceUnavailable(ServiceUnavailable::Timeout);
    match error {
        ureq::Error::HostNotFound => Stop::Offline,
        ureq::Error::Timeout(_) => Stop::cause(timeout, Some(url.clone())),
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::NetworkDown
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable => Stop::Offline,
            // No name service, no such name, or the system's word for it.
            _ if url.socket_addrs(|| None).is_err() => Stop::Offline,
            io::ErrorKind::TimedOut => Stop::cause(timeout, Some(url.clone())),
            // Invalid data: TLS with somebody else in the service's place, or with a certificate that is not trusted.
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::InvalidData => Stop::CutOff(url.clone()),
            _ => Stop::server_error(Some(url.clone())),
        },
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Stop::CutOff(url.clone()),
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(_, _) => {
            Stop::page(Some(url.clone()))
        }
        _ => Stop::server_error(Some(url.clone())),
    }
}
