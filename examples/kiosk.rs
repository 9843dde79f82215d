//! A kiosk: waits for a card, asks for its number, shows what came of it, waits until the card is gone, and begins anew.
//!
//! ```text
//! cargo run --release --example kiosk --features pcsc -- --anchor ec_cacert_20260420.crt
//! ```
//!
//! It goes on through what happens at a front desk: readers unplugged and plugged in again, the smart-card service stopped and
//! restarted, cards taken away half way, wrong numbers, other cards and cards that do not answer. Ctrl-D ends it, and
//! so does Ctrl-C, also in the middle of a reading.
//!
//! Three sources put what happens into one queue: the readers, the keyboard, Ctrl-C. The kiosk takes one thing at a time out
//! of it. So there is nothing to lock, and a window or a web page can take the keyboard's place. That window would show
//! `report.images` too: the photo is what tells the holder from somebody with a copied chip.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use zairyu::pcsc::{Event, Interface, Monitor, OpenOptions, Presence, Session};
use zairyu::protocol::Error as CardError;
use zairyu::transport::{CancelHandle, Deadline, ErrorKind};
use zairyu::{Anchors, CardNumber, ReadError, Reading, Timestamp};

/// How long one whole reading may take. A card takes a few seconds.
const READING_LIMIT: Duration = Duration::from_secs(60);

/// How often a number may be typed for one card before the kiosk wants to see the card put on again.
const TRIES: u32 = 3;

/// The longest line that is taken from the keyboard, in bytes. A number has 12.
const LONGEST_LINE: u64 = 1_024;

/// Checks one residence card (在留カード) after the other.
#[derive(Parser)]
#[command(name = "kiosk")]
struct Options {
    /// A CA certificate to trust, DER or PEM; repeatable
    #[arg(long = "anchor", value_name = "FILE", required = true)]
    anchors: Vec<PathBuf>,

    /// Only readers whose name contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    reader: String,
}

/// What the kiosk reacts to.
enum Happening {
    Reader(Event),
    Typed(String),
    End,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match load_anchors(&options.anchors) {
        // An error here means that nobody reads our output any more: there is nobody left to serve.
        Ok(anchors) => match run(anchors, options.reader) {
            Ok(()) | Err(_) => ExitCode::SUCCESS,
        },
        Err(sentence) => {
            let _ = writeln!(io::stderr(), "{sentence}.");
            ExitCode::from(2)
        }
    }
}

fn load_anchors(files: &[PathBuf]) -> Result<Anchors, String> {
    let mut anchors = Anchors::new();
    for file in files {
        let name = file.display();
        let content = fs::read(file)
            .map_err(|error| format!("The CA certificate {name} cannot be read ({error}): check the path"))?;
        anchors
            .add(&content)
            .map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(anchors)
}

fn run(anchors: Anchors, reader: String) -> io::Result<()> {
    let (happens, happenings) = mpsc::channel();
    let cancel = CancelHandle::new();
    watch_readers(&cancel, happens.clone());
    watch_keyboard(happens.clone());
    watch_for_ctrl_c(&cancel, happens);

    let mut kiosk = Kiosk {
        anchors,
        reader,
        cancel: cancel.clone(),
        present: VecDeque::new(),
        tries_left: 0,
    };
    say("Put a card on the reader. Ctrl-D ends the program.")?;
    for happening in happenings {
        if kiosk.react(happening)?.is_break() {
            break;
        }
    }
    // Ends the monitor. The keyboard's thread ends with the process.
    cancel.cancel();
    say("Goodbye.")
}

fn watch_readers(cancel: &CancelHandle, happens: Sender<Happening>) {
    let monitor = Monitor::new().cancel_with(cancel);
    thread::spawn(move || {
        for event in monitor {
            if happens.send(Happening::Reader(event)).is_err() {
                return;
            }
        }
    });
}

fn watch_keyboard(happens: Sender<Happening>) {
    thread::spawn(move || {
        let mut keyboard = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            let happening = match (&mut keyboard).take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => Happening::End,
                Ok(_) => Happening::Typed(String::from_utf8_lossy(&line).trim().to_owned()),
            };
            let is_end = matches!(happening, Happening::End);
            if happens.send(happening).is_err() || is_end {
                return;
            }
        }
    });
}

fn watch_for_ctrl_c(cancel: &CancelHandle, happens: Sender<Happening>) {
    let cancel = cancel.clone();
    // Without a handler Ctrl-C ends the program too, only less politely.
    let _ = ctrlc::set_handler(move || {
        // A running exchange ends at once.
        cancel.cancel();
        let _ = happens.send(Happening::End);
    });
}

struct Kiosk {
    anchors: Anchors,
    /// Part of the name of the readers to use.
    reader: String,
    cancel: CancelHandle,
    /// The cards on the readers. The first one is being served.
    present: VecDeque<Presence>,
    /// How often a number may still be typed for it; 0 when it only has to be taken away.
    tries_left: u32,
}

impl Kiosk {
    fn react(&mut self, happening: Happening) -> io::Result<ControlFlow<()>> {
        match happening {
            Happening::End => return Ok(ControlFlow::Break(())),
            Happening::Reader(event) => self.on_event(event)?,
            Happening::Typed(line) => self.on_line(&line)?,
        }
        Ok(ControlFlow::Continue(()))
    }

