//! A byte for the reader's limits, one for the card's type; then what happens to a reading, one thing after another: the
//! software card's answer arrives, or altered, or another one, or none; the card is reset or exchanged; the reading is
//! given up and begun again. At the end the card answers honestly.
//!
//! A reading during which nothing went wrong has exactly the card's files; every other ends with files that fit the
//! card's type or an error.

use zairyu_data::CardFiles;
use zairyu_testcard::SoftwareCard;

use crate::{
    files::READABLE,
    genuine::{SMALL, software_card},
    input::Input,
    session::{After, LIMITS, MOST_COMMANDS, Session},
};

/// Each reading costs some hundred commands.
const MOST_READINGS: usize = 4;

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let limits = input.choose(&LIMITS);
    let mut which = usize::from(input.byte()) % READABLE.len();
    let mut card = software_card(SMALL[which].clone());
    for _ in 0..MOST_READINGS {
        let reading = Reading {
            session: Session::new(limits),
            which,
            altered: false,
            previous: Vec::new(),
        };
        match reading.play(&mut card, &mut input) {
            Some(next) => which = next,
            None => return,
        }
        // Whatever happened before, a new reading of a card after power-up is a whole one.
        card = software_card(SMALL[which].clone());
    }
}

struct Reading {
    session: Session,
    /// Which card is in the reader.
    which: usize,
    /// Whether anything went wrong.
    altered: bool,
    previous: Vec<u8>,
}

impl Reading {
    /// Gives the card in the reader when the next reading begins, `None` at the end of the input.
    fn play(mut self, card: &mut SoftwareCard, input: &mut Input<'_>) -> Option<usize> {
        for _ in 0..=MOST_COMMANDS {
            let honest = |card: &mut SoftwareCard, session: &Session| card.process(session.command());
            let operation = if input.is_empty() { 0 } else { input.byte() % 13 };
            self.altered |= operation > 1;
            let answer = match operation {
                // Several honest answers, so that few bytes lead far.
                1 => {
                    for _ in 1..input.byte() % 64 {
                        let answer = honest(card, &self.session);
                        self.session = match self.session.receive(&answer) {
                            After::Waiting(session) => session,
                            over => return end(over, self.which, self.altered, input),
                        };
                    }
                    honest(card, &self.session)
                }
                2 => {
                    let (offset, xor) = (usize::from(input.number()), input.byte());
                    let mut answer = honest(card, &self.session);
                    let length = answer.len().max(1);
                    if let Some(byte) = answer.get_mut(offset % length) {
                        *byte ^= xor;
                    }
                    answer
                }
                3 => {
                    let mut answer = honest(card, &self.session);
                    answer.truncate(input.number().into());
                    answer
                }
                4 => {
                    let status = input.number().to_be_bytes();
                    let mut answer = honest(card, &self.session);
                    answer.truncate(answer.len().saturating_sub(2));
                    [answer, status.to_vec()].concat()
                }
                5 => {
                    let length = input.byte();
                    input.take(length.into()).to_vec()
                }
                // The reader could not carry it; the driver resets the card.
                6 => {
                    card.power_up();
                    self.session = match self.session.undelivered() {
                        Some(session) => session,
                        None => return next(self.which, input),
                    };
                    continue;
                }
                7 => {
                    card.power_down();
                    honest(card, &self.session)
                }
                8 => {
                    self.which = (self.which + 1) % READABLE.len();
                    *card = software_card(SMALL[self.which].clone());
                    honest(card, &self.session)
                }
                9 => self.previous.clone(),
                10 => {
                    let length = input.byte();
                    let more = input.take(length.into());
                    let mut answer = honest(card, &self.session);
                    let data = answer.len().saturating_sub(2);
                    answer.splice(data..data, more.iter().copied());
                    answer
                }
                // Another program sends a command in between.
                11 => {
                    let length = input.byte() % 32;
                    card.process(input.take(length.into()));
                    honest(card, &self.session)
                }
                // The reading is given up.
                12 => return next(self.which, input),
                _ => honest(card, &self.session),
            };
            self.previous.clone_from(&answer);
            self.session = match self.session.receive(&answer) {
                After::Waiting(session) => session,
                over => return end(over, self.which, self.altered, input),
            };
        }
        panic!("the reading does not end");
    }
}

fn end(after: After, which: usize, altered: bool, input: &Input<'_>) -> Option<usize> {
    if !altered {
        let expected: CardFiles = SMALL[which].card_files();
        match after {
            After::Done(files) => assert!(files == expected, "{files:?} is not what is on the card"),
            After::Over(error) => panic!("nothing went wrong, but: {error:?}"),
            After::Waiting(_) => {}
        }
    }
    next(which, input)
}

fn next(which: usize, input: &Input<'_>) -> Option<usize> {
    (!input.is_empty()).then_some(which)
}
