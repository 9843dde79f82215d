//! A service that is not there, hangs, refuses or is of another version: the real pcscd, and what stands in its place.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod toy;

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use toy::{OK, ToyCard};
use zairyu_pcsc::{Cause, Certainty, Diagnosis, Event, Monitor, OpenOptions, POLKIT_RULE, diagnose, readers};
use zairyu_transport::{CancelHandle, ErrorKind, Transport};
use zairyu_virtual_reader::Pcscd;

const LIMIT: Duration = Duration::from_secs(30);

/// What the client library would wait for is endless. This is far more than what we allow, even on a busy machine.
const NOT_FOR_EVER: Duration = Duration::from_secs(20);

fn options() -> OpenOptions {
    OpenOptions::new().wait(Duration::from_secs(60))
}

fn soon() -> OpenOptions {
    options().wait(Duration::from_millis(300))
}

fn detail<'a>(diagnosis: &'a Diagnosis, name: &str) -> Option<&'a str> {
    let found = diagnosis.details().find(|(known, _)| *known == name);
    found.map(|(_, value)| value)
}

/// Listens where the daemon would, and treats each client in the same way.
struct Impostor {
    over: Arc<AtomicBool>,
    daemon: std::path::PathBuf,
    listening: Option<JoinHandle<()>>,
}

impl Impostor {
    fn listen(daemon: &Pcscd, treat: fn(UnixStream)) -> Self {
        let listener = UnixListener::bind(daemon.socket()).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let listening = thread::spawn({
            let over = Arc::clone(&over);
            move || {
                for client in listener.incoming() {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    let client = client.unwrap();
                    thread::spawn(move || treat(client));
                }
            }
        });
        Self {
            over,
            daemon: daemon.socket(),
            listening: Some(listening),
        }
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = UnixStream::connect(&self.daemon);
        self.listening.take().unwrap().join().unwrap();
        std::fs::remove_file(&self.daemon).unwrap();
    }
}

/// As pcscd does with a client that polkit refuses: it hangs up, before or after the client has said something.
fn refuse_before(client: UnixStream) {
    drop(client);
}

fn refuse_after(mut client: UnixStream) {
    let mut question = [0; 20];
    let _ = client.read_exact(&mut question);
}

fn answer(client: &mut UnixStream, length: usize, answer: &[u32]) -> bool {
    let mut question = vec![0; 8 + length];
    if client.read_exact(&mut question).is_err() {
        return false;
    }
    let bytes: Vec<u8> = answer.iter().flat_map(|word| word.to_ne_bytes()).collect();
    client.write_all(&bytes).is_ok()
}

/// As pcscd of a later protocol does: `SCARD_E_SERVICE_STOPPED`, and its own version.
fn is_of_another_version(mut client: UnixStream) {
    while answer(&mut client, 12, &[4, 99, 0x8010_001E]) {}
}

/// Greets, and then fails with a code that no PC/SC implementation knows.
fn fails_oddly(mut client: UnixStream) {
    answer(&mut client, 12, &[4, 4, 0]);
    answer(&mut client, 12, &[0, 0, 0xDEAD_BEEF]);
}

