//! One time limit for a whole reading.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use zairyu_transport::{Callback, Deadline, Error, ErrorKind, Limits, Transport};

struct Counting {
    calls: usize,
    /// Each call lasts until then.
    busy_until: Instant,
    outcome: Result<(), ErrorKind>,
}

impl Counting {
    fn call(&mut self) -> Result<(), Error> {
        self.calls += 1;
        while Instant::now() < self.busy_until {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.outcome.map_err(Error::new)
    }
}

impl Transport for Counting {
    fn limits(&self) -> Limits {
        Limits::EXTENDED
    }

    fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Error> {
        self.call().map(|()| vec![0x90, 0x00])
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.call()
    }
}

fn counting(busy_until: Instant, outcome: Result<(), ErrorKind>) -> Counting {
    Counting {
        calls: 0,
        busy_until,
        outcome,
    }
}

#[test]
fn in_time_all_goes_through() {
    let now = Instant::now();
    let mut counting = counting(now, Ok(()));
    let mut card = Deadline::new(&mut counting, now + Duration::from_secs(3600));
    assert_eq!(card.limits(), Limits::EXTENDED);
    assert_eq!(card.transmit(&[]).unwrap(), [0x90, 0x00]);
    card.reset().unwrap();
    assert_eq!(counting.calls, 2);
}

#[test]
fn once_it_has_passed_nothing_reaches_the_card() {
    let now = Instant::now();
    let mut counting = counting(now, Ok(()));
    let mut card = Deadline::new(&mut counting, now);
    for _ in 0..3 {
        assert_eq!(card.transmit(&[]).unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(card.reset().unwrap_err().kind(), ErrorKind::TimedOut);
    }
    assert_eq!(counting.calls, 0);
}

/// Calls a card that answers when the deadline has passed, and then once more: what came of both.
fn late(outcome: Result<(), ErrorKind>, call: Call) -> [Error; 2] {
    loop {
        let at = Instant::now() + Duration::from_millis(50);
        let mut counting = counting(at, outcome);
        let mut card = Deadline::new(&mut counting, at);
        let errors = [call(&mut card).unwrap_err(), call(&mut card).unwrap_err()];
        // On a busy machine the time may be over before the first call: once more then.
        if counting.calls > 0 {
            assert_eq!(counting.calls, 1);
            return errors;
        }
    }
}

type Call = fn(&mut Deadline<&mut Counting>) -> Result<(), Error>;

const CALLS: [Call; 2] = [|card| card.transmit(&[]).map(drop), |card| card.reset()];

#[test]
fn a_late_response_is_not_handed_out() {
    for call in CALLS {
        for error in late(Ok(()), call) {
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert!(
                error
                    .detail()
                    .is_some_and(|detail| detail.contains("whole reading"))
            );
        }
    }
}

#[test]
fn a_late_error_is_handed_out_and_the_next_call_times_out() {
    for call in CALLS {
        let kinds = late(Err(ErrorKind::CardRemoved), call).map(|error| error.kind());
        assert_eq!(kinds, [ErrorKind::CardRemoved, ErrorKind::TimedOut]);
    }
}

/// As an application stacks them: a borrowed, boxed transport.
#[test]
fn wraps_borrowed_and_boxed_transports() {
    let mut card: Box<dyn Transport> =
        Box::new(Callback::new(Limits::SHORT, |_: &[u8]| Ok(vec![0x90, 0x00])));
    let mut card = Deadline::new(&mut card, Instant::now() + Duration::from_secs(3600));
    assert_eq!(card.transmit(&[]).unwrap(), [0x90, 0x00]);
}
