//! A byte for the reader's limits, then a list of card answers, each a block; an absent one was not delivered.
//!
//! The reading sends only commands that a reading consists of, a bounded number of them, holds a bounded number of bytes,
//! and ends with an error, or with files that fit the card's type and can be saved. Recordings of the software card are
//! the seeds.

use zairyu::{Reading, Timestamp};
use zairyu_data::Card;

use crate::{
    input::{Block, Input},
    memory,
    session::{After, LIMITS, MEMORY, Session, number},
};

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let limits = input.choose(&LIMITS);
    let files = memory::within(MEMORY, || {
        let mut session = Session::new(limits);
        loop {
            let after = match input.block()? {
                Block::Bytes(answer) => session.receive(answer),
                Block::Absent => After::Waiting(session.undelivered()?),
            };
            session = match after {
                After::Waiting(session) => session,
                After::Done(files) => return Some(files),
                After::Over(_) => return None,
            };
        }
    });
    if let Some(files) = files {
        drop(Card::parse(&files));
        let reading = Reading::new(files, number(), Timestamp::UNIX_EPOCH);
        let again = Reading::from_dump(&reading.to_dump());
        assert_eq!(again, Ok(reading), "what was read cannot be saved");
    }
}
