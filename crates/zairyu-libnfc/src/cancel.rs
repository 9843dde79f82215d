use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use zairyu_transport::{Error, ErrorKind};

/// Ends a wait, or a running exchange, from another thread.
///
/// Clones are handles to the same thing. Once cancelled it stays so: everything it was given to ends with
/// [`ErrorKind::Cancelled`].
#[derive(Clone, Debug, Default)]
pub struct CancelHandle {
    cancelled: Arc<AtomicBool>,
}

impl CancelHandle {
    /// A handle that nothing listens to yet; give it to [`OpenOptions::cancel_with`](crate::OpenOptions::cancel_with).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends what it was given to, within a fraction of a second.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    /// Whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled));
        }
        Ok(())
    }
}
