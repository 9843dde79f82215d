//! A byte for the reader's limits, one for the card's type, one for how many answers come first; the rest is one answer.
//!
//! What comes first is genuine up to the card number's verification; then the card has no file at all, so that a state is
//! reached in a few steps. After the answer the reading ends, whatever it was.

use std::sync::LazyLock;

use zairyu_protocol::CommandName;

use crate::{
    files::READABLE,
    genuine,
    input::Input,
    memory,
    session::{After, LIMITS, MEMORY, MOST_COMMANDS, Session},
};

/// The answers up to VERIFY, of each type.
static OPENING: LazyLock<[Vec<Vec<u8>>; 4]> = LazyLock::new(|| {
    READABLE.map(|card_type| {
        let mut answers = genuine::answers(genuine::issued(card_type), LIMITS[0]);
        answers.truncate(5);
        answers
    })
});

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let limits = input.choose(&LIMITS);
    let card = &OPENING[usize::from(input.byte()) % OPENING.len()];
    let before = usize::from(input.byte() % 20);
    memory::within(MEMORY, || {
        let mut session = Session::new(limits);
        for number in 0..=before + MOST_COMMANDS {
            let after = if number == before {
                session.receive(input.0)
            } else {
                let answer = answer(card, session.command_name());
                session.receive(answer)
            };
            session = match after {
                After::Waiting(session) => session,
                After::Done(_) | After::Over(_) => return,
            };
        }
        panic!("the reading does not end");
    });
}

fn answer(opening: &[Vec<u8>], command: CommandName) -> &[u8] {
    use zairyu_data::File::{CardType, CommonData};
    match command {
        CommandName::ReadBinary(CommonData) => &opening[0],
        CommandName::ReadBinary(CardType) => &opening[1],
        CommandName::GetChallenge => &opening[2],
        CommandName::MutualAuthenticate => &opening[3],
        CommandName::ReadBinary(_) => &[0x6A, 0x82],
        _ => &[0x90, 0x00],
    }
}
