//! The loop that every user of the machine writes, for tests.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use zairyu_data::{CardFiles, CardNumber, CardType};
use zairyu_protocol::{MessageLimits, Randomness, ReadCard, Step};
use zairyu_testcard::{CardBuilder, Issuer, Randomness as CardRandomness, SoftwareCard};
use zairyu_transport::{ErrorKind, Transport};

/// Far more than any reading takes: twice the longest, with every file in the smallest pieces.
pub const MOST_COMMANDS: usize = 1000;

#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    Card(zairyu_protocol::Error),
    Transport(ErrorKind),
}

pub fn card(card_type: CardType) -> SoftwareCard {
    SoftwareCard::new(Issuer::new().issue(&CardBuilder::new(card_type)).unwrap())
        .with_randomness(CardRandomness::Seeded(1))
}

pub fn read(card: &mut SoftwareCard) -> Result<CardFiles, Failure> {
    read_observed(card, |_| ())
}

pub fn read_observed(card: &mut SoftwareCard, observe: impl FnMut(&ReadCard)) -> Result<CardFiles, Failure> {
    let number = card.issued().unwrap().number().clone();
    read_with_number(card, number, observe)
}

pub fn read_with_number(
    card: &mut SoftwareCard,
    number: CardNumber,
    mut observe: impl FnMut(&ReadCard),
) -> Result<CardFiles, Failure> {
    let limits = card.limits();
    let limits = MessageLimits {
        command: limits.command(),
        response: limits.response(),
    };
    let mut machine = ReadCard::new(number, Randomness::new([0x5A; 48]), limits).map_err(Failure::Card)?;
    for _ in 0..MOST_COMMANDS {
        observe(&machine);
        machine = match card.transmit(machine.command()) {
            Ok(response) => match machine.receive(&response).map_err(Failure::Card)? {
                Step::Continue(next) => next,
                Step::Done(files) => return Ok(files),
            },
            Err(error) => match error.kind() {
                ErrorKind::ExchangeFailed | ErrorKind::LengthNotSupported => {
                    card.power_up();
                    machine.undelivered().ok_or(Failure::Transport(error.kind()))?
                }
                kind => return Err(Failure::Transport(kind)),
            },
        };
    }
    unreachable!("the reading does not end")
}
