use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use zairyu_transport::Error;

use crate::cause::Hindrance;
use crate::open::{OpenOptions, PATIENCE};
use crate::quirk::{Interface, quirk};
use crate::reader::{CardState, Slot};
use crate::session::Session;
use crate::watch::{Watch, hangs};

/// A silence of the service that lasts this long is no slow start.
const HANGS_FOR_SURE_AFTER: Duration = Duration::from_secs(5);

/// A polkit rule that lets the members of the group `pcscd` use the service without a seat at the machine (over SSH, as
/// a service). To be saved as `/etc/polkit-1/rules.d/50-pcscd.rules`; then `groupadd --system pcscd` and
/// `usermod --append --groups pcscd USER`.
pub const POLKIT_RULE: &str = r#"polkit.addRule(function(action, subject) {
    if ((action.id == "org.debian.pcsc-lite.access_pcsc" ||
         action.id == "org.debian.pcsc-lite.access_card") &&
        subject.isInGroup("pcscd")) {
        return polkit.Result.YES;
    }
});
"#;

/// What stands between us and a card, or that nothing does; in order from the service to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The service does not run, or cannot be reached from this container.
    NoService,
    /// It runs, and does not answer.
    ServiceHangs,
    /// It speaks another version of pcsc-lite's protocol than the client library: as happens in containers.
    VersionMismatch,
    /// It refuses this user.
    NotAuthorised,
    /// No reader, or none of those that may be used.
    NoReader,
    /// There is a reader on the USB, and the service does not know it.
    NoDriver,
    /// There are only readers for contact cards.
    ContactOnlyReader,
    /// The reader is known, and does not work: it was unplugged perhaps.
    ReaderUnavailable,
    /// No card on any reader.
    NoCard,
    /// Something is on the reader, and does not answer (PC/SC's 0x80100066).
    CardDoesNotAnswer,
    /// A card that is not the one that is wanted.
    WrongCard,
    /// The card was found, and exchanges with it fail.
    ExchangeFailed,
    /// Another program holds the card.
    InUse,
    /// Something that is not known here; the details say more.
    Other,
    /// Several readers hold a card that is wanted.
    SeveralCards,
    /// The diagnosis was cancelled.
    Cancelled,
    /// One card, and it is the one that is wanted.
    Ready,
}

impl Cause {
    /// A name for logs and for support, which stays the same from version to version.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoService => "no-service",
            Self::ServiceHangs => "service-hangs",
            Self::VersionMismatch => "service-version-mismatch",
            Self::NotAuthorised => "not-authorised",
            Self::NoReader => "no-reader",
            Self::NoDriver => "no-driver",
            Self::ContactOnlyReader => "contact-only-reader",
            Self::ReaderUnavailable => "reader-unavailable",
            Self::NoCard => "no-card",
            Self::CardDoesNotAnswer => "card-does-not-answer",
            Self::WrongCard => "wrong-card",
            Self::ExchangeFailed => "exchange-failed",
            Self::InUse => "in-use",
            Self::Other => "other",
            Self::SeveralCards => "several-cards",
            Self::Cancelled => "cancelled",
            Self::Ready => "ready",
        }
    }

    /// What it is and what to do, in one sentence for the person at the reader.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoService => {
                "The smart-card service is not running: start it (on Linux: systemctl start pcscd.socket; on Windows: \
                 the service \"Smart Card\") and try again"
            }
            Self::ServiceHangs => {
                "The smart-card service does not answer: unplug the readers, restart the service (on Linux: systemctl \
                 restart pcscd) or the computer, and try again"
            }
            Self::VersionMismatch => {
                "The smart-card service and this program's PC/SC library are of versions that do not understand each \
                 other: install the same version of pcsc-lite on both sides (in a container: that of the host)"
            }
            Self::NotAuthorised => {
                "This user may not use the smart-card service: log in at the machine itself, or have the administrator \
                 install a polkit rule"
            }
            Self::NoReader => {
                "No card reader was found that can be used: connect a contactless (Type B) reader and try again"
            }
            Self::NoDriver => {
                "A card reader is connected, but the smart-card service does not know it: install its driver (on \
                 Debian: apt-get install libccid), plug the reader in again and try again"
            }
            Self::ContactOnlyReader => {
                "This reader takes contact cards only, and a residence card has no contacts: connect a contactless \
                 (Type B) reader"
            }
            Self::ReaderUnavailable => {
                "The card reader does not work at the moment: plug it in again and try again"
            }
            Self::NoCard => "No card was found on the reader: put the card flat on the reader and try again",
            Self::CardDoesNotAnswer => {
                "There is something on the reader that does not answer: put the card in the middle of the reader, alone, \
                 and if that does not help use a reader for Type B cards"
            }
            Self::WrongCard => {
                "The card on the reader is another one: take it away and put the right card on the reader"
            }
            Self::ExchangeFailed => {
                "The card was found, but reading from it fails: put it in the middle of the reader, keep it still and \
                 try again"
            }
            Self::InUse => {
                "Another program is using the card: close it (a browser, GnuPG's scdaemon, a signing program) and try \
                 again"
            }
            Self::Other => "The card reader reported an error: plug it in again and try again",
            Self::SeveralCards => {
                "More than one reader holds a card: leave only one card on a reader, or name the reader"
            }
            Self::Cancelled => "The diagnosis was cancelled",
            Self::Ready => "The card is ready to be read",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// How sure a diagnosis is of its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Certainty {
    /// It was seen.
    Certain,
    /// It is concluded from signs that other causes may have too.
    Likely,
}