    fn on_event(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::ReaderAdded { reader } if self.uses(&reader) => {
                say(&format!("Reader connected: {reader}"))
            }
            Event::ReaderRemoved { reader } if self.uses(&reader) => say(&format!("Reader gone: {reader}")),
            Event::CardInserted {
                reader,
                presence,
                answers,
            } if self.uses(&reader) => {
                if !answers {
                    return say("The card does not answer: take it off and put it flat on the reader.");
                }
                self.present.push_back(presence);
                if self.present.len() == 1 {
                    return self.serve_next();
                }
                say("Another card is still being served: leave this one where it is, its turn will come.")
            }
            Event::CardRemoved { presence, .. } => {
                let was_served = self.present.front() == Some(&presence);
                self.present.retain(|other| *other != presence);
                if !was_served {
                    return Ok(());
                }
                wipe_screen()?;
                say("The card is gone. Put the next card on the reader.")?;
                self.serve_next()
            }
            Event::ServiceUnavailable { error } => say(&format!("{error}. Waiting for it.")),
            Event::ServiceAvailable => say("The smart-card service is there."),
            _ => Ok(()),
        }
    }

    /// Takes up the first of the cards that are there, if it is one to read.
    fn serve_next(&mut self) -> io::Result<()> {
        self.tries_left = 0;
        let Some(presence) = self.present.front().cloned() else {
            return Ok(());
        };
        let recognised = self
            .open(&presence)
            .and_then(|card| zairyu::holds_residence_card(&mut Deadline::new(card, deadline())));
        match recognised {
            // What it is exactly, the reading tells; it needs the number for all but My Number Cards and foreign ones.
            Ok(true) => {
                self.tries_left = TRIES;
                ask_for_number()
            }
            Ok(false) => say(
                "This is not a residence card, or one that cannot be read yet: take it away, and put the residence card \
                 itself on the reader.",
            ),
            Err(error) => say(&format!("{error}. Take the card off and put it on again.")),
        }
    }

    fn on_line(&mut self, line: &str) -> io::Result<()> {
        let presence = match self.present.front() {
            Some(presence) if self.tries_left > 0 => presence.clone(),
            Some(_) => return say("This card is done: take it away first."),
            None => return say("Put the card on the reader first."),
        };
        let number = match CardNumber::parse(line) {
            Ok(number) => number,
            Err(error) => {
                say(&format!("{error}."))?;
                return ask_for_number();
            }
        };
        say("Reading: keep the card still.")?;
        match self.read(&presence, &number) {
            Ok(reading) => {
                self.tries_left = 0;
                let report = reading.judge(&self.anchors, Timestamp::now());
                write!(io::stdout(), "\n{report}\n")?;
                say("Compare this with the card and the person, then take the card away.")
            }
            Err(error) => {
                say(&format!("{error}."))?;
                self.tries_left = match may_be_tried_again(&error) {
                    true => self.tries_left.saturating_sub(1),
                    false => 0,
                };
                match self.tries_left {
                    0 => say("Take the card away."),
                    _ => ask_for_number(),
                }
            }
        }
    }

    fn read(&self, presence: &Presence, number: &CardNumber) -> Result<Reading, ReadError> {
        zairyu::read(&mut Deadline::new(self.open(presence)?, deadline()), number)
    }

    /// This card and no other. The session ends, and other programs get their turn, when the value is dropped.
    fn open(&self, presence: &Presence) -> Result<Session, ReadError> {
        let readers = OpenOptions::new()
            .presence(presence)
            .wait(Duration::from_secs(5))
            .cancel_with(&self.cancel);
        Ok(readers.open()?)
    }

    /// Not the slots for contact cards, nor what is no hardware.
    fn uses(&self, reader: &str) -> bool {
        let has = |part: &str| reader.to_lowercase().contains(&part.to_lowercase());
        let known = zairyu::pcsc::QUIRKS.iter().find(|quirk| has(quirk.name_part));
        let is_contactless = known.is_none_or(|quirk| quirk.interface == Interface::Contactless);
        has(&self.reader) && is_contactless
    }
}

fn deadline() -> Instant {
    Instant::now() + READING_LIMIT
}

/// Whether the same card can be read after this, with another number or a steadier hand.
fn may_be_tried_again(error: &ReadError) -> bool {
    match error {
        ReadError::Card(error) => matches!(
            error,
            CardError::NumberMismatch { .. } | CardError::Refused { .. } | CardError::Answer { .. }
        ),
        // Where the card is gone, the readers' monitor says so too, and the next one is waited for.
        ReadError::Transport(error) => matches!(
            error.kind(),
            ErrorKind::CardReset | ErrorKind::ExchangeFailed | ErrorKind::InUse | ErrorKind::TimedOut
        ),
        _ => false,
    }
}

fn ask_for_number() -> io::Result<()> {
    say("Type the number at the top right of the card:")
}

/// One line, at once.
fn say(text: &str) -> io::Result<()> {
    let mut screen = io::stdout().lock();
    writeln!(screen, "{text}")?;
    screen.flush()
}

/// What the last card said is not for the next person's eyes.
fn wipe_screen() -> io::Result<()> {
    let mut screen = io::stdout().lock();
    if screen.is_terminal() {
        // Erase the screen and what was scrolled out of it, cursor to the corner (ECMA-48, and xterm's 3J).
        write!(screen, "\x1b[2J\x1b[3J\x1b[H")?;
    }
    Ok(())
}
