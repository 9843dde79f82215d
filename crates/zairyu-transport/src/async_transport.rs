use crate::{Error, Limits, cannot_reset};

/// [`Transport`](crate::Transport) for callers that wait without blocking: a browser (WebUSB), a phone, a remote reader.
///
/// It asks for no runtime, and its futures need not be [`Send`]: a browser's are not. Who needs that wraps the blocking
/// trait in a thread of its own instead.
///
/// ```
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
/// use zairyu_transport::{AsyncTransport, Error, ErrorKind, Limits};
///
/// /// A "reader" whose card says `9000` to everything.
/// struct Agreeable;
///
/// impl AsyncTransport for Agreeable {
///     fn limits(&self) -> Limits {
///         Limits::SHORT
///     }
///     async fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Error> {
///         Ok(vec![0x90, 0x00])
///     }
/// }
///
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = pin!(future);
/// #     loop {
/// #         if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
/// #             return output;
/// #         }
/// #     }
/// # }
/// # block_on(async {
/// let mut card = Agreeable;
/// assert_eq!(card.transmit(&[0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00]).await?, [0x90, 0x00]);
/// assert_eq!(card.reset().await.unwrap_err().kind(), ErrorKind::Other);
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
#[expect(
    async_fn_in_trait,
    reason = "whether the futures are Send is up to the implementation"
)]
pub trait AsyncTransport {
    /// How long commands and responses may be.
    fn limits(&self) -> Limits;

    /// Sends one command APDU and returns the response APDU, status word included.
    ///
    /// When the future is dropped before it is done, the card may have executed the command or not: begin again after
    /// [`reset`](Self::reset), or on a new value.
    ///
    /// # Errors
    ///
    /// An [`Error`] that says why no response came. A response that the card gave is never an error here, whatever its
    /// status word says.
    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error>;

    /// Puts the card back into its state after power-up, so that a reading can begin again on it.
    ///
    /// # Errors
    ///
    /// What stood in the way. A transport that cannot do it, which is the default, says so.
    async fn reset(&mut self) -> Result<(), Error> {
        Err(cannot_reset())
    }
}

impl<T: AsyncTransport + ?Sized> AsyncTransport for &mut T {
    fn limits(&self) -> Limits {
        (**self).limits()
    }

    async fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        (**self).transmit(command).await
    }

    async fn reset(&mut self) -> Result<(), Error> {
        (**self).reset().await
    }
}
