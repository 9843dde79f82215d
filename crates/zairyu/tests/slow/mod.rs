//! A transport for the async drivers, and what polls them.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use zairyu::transport::{AsyncTransport, Error, Limits, Transport};

/// A card whose answers come later: each exchange is pending once.
pub(crate) struct Slow<T>(pub(crate) T);

impl<T: Transport> AsyncTransport for Slow<T> {
    fn limits(&self) -> Limits {
        self.0.limits()
    }

    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let mut waited = false;
        poll_fn(|context| {
            if waited {
                return Poll::Ready(());
            }
            waited = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        self.0.transmit(command)
    }

    async fn reset(&mut self) -> Result<(), Error> {
        self.0.reset()
    }
}

/// The smallest executor there is.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
