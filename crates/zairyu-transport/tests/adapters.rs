//! A closure as a transport, and the trait for `async` callers.

#![allow(clippy::unwrap_used)]

use std::{
    cell::Cell,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use zairyu_transport::{AsyncTransport, Callback, Deadline, Error, ErrorKind, Limits, Transport};

#[test]
fn closure_gets_the_command_and_its_outcome_comes_back() {
    let mut seen = Vec::new();
    let mut card = Callback::new(Limits::new(253, 253), |command: &[u8]| {
        seen.push(command.to_vec());
        match command {
            [] => Err(Error::new(ErrorKind::CardRemoved).with_detail("TagLostException")),
            _ => Ok(command.iter().rev().copied().collect()),
        }
    });
    assert_eq!(card.limits(), Limits::new(253, 253));
    assert_eq!(card.transmit(&[1, 2, 3]).unwrap(), [3, 2, 1]);
    let removed = card.transmit(&[]).unwrap_err();
    assert_eq!(
        (removed.kind(), removed.detail()),
        (ErrorKind::CardRemoved, Some("TagLostException"))
    );
    card.reset().unwrap_err();
    assert_eq!(seen, [vec![1, 2, 3], vec![]]);
}

/// As in a browser: its futures are not `Send`, and wait.
struct Waiting(Rc<Cell<usize>>);

impl AsyncTransport for Waiting {
    fn limits(&self) -> Limits {
        Limits::EXTENDED
    }

    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let waited = Rc::clone(&self.0);
        std::future::poll_fn(|_| {
            waited.set(waited.get() + 1);
            if waited.get() < 3 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        Ok(command.to_vec())
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// What a driver does with any of them.
async fn send(mut transport: impl AsyncTransport) -> (Limits, Result<Vec<u8>, Error>, Result<(), Error>) {
    let response = transport.transmit(&[0x90, 0x00]).await;
    (transport.limits(), response, transport.reset().await)
}

#[test]
fn async_transport_waits_and_cannot_reset_unless_it_says_so() {
    let waited = Rc::new(Cell::new(0));
    let mut card = Waiting(Rc::clone(&waited));
    let (limits, response, reset) = block_on(send(&mut card));
    assert_eq!(limits, Limits::EXTENDED);
    assert_eq!(response.unwrap(), [0x90, 0x00]);
    assert_eq!(waited.get(), 3);
    // The same as the blocking trait says.
    let blocking = Callback::new(Limits::SHORT, |_: &[u8]| Ok(Vec::new())).reset();
    assert_eq!(reset, blocking);
}

#[test]
fn borrowed_transports_reset_as_the_lent_one_does() {
    struct Resettable(usize);
    impl AsyncTransport for Resettable {
        fn limits(&self) -> Limits {
            Limits::SHORT
        }
        async fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Error> {
            Err(Error::new(ErrorKind::CardRemoved))
        }
        async fn reset(&mut self) -> Result<(), Error> {
            self.0 += 1;
            Ok(())
        }
    }
    let mut card = Resettable(0);
    let (_, response, reset) = block_on(send(&mut card));
    assert_eq!(response.unwrap_err().kind(), ErrorKind::CardRemoved);
    assert_eq!((reset, card.0), (Ok(()), 1));
}

/// A card that is at work between the command and its response, and notes whether `meanwhile` came then.
struct AtWork {
    was_at_work: bool,
}

impl Transport for AtWork {
    fn limits(&self) -> Limits {
        Limits::SHORT
    }

    fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(vec![0x90, 0x00])
    }

    fn transmit_while(
        &mut self,
        command: &[u8],
        meanwhile: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<u8>, Error> {
        self.was_at_work = true;
        while meanwhile() {}
        self.transmit(command)
    }
}

#[test]
fn what_is_to_be_done_meanwhile_reaches_the_transport_below() {
    let mut card = AtWork { was_at_work: false };
    let at = Instant::now() + Duration::from_secs(3600);
    let mut around: Box<dyn Transport> = Box::new(Deadline::new(&mut card, at));
    let mut calls = 0;
    let response = around.transmit_while(&[0x00], &mut || {
        calls += 1;
        calls < 3
    });
    assert_eq!(response.unwrap(), [0x90, 0x00]);
    drop(around);
    assert!(card.was_at_work);
    assert_eq!(calls, 3);
}

#[test]
fn a_transport_that_cannot_do_both_leaves_it_for_later() {
    let mut card = Callback::new(Limits::SHORT, |_: &[u8]| Ok(vec![0x90, 0x00]));
    let response = card.transmit_while(&[0x00], &mut || unreachable!("it is not called"));
    assert_eq!(response.unwrap(), [0x90, 0x00]);
}