/// One test, for there is one daemon and what happens to it happens to all.
#[test]
fn outages_are_told_apart_and_never_wait_for_ever() {
    let daemon = Pcscd::start(&["Toy"]).unwrap();
    daemon.reader("Toy").insert(ToyCard::willing());
    let mut card = options().exchange_limit(Duration::from_secs(1)).open().unwrap();
    let mut monitor = Monitor::new();
    assert!(matches!(
        monitor.next_within(LIMIT).unwrap(),
        Some(Event::ReaderAdded { .. })
    ));

    // The daemon hangs: nothing of ours does.
    daemon.pause().unwrap();
    let started = Instant::now();
    let diagnosis = diagnose(Duration::from_millis(300));
    assert_eq!(diagnosis.cause(), Cause::ServiceHangs);
    assert_eq!(diagnosis.certainty(), Certainty::Likely);
    assert_eq!(card.transmit(&[0; 4]).unwrap_err().kind(), ErrorKind::TimedOut);
    drop(card);
    let error = soon().open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoService);
    assert!(error.detail().unwrap().contains("does not answer"), "{error}");
    assert_eq!(readers().unwrap_err().kind(), ErrorKind::NoService);
    let handle = CancelHandle::new();
    let cancelled = options().cancel_with(&handle);
    let waiting = thread::spawn(move || cancelled.open().unwrap_err().kind());
    thread::sleep(Duration::from_millis(100));
    handle.cancel();
    assert_eq!(waiting.join().unwrap(), ErrorKind::Cancelled);
    drop(monitor);
    assert!(started.elapsed() < NOT_FOR_EVER);
    // A longer look is sure of it.
    let diagnosis = diagnose(Duration::from_secs(5));
    assert_eq!(
        (diagnosis.cause(), diagnosis.certainty()),
        (Cause::ServiceHangs, Certainty::Certain)
    );
    // It comes to itself while a card is waited for.
    let waiting = thread::spawn(|| options().open().unwrap().transmit(&[0; 4]));
    thread::sleep(Duration::from_millis(100));
    daemon.resume().unwrap();
    assert_eq!(waiting.join().unwrap().unwrap(), OK);
    assert_eq!(diagnose(LIMIT).cause(), Cause::Ready);

    // It is stopped, socket and all; or it died and left its socket.
    daemon.stop().unwrap();
    let diagnosis = diagnose(LIMIT);
    assert_eq!(
        (diagnosis.cause(), diagnosis.certainty()),
        (Cause::NoService, Certainty::Certain)
    );
    assert_eq!(detail(&diagnosis, "daemon"), Some("is not there"));
    assert_eq!(
        detail(&diagnosis, "daemon socket"),
        Some("set by PCSCLITE_CSOCK_NAME")
    );
    drop(UnixListener::bind(daemon.socket()).unwrap());
    let diagnosis = diagnose(LIMIT);
    assert_eq!(diagnosis.cause(), Cause::NoService);
    assert_eq!(detail(&diagnosis, "daemon"), Some("nobody listens"));
    std::fs::remove_file(daemon.socket()).unwrap();

    // It refuses us.
    for refuse in [refuse_before, refuse_after] {
        let impostor = Impostor::listen(&daemon, refuse);
        assert_eq!(options().open().unwrap_err().kind(), ErrorKind::NotAuthorised);
        assert_eq!(readers().unwrap_err().kind(), ErrorKind::NotAuthorised);
        let diagnosis = diagnose(LIMIT);
        assert_eq!(diagnosis.cause(), Cause::NotAuthorised);
        assert!(diagnosis.advice().any(|advice| advice == POLKIT_RULE.trim_end()));
        assert!(
            diagnosis.to_string().contains(POLKIT_RULE.trim_end()),
            "{diagnosis}"
        );
        drop(impostor);
    }

    // It is of another version.
    let impostor = Impostor::listen(&daemon, is_of_another_version);
    assert_eq!(soon().open().unwrap_err().kind(), ErrorKind::NoService);
    let diagnosis = diagnose(LIMIT);
    assert_eq!(
        (diagnosis.cause(), diagnosis.certainty()),
        (Cause::VersionMismatch, Certainty::Certain)
    );
    assert_eq!(detail(&diagnosis, "daemon"), Some("speaks protocol 4:99"));
    drop(impostor);

    // It says something that the PC/SC library's binding does not know, and panics at in debug builds.
    let impostor = Impostor::listen(&daemon, fails_oddly);
    assert!(readers().is_err());
    assert!(soon().open().is_err());
    assert!(matches!(
        diagnose(LIMIT).cause(),
        Cause::Other | Cause::ExchangeFailed
    ));
    drop(impostor);

    // After all that.
    daemon.restart().unwrap();
    assert_eq!(options().open().unwrap().transmit(&[0; 4]).unwrap(), OK);
}
