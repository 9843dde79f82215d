//! Card answers as for `whole_session`, of which the secrets are taken out as they come.
//!
//! The reading of what comes out takes the same path: the same commands, the same lengths, the same end. Of the card's
//! values, only `X` and filler are left.

use zairyu_data::{CardFiles, CardNumber, File};
use zairyu_protocol::{CommandName, Error, MessageLimits, Randomness, ReadCard, Redactor, StatusWord, Step};
use zairyu_tlv::Reader;

use crate::{
    input::{Block, Input},
    memory,
    session::{LIMITS, MEMORY, RANDOM, number},
};

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let limits = input.choose(&LIMITS);
    memory::within(4 * MEMORY, || play(limits, &mut input));
}

fn play(limits: MessageLimits, input: &mut Input<'_>) -> Option<()> {
    let start = |number| ReadCard::new(number, Randomness::new(RANDOM), limits).expect("the limits suffice");
    let (mut recorded, mut redacted) = (start(number()), start(CardNumber::MADE_UP));
    let mut redactor = Redactor::new(number(), Randomness::new(RANDOM), limits).expect("the limits suffice");
    loop {
        assert_eq!(recorded.command_name(), redacted.command_name());
        assert_eq!(recorded.command().len(), redacted.command().len());
        let (left, right) = match input.block()? {
            Block::Absent => {
                let command = redactor.failed_exchange(true).expect("the reading goes on");
                assert_eq!(command, redacted.command());
                match (recorded.undelivered(), redacted.undelivered()) {
                    (Some(one), Some(other)) => (recorded, redacted) = (one, other),
                    (None, None) => return over(&mut redactor),
                    _ => panic!("one begins again, the other does not"),
                }
                continue;
            }
            Block::Bytes(answer) => {
                let (command, replaced) = redactor.exchange(answer).expect("the reading goes on");
                assert_eq!(command, redacted.command());
                assert_eq!(replaced.len(), answer.len());
                check_proof(recorded.command_name(), answer, &replaced);
                (recorded.receive(answer), redacted.receive(&replaced))
            }
        };
        match (left, right) {
            (Ok(Step::Continue(one)), Ok(Step::Continue(other))) => (recorded, redacted) = (one, other),
            (Ok(Step::Done(one)), Ok(Step::Done(other))) => {
                check_files(&one, &other);
                return over(&mut redactor);
            }
            (Err(one), Err(other)) => {
                check_errors(one, other);
                return over(&mut redactor);
            }
            (one, other) => panic!("the path divides: {one:?}, {other:?}"),
        }
    }
}

fn over(redactor: &mut Redactor) -> Option<()> {
    assert!(redactor.exchange(&[0x90, 0x00]).is_none());
    None
}

/// What proves that the card knows its number would let everybody try all numbers.
fn check_proof(command: CommandName, answer: &[u8], replaced: &[u8]) {
    if command == CommandName::MutualAuthenticate {
        let meaningless = |window: &[u8]| window == b"XXXXXXXX";
        let mut pairs = answer.windows(8).zip(replaced.windows(8));
        assert!(pairs.all(|(one, other)| one != other || meaningless(one)));
    }
}

/// What is no status word of ISO/IEC 7816-4 may be data, and is overwritten too.
fn check_errors(recorded: Error, redacted: Error) {
    let (Error::Refused { command, status }, Error::Refused { .. }) = (recorded, redacted) else {
        return assert_eq!(recorded, redacted);
    };
    let known = matches!(status.number(), 0x6100..=0x6FFF | 0x9000..=0x9FFF);
    let status = if known { status } else { StatusWord::from(0x5858) };
    assert_eq!(Error::Refused { command, status }, redacted);
}

fn check_files(recorded: &CardFiles, redacted: &CardFiles) {
    assert_eq!(recorded.card_type(), redacted.card_type());
    let lengths = |files: &CardFiles| {
        files
            .iter()
            .map(|(file, content)| (file, content.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(lengths(recorded), lengths(redacted));
    for (file, content) in redacted.iter() {
        if matches!(file, File::CommonData | File::CardType) {
            continue;
        }
        let mut reader = Reader::new(content);
        while let Ok(Some(object)) = reader.next_object() {
            assert!(object.value().iter().all(|&byte| matches!(byte, 0 | b'X')));
        }
    }
}
