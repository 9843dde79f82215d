//! A reading under observation: every command and every result is held against what a reading may do.

use zairyu_data::{Access, CardFiles, CardNumber, File, Folder};
use zairyu_protocol::{CommandName, Error, MessageLimits, Randomness, ReadCard, Step};

use crate::memory::KIB;

/// The number that opens the software cards.
pub(crate) const NUMBER: &str = "AB12345678CD";

/// The most that a reading may hold: the card's files, a long response and its plaintext.
pub(crate) const MEMORY: usize = 320 * KIB;

/// Each pass: recognition, authentication, three folders (with a session in each, of three commands, if the profile says
/// so), and at most 64 reads for each of eight files. There are two passes at most.
pub(crate) const MOST_COMMANDS: usize = 2 * (8 + 3 + 3 + 9 + 8 * 64);

/// Both forms of length, and the limits at which lengths change theirs.
pub(crate) const LIMITS: [MessageLimits; 6] = [
    limits(261, 258),
    limits(65_544, 65_538),
    limits(46, 128),
    limits(253, 253),
    limits(261, 259),
    limits(1693, 1693),
];

const fn limits(command: usize, response: usize) -> MessageLimits {
    MessageLimits { command, response }
}

pub(crate) fn number() -> CardNumber {
    NUMBER.parse().expect("it has the form of one")
}

/// The reader's random numbers, always the same: recordings are played back.
pub(crate) const RANDOM: [u8; Randomness::LEN] = *b"reader's random numbers, not random: 2 x 24 byte";

/// A reading that waits for an answer.
pub(crate) struct Session {
    machine: ReadCard,
    counts: Counts,
}

struct Counts {
    limits: MessageLimits,
    commands: usize,
    authentications: usize,
    verifications: usize,
    bytes_done: usize,
}

/// What an answer led to.
#[expect(clippy::large_enum_variant, reason = "boxes would cost more than moves")]
pub(crate) enum After {
    Waiting(Session),
    Done(CardFiles),
    Over(Error),
}

impl Session {
    pub(crate) fn new(limits: MessageLimits) -> Self {
        let counts = Counts {
            limits,
            commands: 0,
            authentications: 0,
            verifications: 0,
            bytes_done: 0,
        };
        let machine = ReadCard::new(number(), Randomness::new(RANDOM), limits).expect("the limits suffice");
        Self::waiting(machine, counts)
    }

    fn waiting(machine: ReadCard, mut counts: Counts) -> Self {
        counts.check(&machine);
        Self { machine, counts }
    }

    pub(crate) fn command(&self) -> &[u8] {
        self.machine.command()
    }

    pub(crate) fn command_name(&self) -> CommandName {
        self.machine.command_name()
    }

    pub(crate) fn receive(self, response: &[u8]) -> After {
        match self.machine.receive(response) {
            Ok(Step::Continue(machine)) => After::Waiting(Self::waiting(machine, self.counts)),
            Ok(Step::Done(files)) => {
                check_files(&files);
                After::Done(files)
            }
            Err(error) => {
                let shown = error.to_string();
                assert!(!shown.is_empty() && !shown.contains(NUMBER));
                After::Over(error)
            }
        }
    }

    /// `None` when that was final.
    pub(crate) fn undelivered(self) -> Option<Self> {
        let machine = self.machine.undelivered()?;
        Some(Self::waiting(machine, self.counts))
    }
}

impl Counts {
    fn check(&mut self, machine: &ReadCard) {
        self.commands += 1;
        assert!(self.commands <= MOST_COMMANDS);
        let command = machine.command();
        assert!(command.len() <= self.limits.command);
        assert!(
            !command
                .windows(NUMBER.len())
                .any(|window| window == NUMBER.as_bytes())
        );
        let name = machine.command_name();
        self.check_form(name, command);

        let progress = machine.progress();
        assert!(progress.bytes_done <= progress.bytes_total || progress.bytes_total == 0);
        let from_the_beginning = name == CommandName::ReadBinary(File::CommonData);
        assert!(from_the_beginning || self.bytes_done <= progress.bytes_done);
        self.bytes_done = progress.bytes_done;
    }

