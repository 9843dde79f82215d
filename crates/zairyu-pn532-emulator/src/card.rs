/// A software card, as a reader's field sees one.
///
/// Calls come from one thread at a time. After [`power_down`](Self::power_down) the card has forgotten its session, as a
/// real one does.
pub trait Card: Send {
    /// The field came on, or the card came into it.
    fn power_up(&mut self);

    /// The field went off: the session is lost. A card that is taken away is dropped instead.
    fn power_down(&mut self);

    /// Answers one command APDU with a response APDU, status word included.
    ///
    /// # Errors
    ///
    /// A [`CardFault`], when no response shall come.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardFault>;
}

#[cfg(feature = "software-card")]
impl Card for zairyu_testcard::SoftwareCard {
    fn power_up(&mut self) {
        Self::power_up(self);
    }
    fn power_down(&mut self) {
        Self::power_down(self);
    }
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardFault> {
        Ok(self.process(command))
    }
}

impl<T: Card + ?Sized> Card for Box<T> {
    fn power_up(&mut self) {
        (**self).power_up();
    }
    fn power_down(&mut self) {
        (**self).power_down();
    }
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardFault> {
        (**self).transmit(command)
    }
}

/// What a card does instead of responding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFault {
    /// Nothing: the chip gives up waiting (status `01`). The card stays.
    Mute,
    /// It leaves the field in the middle of the exchange.
    Removed,
}
