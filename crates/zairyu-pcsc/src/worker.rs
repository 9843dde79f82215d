//! A thread that makes the PC/SC library's calls.
//!
//! They block: on a card that does not answer, on another program's transaction, on a daemon that hangs; none has a
//! limit. So no call is made on the caller's thread. The caller asks a worker and waits as long as it likes; a worker
//! that is stuck is left behind, and clears up after itself when it comes loose.

use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use zairyu_transport::{CancelHandle, Error, ErrorKind, Wakeup};

/// How long both sides stay awake for each other between exchanges and during one. The passing of bytes between threads
/// is then no measurable part of an exchange (`cargo bench -p zairyu-benches`); with a real card, which takes twenty
/// times as long, neither is this.
const AWAKE_FOR: Duration = Duration::from_micros(1000);

/// Who gives the processor away on a busy machine may get it back only after another program's whole time slice. One
/// loss of that length, and this side sleeps from then on, which is what the scheduler favours.
const TIME_SLICE: Duration = Duration::from_millis(1);

/// The caller's end. Dropping it tells the worker to end, and does not wait for it.
pub(crate) struct Worker<Q, A> {
    questions: Sender<Q>,
    mail: Receiver<Mail<A>>,
    alert: Alert,
    cancel: CancelHandle,
    _wakeup: Wakeup,
}

impl<Q, A> fmt::Debug for Worker<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Worker(..)")
    }
}

/// The worker's end.
pub(crate) struct Caller<Q, A> {
    questions: Receiver<Q>,
    mail: Sender<Mail<A>>,
    alert: Alert,
}

enum Mail<A> {
    Answer(A),
    /// From the cancel handle: look at it.
    Wake,
    /// The worker's thread has ended, by a panic perhaps.
    Ended,
}

/// What came of waiting for an answer.
pub(crate) enum Waited<A> {
    Answer(A),
    /// Not yet. It can be waited for again.
    NotYet,
    Cancelled,
    Ended,
}

impl<Q: Send + 'static, A: Send + 'static> Worker<Q, A> {
    pub(crate) fn start(
        cancel: &CancelHandle,
        work: impl FnOnce(&Caller<Q, A>) + Send + 'static,
    ) -> Result<Self, Error> {
        let (questions, incoming) = mpsc::channel();
        let (outgoing, mail) = mpsc::channel();
        let wake = outgoing.clone();
        let wakeup = cancel.waking(move || {
            let _ = wake.send(Mail::Wake);
        });
        let caller = Caller {
            questions: incoming,
            mail: outgoing,
            alert: Alert::default(),
        };
        thread::Builder::new()
            .name("zairyu-pcsc".to_owned())
            .spawn(move || work(&caller))
            .map_err(|error| Error::new(ErrorKind::Other).with_detail(error.to_string()))?;
        Ok(Self {
            questions,
            mail,
            alert: Alert::default(),
            cancel: cancel.clone(),
            _wakeup: wakeup,
        })
    }

    /// Asks. The answer is to be waited for, even if that takes several waits, before the next question.
    pub(crate) fn ask(&self, question: Q) {
        // A worker that has ended says so in its mail.
        let _ = self.questions.send(question);
    }

    /// Waits for the answer. As long as there is none, `meanwhile` is called, until it says that nothing is left to do.
    pub(crate) fn answer_within(&self, limit: Duration, meanwhile: &mut dyn FnMut() -> bool) -> Waited<A> {
        let started = Instant::now();
        let mut busy = true;
        loop {
            if self.cancel.is_cancelled() {
                return Waited::Cancelled;
            }
            let left = limit.saturating_sub(started.elapsed());
            let mail = if busy && !left.is_zero() {
                // The worker, and whoever it calls, may need this processor.
                thread::yield_now();
                match self.mail.try_recv() {
                    Ok(mail) => Ok(mail),
                    Err(_) => {
                        busy = meanwhile();
                        continue;
                    }
                }
            } else {
                self.alert
                    .soon(&self.mail)
                    .map_or_else(|| self.mail.recv_timeout(left), Ok)
            };
            match mail {
                Ok(Mail::Answer(answer)) => return Waited::Answer(answer),
                Ok(Mail::Wake) => {}
                Ok(Mail::Ended) | Err(RecvTimeoutError::Disconnected) => return Waited::Ended,
                Err(RecvTimeoutError::Timeout) => return Waited::NotYet,
            }
        }
    }

    /// Tells the worker to end, and waits for that.
    pub(crate) fn end_within(self, limit: Duration) {
        let Self { questions, mail, .. } = self;
        drop(questions);
        let started = Instant::now();
        while let Ok(Mail::Answer(_) | Mail::Wake) =
            mail.recv_timeout(limit.saturating_sub(started.elapsed()))
        {}
    }
}

