use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pcsc::Context;
use zairyu_transport::{Error, ErrorKind};

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
    /// The contexts that wait inside the PC/SC library and have to be woken, by number.
    waiting: Mutex<BTreeMap<u64, Context>>,
}

impl CancelHandle {
    /// A handle that nothing listens to yet; give it to [`OpenOptions::cancel_with`](crate::OpenOptions::cancel_with).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends what it was given to, at once or within a fraction of a second.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::SeqCst);
        for context in self.waiting().values() {
            // A wait that this does not wake notices at its next look.
            let _ = context.cancel();
        }
    }

    /// Whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::SeqCst)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled));
        }
        Ok(())
    }

    /// Runs something that waits in this context, so that [`cancel`](Self::cancel) can wake it.
    pub(crate) fn waking<T>(&self, context: &Context, wait: impl FnOnce() -> T) -> T {
        let number = {
            let mut waiting = self.waiting();
            let number = waiting.last_key_value().map_or(0, |(last, _)| last + 1);
            waiting.insert(number, context.clone());
            number
        };
        let result = wait();
        self.waiting().remove(&number);
        result
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Context>> {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelHandle")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}
