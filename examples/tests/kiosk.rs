//! `kiosk` against the real pcscd with virtual readers: a day at the front desk.
#![cfg(all(feature = "pcsc", target_os = "linux"))]
#![allow(clippy::panic, clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use std::{env, fs, thread};

use zairyu::data::{CardType, Generation};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};
use zairyu_virtual_reader::{Card, Fault, Pcscd};

/// Far longer than anything here takes: the test fails instead of waiting for ever.
const AT_LAST: Duration = Duration::from_secs(120);

/// The running program, and what it says line by line.
struct Kiosk {
    program: Child,
    keyboard: Option<ChildStdin>,
    screen: Receiver<String>,
    anchor: PathBuf,
}

impl Kiosk {
    fn start(name: &str) -> Self {
        let test = env::current_exe().unwrap();
        let folder = test.parent().unwrap().parent().unwrap().join("examples");
        let anchor = env::temp_dir().join(format!("zairyu-{}-{name}.crt", std::process::id()));
        fs::write(&anchor, Issuer::new().ca_certificate(Generation::Second).unwrap()).unwrap();
        // The client library in the child finds the private daemon by the environment that it inherits.
        let mut program = Command::new(folder.join("kiosk"))
            .args(["--reader", "Desk", "--anchor", anchor.to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (says, screen) = mpsc::channel();
        let output = BufReader::new(program.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines() {
                let _ = says.send(line.unwrap());
            }
        });
        Self {
            keyboard: program.stdin.take(),
            program,
            screen,
            anchor,
        }
    }

    fn type_line(&mut self, line: &str) {
        writeln!(self.keyboard.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Reads on until a line contains this, and returns what was read.
    fn until(&self, words: &str) -> String {
        let mut seen = String::new();
        while !seen.contains(words) {
            match self.screen.recv_timeout(AT_LAST) {
                Ok(line) => seen = seen + &line + "\n",
                Err(_) => panic!("the kiosk never said {words:?}; it said:\n{seen}"),
            }
        }
        seen
    }

    fn interrupt(&self) {
        let id = self.program.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &id])
                .status()
                .unwrap()
                .success()
        );
    }

    fn ends_cleanly(&mut self) {
        self.until("Goodbye.");
        assert!(self.program.wait().unwrap().success());
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
        let _ = fs::remove_file(&self.anchor);
    }
}

fn software_card(number: &str) -> SoftwareCard {
    let builder = CardBuilder::new(CardType::SecondResidenceCard).number(number);
    SoftwareCard::new(Issuer::new().issue(&builder).unwrap())
}

/// A card with which something happens after some commands.
struct Disturbed {
    card: SoftwareCard,
    commands_left: usize,
    happens: Box<dyn FnMut() -> Fault + Send>,
}

impl Card for Disturbed {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn power_up(&mut self) {
        Card::power_up(&mut self.card);
    }

    fn power_down(&mut self) {
        Card::power_down(&mut self.card);
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault> {
        if self.commands_left == 0 {
            return Err((self.happens)());
        }
        self.commands_left -= 1;
        Card::transmit(&mut self.card, command)
    }
}

/// Something that does not answer at all.
struct Blank;

impl Card for Blank {
    fn atr(&self) -> Vec<u8> {
        Vec::new()
    }

    fn power_up(&mut self) {}

    fn power_down(&mut self) {}

    fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Fault> {
        Err(Fault::TimedOut)
    }
}

/// One test, since a process can have one daemon only, and this one stops it.
#[test]
fn the_kiosk_goes_on_whatever_happens() {
    let daemon = Pcscd::start(&["Desk", "Desk Two"]).unwrap();
    let desk = daemon.reader("Desk");
    let mut kiosk = Kiosk::start("kiosk");
    kiosk.until("Reader connected: Desk Two");

    // Typed too early, misspelt, another card's number, and at last the right one.
    kiosk.type_line("AB12345678CD");
    kiosk.until("Put the card on the reader first.");
    desk.insert(software_card("AB12345678CD"));
    kiosk.until("Type the number");
    kiosk.type_line("AB1234567");
    kiosk.until("Type the number");
    kiosk.type_line("AB12345678CE");
    kiosk.until("The card number does not match this card");
    kiosk.until("Type the number");
    kiosk.type_line("ab12345678cd");
    let report = kiosk.until("Compare this with the card");
    assert!(report.contains("Chip signature: Matches"), "{report}");
    kiosk.type_line("AB12345678CD");
    kiosk.until("This card is done");

    // A second card on another reader waits for its turn.
    daemon.reader("Desk Two").insert(software_card("EF12345678GH"));
    kiosk.until("Another card is still being served");
    desk.remove();
    kiosk.until("The card is gone");
    kiosk.until("Type the number");
    kiosk.type_line("EF12345678GH");
    assert!(kiosk.until("Compare this with the card").contains("EF12345678GH"));
    daemon.reader("Desk Two").remove();
    kiosk.until("The card is gone");

    // Pulled away half way: two commands to recognise it, the others of the reading. Then another card.
    desk.insert(Disturbed {
        card: software_card("AB12345678CD"),
        commands_left: 9,
        happens: Box::new(|| Fault::Removed),
    });
    kiosk.until("Type the number");
    kiosk.type_line("AB12345678CD");
    let broken_off = kiosk.until("The card left the reader");
    assert!(!broken_off.contains("Chip signature: Matches"), "{broken_off}");
    kiosk.until("The card is gone");
    desk.insert(software_card("JK12345678LM"));
    kiosk.until("Type the number");
    // Three wrong numbers are enough.
    for _ in 0..3 {
        kiosk.type_line("AB12345678CE");
    }
    kiosk.until("Take the card away.");
    desk.remove();
    kiosk.until("The card is gone");

    // Other cards, and what is no card at all.
    desk.insert(SoftwareCard::foreign_card(0x6E00));
    kiosk.until("This is not a residence card");
    desk.remove();
    kiosk.until("The card is gone");
    desk.insert(Blank);
    kiosk.until("The card does not answer");
    desk.remove();

    // The reader is unplugged with a card in it; the service is stopped, and comes back with the reader.
    desk.insert(software_card("AB12345678CD"));
    kiosk.until("Type the number");
    desk.unplug();
    kiosk.until("The card is gone");
    kiosk.until("Reader gone: Desk 0");
    daemon.stop().unwrap();
    kiosk.until("The smart-card service is not running");
    desk.plug_in().unwrap();
    daemon.restart().unwrap();
    kiosk.until("The smart-card service is there");
    kiosk.until("Reader connected: Desk Two");
    desk.insert(software_card("AB12345678CD"));
    kiosk.until("Type the number");
    kiosk.type_line("AB12345678CD");
    kiosk.until("Chip signature: Matches");

    // Ctrl-D.
    drop(kiosk.keyboard.take());
    kiosk.ends_cleanly();

    // Ctrl-C, while a card waits for its number.
    let mut second = Kiosk::start("second");
    second.until("Type the number");
    second.interrupt();
    second.ends_cleanly();

    // Ctrl-C, in the middle of a reading that hangs.
    let (reached, is_reached) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel::<()>();
    desk.insert(Disturbed {
        card: software_card("AB12345678CD"),
        commands_left: 9,
        happens: Box::new(move || {
            let _ = reached.send(());
            let _ = goes_on.recv();
            Fault::TimedOut
        }),
    });
    let mut third = Kiosk::start("third");
    third.until("Type the number");
    third.type_line("AB12345678CD");
    is_reached.recv_timeout(AT_LAST).unwrap();
    third.interrupt();
    third.ends_cleanly();
    drop(go_on);
}