impl<Q, A> Caller<Q, A> {
    /// The next question; none when the caller is gone.
    pub(crate) fn question(&self) -> Option<Q> {
        self.alert
            .soon(&self.questions)
            .or_else(|| self.questions.recv().ok())
    }

    /// Whether the answer had somewhere to go.
    pub(crate) fn answer(&self, answer: A) -> bool {
        self.mail.send(Mail::Answer(answer)).is_ok()
    }
}

impl<Q, A> Drop for Caller<Q, A> {
    fn drop(&mut self) {
        let _ = self.mail.send(Mail::Ended);
    }
}

/// Whether this side still stays awake.
#[derive(Default)]
struct Alert {
    tired: AtomicBool,
}

impl Alert {
    /// What comes within a moment, looked for without sleeping. Being woken up can cost more than that.
    fn soon<T>(&self, receiver: &Receiver<T>) -> Option<T> {
        let mut now = Instant::now();
        let until = now.checked_add(AWAKE_FOR)?;
        while !self.tired.load(Ordering::Relaxed) {
            if let Ok(received) = receiver.try_recv() {
                return Some(received);
            }
            if now >= until {
                break;
            }
            // Whoever works on what we wait for may need this processor.
            thread::yield_now();
            let before = mem::replace(&mut now, Instant::now());
            if now.saturating_duration_since(before) >= TIME_SLICE {
                self.tired.store(true, Ordering::Relaxed);
            }
        }
        None
    }
}

/// The worker panicked. In builds with debug assertions the `pcsc` crate does so at error codes unknown to it.
pub(crate) fn broken() -> Error {
    Error::new(ErrorKind::Other).with_detail("the PC/SC library failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn idle() -> bool {
        false
    }

    #[test]
    fn answers_come_back_and_the_end_is_told() {
        let worker = Worker::start(&CancelHandle::new(), |caller: &Caller<u32, u32>| {
            while let Some(question) = caller.question() {
                caller.answer(question + 1);
                if question == 2 {
                    return;
                }
            }
        })
        .unwrap();
        for question in [1, 2] {
            worker.ask(question);
            assert!(
                matches!(worker.answer_within(LONG, &mut idle), Waited::Answer(answer) if answer == question + 1)
            );
        }
        assert!(matches!(worker.answer_within(LONG, &mut idle), Waited::Ended));
    }

    #[test]
    fn work_is_done_until_the_answer_comes_or_nothing_is_left() {
        let (release, released) = mpsc::channel::<()>();
        let worker = Worker::start(&CancelHandle::new(), move |caller: &Caller<(), ()>| {
            while caller.question().is_some() {
                let _ = released.recv();
                caller.answer(());
            }
        })
        .unwrap();
        for most in [5, u32::MAX] {
            worker.ask(());
            let mut calls = 0;
            let waited = worker.answer_within(LONG, &mut || {
                calls += 1;
                if calls == 5 {
                    let _ = release.send(());
                }
                calls < most
            });
            assert!(matches!(waited, Waited::Answer(())));
            assert!(calls >= 5);
        }
        worker.ask(());
        let waited = worker.answer_within(Duration::from_millis(1), &mut || true);
        assert!(matches!(waited, Waited::NotYet));
    }

    #[test]
    fn a_panic_is_an_end() {
        let worker = Worker::start(&CancelHandle::new(), |caller: &Caller<(), ()>| {
            caller.question();
            panic!("on purpose");
        })
        .unwrap();
        worker.ask(());
        assert!(matches!(worker.answer_within(LONG, &mut idle), Waited::Ended));
    }

    #[test]
    fn a_stuck_worker_is_waited_for_no_longer_than_told_and_again_later() {
        let (release, released) = mpsc::channel::<()>();
        let worker = Worker::start(&CancelHandle::new(), move |caller: &Caller<(), u32>| {
            let _ = released.recv();
            caller.answer(7);
        })
        .unwrap();
        assert!(matches!(
            worker.answer_within(Duration::from_millis(1), &mut idle),
            Waited::NotYet
        ));
        drop(release);
        assert!(matches!(worker.answer_within(LONG, &mut idle), Waited::Answer(7)));
    }

    #[test]
    fn a_wait_is_cancelled_before_and_during() {
        let cancel = CancelHandle::new();
        let (release, released) = mpsc::channel::<()>();
        let worker = Worker::start(&cancel, move |_: &Caller<(), ()>| {
            let _ = released.recv();
        })
        .unwrap();
        let waiting =
            thread::spawn(move || matches!(worker.answer_within(LONG, &mut idle), Waited::Cancelled));
        cancel.cancel();
        assert!(waiting.join().unwrap());
        drop(release);
        let late = Worker::start(&cancel, |caller: &Caller<(), ()>| {
            caller.question();
        })
        .unwrap();
        assert!(matches!(late.answer_within(LONG, &mut idle), Waited::Cancelled));
    }
}