/// Why a card cannot be read, or that it can: for the person at the reader, and for those who support them.
///
/// Its [`Display`](fmt::Display) is the cause's sentence, the advice if there is any, and the details; it can be pasted
/// into a support request. Nothing in it comes from a card but the form of its answer to reset, and readers' serial
/// numbers are left out.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    cause: Cause,
    certainty: Certainty,
    advice: Vec<String>,
    details: Vec<(&'static str, String)>,
}

impl Diagnosis {
    /// What stands between us and the card.
    #[must_use]
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// How sure that is.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// What to do on this machine in particular, a sentence or a file's content each.
    pub fn advice(&self) -> impl Iterator<Item = &str> {
        self.advice.iter().map(String::as_str)
    }

    /// What was seen, for support: names that stay the same ("reader", "error", "system" ...) and values. A name can come
    /// several times.
    pub fn details(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.details.iter().map(|(name, value)| (*name, value.as_str()))
    }

    fn of(cause: Cause) -> Self {
        Self {
            cause,
            certainty: Certainty::Certain,
            advice: Vec::new(),
            details: vec![
                ("zairyu-pcsc", env!("CARGO_PKG_VERSION").to_owned()),
                ("system", std::env::consts::OS.to_owned()),
            ],
        }
    }

    fn likely(mut self) -> Self {
        self.certainty = Certainty::Likely;
        self
    }

    fn with_detail(mut self, name: &'static str, value: &str) -> Self {
        self.details.push((name, without_serial_numbers(value)));
        self
    }

    fn with_error(self, error: &Error) -> Self {
        match error.detail() {
            Some(detail) => self.with_detail("error", detail),
            None => self,
        }
    }

    fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice.push(advice.into());
        self
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.cause.sentence())?;
        for advice in &self.advice {
            write!(f, "\n{advice}")?;
        }
        let certainty = match self.certainty {
            Certainty::Certain => "",
            Certainty::Likely => " (likely)",
        };
        write!(f, "\n  diagnosis: {}{certainty}", self.cause.name())?;
        for (name, value) in &self.details {
            write!(f, "\n  {name}: {value}")?;
        }
        Ok(())
    }
}

/// Looks what stands between us and a card on any reader, within this time.
///
/// The same as [`OpenOptions::diagnose`] without options.
#[must_use]
pub fn diagnose(limit: Duration) -> Diagnosis {
    OpenOptions::new().diagnose(limit)
}

impl OpenOptions {
    /// Looks what stands between us and the card, within this time; [`wait`](Self::wait) does not count. It waits
    /// for nothing to come: five seconds are enough, of which it rarely takes more than a few tenths.
    #[must_use]
    pub fn diagnose(&self, limit: Duration) -> Diagnosis {
        self.diagnose_if(limit, |_| Ok(true))
    }

    /// The same, with a probe that knows the card that is wanted, as for [`open_if`](Self::open_if).
    #[must_use]
    pub fn diagnose_if(
        &self,
        limit: Duration,
        mut is_wanted: impl FnMut(&mut Session) -> Result<bool, Error>,
    ) -> Diagnosis {
        let started = Instant::now();
        let left = || limit.saturating_sub(started.elapsed());
        let options = self.with_deadline(started.checked_add(limit));
        let mut watch = Watch::new(self.cancel_handle().clone());
        let mut wait = Duration::ZERO;
        loop {
            let slots = match watch.look(wait, left()) {
                Ok(Some(slots)) => slots,
                Ok(None) => return self.no_service(hangs(), started.elapsed(), left()),
                Err(hindrance) => return self.no_service(hindrance, started.elapsed(), left()),
            };
            let patience = PATIENCE.min(left());
            let ready = options.try_cards(&slots, &mut BTreeMap::new(), patience, &mut is_wanted);
            let hindrance = match ready {
                Ok(session) => {
                    return with_readers(Diagnosis::of(Cause::Ready), &slots)
                        .with_detail("card in", session.reader());
                }
                Err(hindrance) => hindrance,
            };
            // A reader that was just plugged in may take its time until it tells of its card.
            let patience = first_status(&slots).saturating_sub(started.elapsed()).min(left());
            if hindrance.cause == Cause::NoCard && !patience.is_zero() {
                wait = patience;
                continue;
            }
            return with_readers(self.found(&hindrance, &slots), &slots).with_error(&hindrance.error);
        }
    }

