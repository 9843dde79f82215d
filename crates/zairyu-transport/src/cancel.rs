use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Error, ErrorKind};

/// Ends a wait, or a running exchange, from another thread.
///
/// Clones are handles to the same thing. Once cancelled it stays so: everything it was given to ends with
/// [`ErrorKind::Cancelled`].
#[derive(Clone, Default)]
pub struct CancelHandle {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    cancelled: AtomicBool,
    /// What makes those who wait look at `cancelled`, by number.
    waiting: Mutex<BTreeMap<u64, Box<dyn Fn() + Send>>>,
}

impl CancelHandle {
    /// A handle that nothing listens to yet; give it to a backend's `OpenOptions::cancel_with`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends what it was given to, at once.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::SeqCst);
        for wake in self.shared.waiting().values() {
            wake();
        }
    }

    /// Whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::SeqCst)
    }

    /// For a backend, between two steps of a wait.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Cancelled`] once [`cancel`](Self::cancel) was called.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled));
        }
        Ok(())
    }

    /// For a backend that blocks: has this called by [`cancel`](Self::cancel), for as long as the returned value lives.
    #[must_use]
    pub fn waking(&self, wake: impl Fn() + Send + 'static) -> Wakeup {
        let mut waiting = self.shared.waiting();
        let number = waiting
            .last_key_value()
            .map_or(0, |(last, _)| last.wrapping_add(1));
        waiting.insert(number, Box::new(wake));
        Wakeup {
            shared: Arc::clone(&self.shared),
            number,
        }
    }
}

/// A place in the list of those whom [`CancelHandle::cancel`] wakes.
pub struct Wakeup {
    shared: Arc<Shared>,
    number: u64,
}

impl fmt::Debug for Wakeup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wakeup")
    }
}

impl Drop for Wakeup {
    fn drop(&mut self) {
        self.shared.waiting().remove(&self.number);
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Box<dyn Fn() + Send>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelHandle")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn cancelling_wakes_those_who_wait_and_stays() {
        let (handle, woken) = (CancelHandle::new(), Arc::new(AtomicUsize::new(0)));
        let wake = || {
            let woken = Arc::clone(&woken);
            move || {
                woken.fetch_add(1, Ordering::SeqCst);
            }
        };
        let (first, second) = (handle.waking(wake()), handle.clone().waking(wake()));
        assert_eq!(handle.check(), Ok(()));
        drop(first);
        handle.clone().cancel();
        assert_eq!(woken.load(Ordering::SeqCst), 1);
        assert_eq!(handle.check().unwrap_err().kind(), ErrorKind::Cancelled);
        drop(second);
        handle.cancel();
        assert_eq!(woken.load(Ordering::SeqCst), 1);
    }
}
