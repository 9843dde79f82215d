//! A reader's driver, a callback or a writer that panics in the midst: no panic message and no backtrace shows anything of
//! the card, and the process goes on. Alone in its program, because a panic hook is for all of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod needles;

use std::backtrace::Backtrace;
use std::fmt::{self, Write};
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;

use needles::{TYPES, found_in, issue, number};
use zairyu::transport::{Callback, Limits};
use zairyu::{Anchors, Timestamp};
use zairyu_testcard::{IssuedCard, SoftwareCard};

static SEEN: Mutex<String> = Mutex::new(String::new());

/// Whether it panicked. Whatever the hook saw is kept.
fn panics(work: impl FnOnce()) -> bool {
    panic::catch_unwind(AssertUnwindSafe(work)).is_err()
}

/// Takes some characters, then panics.
struct Broken(usize);

impl Write for Broken {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match self.0.checked_sub(text.len()) {
            Some(left) => self.0 = left,
            None => panic!("the writer is broken"),
        }
        Ok(())
    }
}

#[test]
fn nothing_personal_is_in_a_panic_message() {
    panic::set_hook(Box::new(|panic| {
        let backtrace = Backtrace::force_capture();
        let text = format!("{panic} {panic:?} {backtrace}\n");
        SEEN.lock().unwrap().push_str(&text);
    }));
    let cards: Vec<IssuedCard> = TYPES.into_iter().map(issue).collect();
    let mut panicked = 0;
    for issued in &cards {
        for at in 0..16 {
            // The driver, at any command.
            let mut card = SoftwareCard::new(issued.clone());
            let mut commands = 0;
            let mut driver = Callback::new(Limits::EXTENDED, |command: &[u8]| {
                commands += 1;
                assert!(commands <= at, "the driver is broken");
                Ok(card.process(command))
            });
            panicked += usize::from(panics(|| drop(zairyu::read(&mut driver, &number()))));
            // The caller's own function.
            let mut calls = 0;
            panicked += usize::from(panics(|| {
                let mut card = SoftwareCard::new(issued.clone());
                let _ = zairyu::read_with_progress(&mut card, &number(), |_| {
                    calls += 1;
                    assert!(calls <= at, "the program is broken");
                    ControlFlow::Continue(())
                });
            }));
        }
        // Where the result is shown.
        let reading = zairyu::read(&mut SoftwareCard::new(issued.clone()), &number()).unwrap();
        let report = reading.judge(&Anchors::new(), Timestamp::now());
        for length in (0..1_500).step_by(50) {
            panicked += usize::from(panics(|| write!(Broken(length), "{report}").unwrap()));
        }
    }
    assert!(panicked > 150, "{panicked}");
    let seen = std::mem::take(&mut *SEEN.lock().unwrap());
    assert!(seen.contains("the driver is broken") && seen.contains("the program is broken"));
    assert_eq!(found_in(&seen, &cards), None);

    // What the scan is worth: a message with the number in it is found.
    assert!(panics(|| panic!("number {}", needles::NUMBER)));
    let seen = std::mem::take(&mut *SEEN.lock().unwrap());
    assert!(found_in(&seen, &cards).is_some());
    let _ = panic::take_hook();
}