    /// What keeps us from a card, the readers having been listed.
    fn found(&self, hindrance: &Hindrance, slots: &[Slot]) -> Diagnosis {
        match hindrance.cause {
            Cause::NoReader if slots.is_empty() => no_reader(),
            // Another card may be none that was reached by radio: then the reader is the wrong one.
            Cause::WrongCard
                if slots
                    .iter()
                    .filter(|slot| slot.has_card() && self.concerns(slot))
                    .all(|slot| form(&slot.atr) == CARD_BY_CONTACTS) =>
            {
                Diagnosis::of(Cause::ContactOnlyReader).likely()
            }
            cause => Diagnosis::of(cause),
        }
    }

    /// The readers could not even be listed.
    fn no_service(&self, hindrance: Hindrance, waited: Duration, left: Duration) -> Diagnosis {
        let Hindrance { cause, error } = hindrance;
        let diagnosis = match cause {
            Cause::ServiceHangs if waited < HANGS_FOR_SURE_AFTER => Diagnosis::of(cause).likely(),
            Cause::NoService | Cause::VersionMismatch | Cause::NotAuthorised => {
                self.behind_the_error(cause, left)
            }
            cause => Diagnosis::of(cause),
        };
        in_container(diagnosis).with_error(&error)
    }

    /// What the client library's error leaves open: it says "no service" of a daemon that is of another version, too.
    #[cfg(all(unix, not(target_os = "macos")))]
    fn behind_the_error(&self, cause: Cause, left: Duration) -> Diagnosis {
        use crate::daemon::{self, Daemon};
        use crate::worker::{Waited, Worker};

        let knocking = Worker::start(self.cancel_handle(), move |caller| {
            if caller.question().is_some() {
                caller.answer(daemon::knock(left));
            }
        });
        let daemon = knocking.ok().and_then(|worker: Worker<(), Daemon>| {
            worker.ask(());
            match worker.answer_within(left, &mut || false) {
                Waited::Answer(daemon) => Some(daemon),
                _ => None,
            }
        });
        let polkit = |diagnosis: Diagnosis| {
            diagnosis
                .with_advice(
                    "To allow it to the group pcscd, save this as /etc/polkit-1/rules.d/50-pcscd.rules:",
                )
                .with_advice(POLKIT_RULE.trim_end())
        };
        let (diagnosis, said) = match (cause, daemon) {
            // It hangs up: polkit's word, or that of a daemon with too many clients.
            (Cause::NotAuthorised, _) => (polkit(Diagnosis::of(cause).likely()), "hangs up".to_owned()),
            (_, Some(Daemon::SocketForbidden)) => (
                Diagnosis::of(Cause::NotAuthorised)
                    .with_advice("The daemon's socket may not be opened: see its file's owner and mode."),
                "the file system refuses".to_owned(),
            ),
            (_, Some(Daemon::Refuses)) => (
                polkit(Diagnosis::of(Cause::NotAuthorised).likely()),
                "hangs up".to_owned(),
            ),
            (Cause::VersionMismatch, Some(Daemon::Speaks { major, minor })) => {
                (Diagnosis::of(cause), format!("speaks protocol {major}:{minor}"))
            }
            // Old client libraries say so of another version. Or the daemon has just come.
            (_, Some(Daemon::Speaks { major, minor })) => (
                Diagnosis::of(Cause::VersionMismatch).likely(),
                format!("speaks protocol {major}:{minor}"),
            ),
            (_, Some(Daemon::Silent)) => (
                Diagnosis::of(Cause::ServiceHangs).likely(),
                "is silent".to_owned(),
            ),
            (_, Some(Daemon::NoSocket)) => (Diagnosis::of(cause), "is not there".to_owned()),
            (_, Some(Daemon::NotListening)) => (Diagnosis::of(cause), "nobody listens".to_owned()),
            (_, None) => (Diagnosis::of(cause), "unknown".to_owned()),
        };
        diagnosis
            .with_detail("daemon", &said)
            .with_detail("daemon socket", &socket_without_home())
    }