    /// Nothing but these five commands ever reaches a card, in exactly these forms. A second try of the number's
    /// verification is made only when the whole sequence is repeated.
    fn check_form(&mut self, name: CommandName, command: &[u8]) {
        let is_read = |p1: u8, p2: u8| {
            let start = matches!((p1, p2), (0x81..=0x9E, 0)) || p1 < 0x80;
            start && matches!(name, CommandName::ReadBinary(_))
        };
        match *command {
            [0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00] => {
                assert!(matches!(name, CommandName::SelectMasterFile));
            }
            [0x00, 0xA4, 0x04, 0x0C, 0x10, ref aid @ ..] => {
                let residence = *b"\xD3\x92\xF0\x00\x4F\x01\0\0\0\0\0\0\0\0\0\0";
                let selected = match name {
                    CommandName::Select(folder) => folder.aid().copied(),
                    CommandName::SelectResidenceApplication => Some(residence),
                    _ => None,
                };
                assert_eq!(selected.as_ref().map(<[u8; 16]>::as_slice), Some(aid));
            }
            [0x00, 0x84, 0x00, 0x00, 0x08] => assert_eq!(name, CommandName::GetChallenge),
            [0x00, 0x82, 0x00, 0x00, 0x28, ref rest @ ..] => {
                assert_eq!(
                    (name, rest.len(), rest.last()),
                    (CommandName::MutualAuthenticate, 41, Some(&0))
                );
                self.authentications += 1;
                assert!(self.authentications <= 2);
            }
            [
                0x08,
                0x20,
                0x00,
                0x86,
                0x13,
                0x86,
                0x11,
                0x01,
                ref cryptogram @ ..,
            ] => {
                assert_eq!((name, cryptogram.len()), (CommandName::Verify, 16));
                self.verifications += 1;
                assert!(self.verifications <= self.authentications);
            }
            [0x00, 0xB0, p1, p2, le] => {
                assert!(is_read(p1, p2));
                let asked = if le == 0 { 256 } else { usize::from(le) };
                self.check_asked(name, asked, Access::CardNumber);
            }
            [0x00, 0xB0, p1, p2, 0x00, high, low] => {
                assert!(is_read(p1, p2) && self.limits.response > 258);
                self.check_asked(name, u16::from_be_bytes([high, low]).into(), Access::CardNumber);
            }
            [0x08, 0xB0, p1, p2, 0x04, 0x96, 0x02, high, low, 0x00] => {
                assert!(is_read(p1, p2));
                let asked = usize::from(u16::from_be_bytes([high, low]));
                assert!((1..=247).contains(&asked));
                self.check_asked(name, asked, Access::CardNumberAndSecureMessaging);
            }
            [
                0x08,
                0xB0,
                p1,
                p2,
                0x00,
                0x00,
                0x04,
                0x96,
                0x02,
                high,
                low,
                0x00,
                0x00,
            ] => {
                assert!(is_read(p1, p2) && self.limits.response > 258);
                let asked = u16::from_be_bytes([high, low]).into();
                self.check_asked(name, asked, Access::CardNumberAndSecureMessaging);
            }
            _ => panic!("a command of no known form: {command:02X?}"),
        }
    }

    /// The response, status word included, fits the reader. Files under the MF are short, whatever is asked for.
    fn check_asked(&self, name: CommandName, asked: usize, access: Access) {
        let CommandName::ReadBinary(file) = name else {
            panic!("{name} is no READ BINARY");
        };
        if matches!(file, File::CommonData | File::CardType) {
            return;
        }
        assert!(asked + 2 <= self.limits.response);
        assert!(access != Access::CardNumberAndSecureMessaging || is_secured(file));
    }
}

fn is_secured(file: File) -> bool {
    matches!(
        file,
        File::FrontImage
            | File::FaceImage
            | File::CardNumber
            | File::PrintedEntries
            | File::NameAndFaceImage
            | File::AddressImage
    )
}

/// How much longer a file may be when its lengths are written in three bytes instead of one.
const LENGTH_FORMS: usize = 20;

/// Every file is one of the card type's, and no longer than the card's.
fn check_files(files: &CardFiles) {
    for (file, content) in files.iter() {
        let entry = files.card_type().entry(file).expect("the type has the file");
        if entry.folder == Folder::Mf {
            assert!(content.len() <= 256);
        } else {
            assert!((1..=entry.capacity + LENGTH_FORMS).contains(&content.len()));
        }
    }
    let free = [File::CommonData, File::CardType];
    assert!(free.iter().all(|&file| files.get(file).is_some()));
}
