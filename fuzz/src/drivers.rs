//! A byte for the card's type, one for the reader, then faults: at which command, which, and what that takes.
//!
//! The blocking and the async driver come to the same end, after the same commands; without a fault that is the card's
//! files.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use zairyu::{ReadError, Reading};
use zairyu_data::CardFiles;
use zairyu_testcard::{ApduLengths, SoftwareCard};
use zairyu_transport::{AsyncTransport, Error, ErrorKind, Fault, FaultInjector, Limits, Transport};

use crate::{
    files::READABLE,
    genuine::{SMALL, software_card},
    input::Input,
    session::{MOST_COMMANDS, number},
};

const LIMITS: [Limits; 4] = [
    Limits::SHORT,
    Limits::EXTENDED,
    Limits::new(253, 253),
    Limits::new(1693, 1693),
];

const LENGTHS: [ApduLengths; 4] = [
    ApduLengths::Extended,
    ApduLengths::ShortOnlyByStatus,
    ApduLengths::ShortOnlyByError(ErrorKind::ExchangeFailed),
    ApduLengths::ShortOnlyByError(ErrorKind::LengthNotSupported),
];

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let which = usize::from(input.byte()) % READABLE.len();
    let (limits, lengths) = (input.choose(&LIMITS), input.choose(&LENGTHS));
    let mut faults = Vec::new();
    while !input.is_empty() && faults.len() < 8 {
        faults.push((usize::from(input.byte()), input.byte() >= 0x80, fault(&mut input)));
    }
    let reader = || {
        let card = software_card(SMALL[which].clone())
            .with_limits(limits)
            .with_lengths(lengths);
        let reader = FaultInjector::new(card);
        let reader = faults.iter().fold(reader, |reader, (at, on, fault)| match on {
            false => reader.inject(*at, fault.clone()),
            true => reader.inject_from(*at, fault.clone()),
        });
        // So that a driver that does not end is found by its number of commands.
        reader.inject_from(MOST_COMMANDS, Fault::Gone(ErrorKind::Other))
    };

    let mut blocking = reader();
    let result = outcome(zairyu::read(&mut blocking, &number()));
    let mut later = Later(reader());
    let number = number();
    let same = block_on(zairyu::read_async(&mut later, &number, |_| {
        ControlFlow::Continue(())
    }));
    assert_eq!(outcome(same), result);
    assert_eq!(later.0.commands(), blocking.commands());
    assert!(blocking.commands() <= MOST_COMMANDS);
    if faults.is_empty() {
        assert_eq!(result, Ok(SMALL[which].card_files()));
    }
}

/// Those whose effect does not depend on random numbers.
fn fault(input: &mut Input<'_>) -> Fault {
    match input.byte() % 8 {
        0 => Fault::Error(input.choose(ErrorKind::ALL)),
        1 => Fault::ErrorAfterwards(input.choose(ErrorKind::ALL)),
        2 => Fault::Gone(input.choose(ErrorKind::ALL)),
        3 => Fault::Status(input.number()),
        4 => {
            let length = input.byte() % 16;
            Fault::Extended(input.take(length.into()).to_vec())
        }
        5 => Fault::Cut(usize::from(input.byte() % 2)),
        6 => Fault::NoData,
        _ => Fault::OtherStatus(input.number()),
    }
}

/// Files or error, comparable.
fn outcome(result: Result<Reading, ReadError>) -> Result<CardFiles, String> {
    result
        .map(|reading| reading.files().clone())
        .map_err(|error| format!("{error:?}"))
}

/// A transport whose answers come later: each exchange is pending once.
struct Later(FaultInjector<SoftwareCard>);

impl AsyncTransport for Later {
    fn limits(&self) -> Limits {
        self.0.limits()
    }

    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let mut waited = false;
        poll_fn(|_| {
            let ready = std::mem::replace(&mut waited, true);
            if ready { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.0.transmit(command)
    }

    async fn reset(&mut self) -> Result<(), Error> {
        self.0.reset()
    }
}

/// The smallest executor there is.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