    #[cfg(not(all(unix, not(target_os = "macos"))))]
    fn behind_the_error(&self, cause: Cause, _left: Duration) -> Diagnosis {
        Diagnosis::of(cause)
    }
}

/// The default one, or that it was set to another one: its path may hold a user's name.
#[cfg(all(unix, not(target_os = "macos")))]
fn socket_without_home() -> String {
    match std::env::var_os("PCSCLITE_CSOCK_NAME") {
        Some(_) => "set by PCSCLITE_CSOCK_NAME".to_owned(),
        None => crate::daemon::socket().display().to_string(),
    }
}

#[cfg(target_os = "linux")]
fn no_reader() -> Diagnosis {
    let on_usb = crate::usb::card_readers(std::path::Path::new("/sys/bus/usb/devices"));
    without_driver(&on_usb)
}

/// The service knows no reader, and these are on the USB.
#[cfg(target_os = "linux")]
fn without_driver(on_usb: &[crate::usb::UsbReader]) -> Diagnosis {
    let mut diagnosis = match on_usb {
        [] => Diagnosis::of(Cause::NoReader),
        _ => Diagnosis::of(Cause::NoDriver).likely(),
    };
    for reader in on_usb {
        diagnosis = diagnosis.with_detail("usb reader", &reader.id);
        if let Some(driver) = &reader.kernel_driver {
            diagnosis = diagnosis.with_detail("kernel driver", driver).with_advice(format!(
                "The kernel's driver {driver} holds the reader {}: unload it (modprobe -r {driver}) and keep it from \
                 loading (a line \"blacklist {driver}\" in /etc/modprobe.d/).",
                reader.id
            ));
        }
        if reader.windows_only {
            diagnosis = diagnosis.with_advice("Sony RC-S380 has a PC/SC driver on Windows only.");
        }
    }
    in_container(diagnosis)
}

#[cfg(not(target_os = "linux"))]
fn no_reader() -> Diagnosis {
    Diagnosis::of(Cause::NoReader)
}

/// Notes the container that we are in, with what it takes to reach the host's service from there.
fn in_container(diagnosis: Diagnosis) -> Diagnosis {
    let Some((container, advice)) = container() else {
        return diagnosis;
    };
    let diagnosis = diagnosis.with_detail("container", container);
    if matches!(diagnosis.cause, Cause::NoService) {
        diagnosis.with_advice(advice)
    } else {
        diagnosis
    }
}

fn container() -> Option<(&'static str, &'static str)> {
    const SOCKET: &str = "In a container, give it the host's socket: --volume /run/pcscd:/run/pcscd";
    let exists = |path: &str| std::path::Path::new(path).exists();
    if !cfg!(target_os = "linux") {
        None
    } else if exists("/.flatpak-info") {
        Some(("flatpak", "In a Flatpak, allow the socket: --socket=pcsc"))
    } else if std::env::var_os("SNAP").is_some() {
        Some((
            "snap",
            "In a Snap, connect the interface: snap connect NAME:pcscd",
        ))
    } else if exists("/.dockerenv") {
        Some(("docker", SOCKET))
    } else if exists("/run/.containerenv") {
        Some(("podman", SOCKET))
    } else {
        None
    }
}

/// One line for each reader: its name, what it is, and what is in it.
fn with_readers(mut diagnosis: Diagnosis, slots: &[Slot]) -> Diagnosis {
    for slot in slots {
        let known = quirk(&slot.name());
        let interface = match known.map(|quirk| quirk.interface) {
            Some(Interface::Contactless) => "contactless",
            Some(Interface::Contact) => "contact cards only",
            Some(Interface::Virtual) => "no hardware",
            None => "kind unknown",
        };
        let content = match slot.card {
            CardState::Absent => "empty",
            CardState::Present => form(&slot.atr),
            CardState::HeldExclusively => "a card held exclusively by another program",
            CardState::Unresponsive => "a card that does not answer",
            CardState::ReaderUnavailable => "unavailable",
        };
        let line = format!("{}: {interface}, {content}", slot.name());
        diagnosis = diagnosis.with_detail("reader", &line);
        if let Some(note) = known.map(|quirk| quirk.note).filter(|note| !note.is_empty()) {
            diagnosis = diagnosis.with_detail("note", note);
        }
    }
    diagnosis
}

fn first_status(slots: &[Slot]) -> Duration {
    slots
        .iter()
        .filter_map(|slot| quirk(&slot.name()))
        .map(|quirk| quirk.first_status)
        .max()
        .unwrap_or_default()
}

const CARD_BY_CONTACTS: &str = "a card read by contacts";

/// What an answer to reset looks like. That of a contactless card is made up by the reader in a form of its own (PC/SC
/// part 3, 3.1.3.2.3), and says whether it is a memory card, like FeliCa and MIFARE.
fn form(atr: &[u8]) -> &'static str {
    const MEMORY_CARD: [u8; 7] = [0x80, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x03];
    match atr {
        [] => "a card",
        [0x3B, format, 0x80, 0x01, historical @ ..] if format & 0xF0 == 0x80 => {
            if historical.starts_with(&MEMORY_CARD) {
                "a contactless memory card"
            } else {
                "a contactless card"
            }
        }
        _ => CARD_BY_CONTACTS,
    }
}

/// Some readers have their serial number in their name, in brackets: "CLOUD 4700 F (53692037223306)".
fn without_serial_numbers(text: &str) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        let Some((inside, behind)) = after.split_once(')') else {
            break;
        };
        clean.push_str(before);
        let is_serial = inside.len() >= 5 && inside.chars().all(|c| c.is_ascii_hexdigit());
        if is_serial {
            clean.push_str("(...)");
        } else {
            clean.push('(');
            clean.push_str(inside);
            clean.push(')');
        }
        rest = behind;
    }
    clean + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_left_out_and_nothing_else() {
        for (name, clean) in [
            (
                "Identive CLOUD 4700 F (53692037223306) 00 00",
                "Identive CLOUD 4700 F (...) 00 00",
            ),
            (
                "SONY FeliCa RC-S300/P (0DC8CAFE01) 00",
                "SONY FeliCa RC-S300/P (...) 00",
            ),
            ("Reader (Contactless) (x", "Reader (Contactless) (x"),
            ("a (12345) b (67890) c", "a (...) b (...) c"),
            ("plain", "plain"),
            (")((", ")(("),
        ] {
            assert_eq!(without_serial_numbers(name), clean);
        }
    }

    #[test]
    fn cards_are_told_apart_by_the_form_of_their_answer_to_reset() {
        for (atr, expected) in [
            // A Type B card: PC/SC part 3, 3.1.3.2.3.2.
            (
                &[0x3B, 0x88, 0x80, 0x01, 0, 0, 0, 0, 0, 0x81, 0xC1, 0, 0x49][..],
                "a contactless card",
            ),
            // FeliCa: the registered application provider's identifier A0 00 00 03 06.
            (
                &[
                    0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0, 0, 0x03, 0x06, 0x11, 0, 0x3B, 0, 0, 0,
                    0, 0x42,
                ],
                "a contactless memory card",
            ),
            (&[0x3B, 0xD5, 0x18, 0xFF, 0x81, 0x91], CARD_BY_CONTACTS),
            (&[0x3B], CARD_BY_CONTACTS),
            (&[], "a card"),
        ] {
            assert_eq!(form(atr), expected);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_reader_without_a_driver_is_told_from_no_reader() {
        use crate::usb::UsbReader;

        assert_eq!(without_driver(&[]).cause(), Cause::NoReader);
        let reader = |id: &str, kernel_driver: Option<&str>, windows_only| UsbReader {
            id: id.to_owned(),
            kernel_driver: kernel_driver.map(str::to_owned),
            windows_only,
        };
        let diagnosis = without_driver(&[reader("072f:2200", Some("pn533_usb"), false)]);
        assert_eq!(
            (diagnosis.cause(), diagnosis.certainty()),
            (Cause::NoDriver, Certainty::Likely)
        );
        assert!(diagnosis.to_string().contains("modprobe -r pn533_usb"));
        let diagnosis = without_driver(&[reader("054c:06c3", None, true)]);
        assert!(diagnosis.to_string().contains("Windows only"));
    }

    #[test]
    fn the_front_page_has_the_polkit_rule() {
        let page = include_str!("lib.rs").replace("//! ", "");
        assert!(page.contains(POLKIT_RULE));
    }

    #[test]
    fn a_diagnosis_reads_as_a_sentence_and_details() {
        let diagnosis = Diagnosis::of(Cause::InUse)
            .with_detail("reader", "X (1234567)")
            .likely();
        let text = diagnosis.to_string();
        assert!(
            text.starts_with("Another program is using the card: close it"),
            "{text}"
        );
        assert!(text.contains("\n  diagnosis: in-use (likely)\n"), "{text}");
        assert!(text.ends_with("\n  reader: X (...)"), "{text}");
    }
}
