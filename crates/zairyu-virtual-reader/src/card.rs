/// A software card, as a reader sees one.
///
/// Calls come from one thread at a time. After [`power_down`](Self::power_down) the card has forgotten its session, as a real
/// one does; after [`reset`](Self::reset) too, unless it stands for one that keeps what was presented to it, as a My Number Card
/// does.
pub trait Card: Send {
    /// The answer to reset that the reader makes up for this card, in bytes; see [`type_b_atr`]. An empty one stands
    /// for a card that does not answer (mute). Asked for after each power-up and reset.
    fn atr(&self) -> Vec<u8>;

    /// The reader's field came on, or the card came into it.
    fn power_up(&mut self);

    /// The field went off: the session is lost. A card that is taken away is dropped instead.
    fn power_down(&mut self);

    /// A warm reset. For most cards it is as good as off and on again.
    fn reset(&mut self) {
        self.power_down();
        self.power_up();
    }

    /// Answers one command APDU with a response APDU, status word included.
    ///
    /// # Errors
    ///
    /// A [`Fault`], when no response shall come.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault>;
}

#[cfg(feature = "software-card")]
impl Card for zairyu_testcard::SoftwareCard {
    fn atr(&self) -> Vec<u8> {
        // Protocol info and buffer length index are not specified: 106 kbit/s, frames of 256 bytes, ISO/IEC 14443-4.
        type_b_atr([0; 4], [0x00, 0x81, 0xC1], 0)
    }
    fn power_up(&mut self) {
        Self::power_up(self);
    }
    fn power_down(&mut self) {
        Self::power_down(self);
    }
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.process(command))
    }
}

impl<T: Card + ?Sized> Card for Box<T> {
    fn atr(&self) -> Vec<u8> {
        (**self).atr()
    }
    fn power_up(&mut self) {
        (**self).power_up();
    }
    fn power_down(&mut self) {
        (**self).power_down();
    }
    fn reset(&mut self) {
        (**self).reset();
    }
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Fault> {
        (**self).transmit(command)
    }
}

/// What goes wrong in an exchange instead of a response: a driver's return codes (`ifdhandler.h` of pcsc-lite), and
/// the card's departure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The exchange was disturbed (`IFD_COMMUNICATION_ERROR`, 612). The card stays.
    Communication,
    /// The card did not answer in time (`IFD_RESPONSE_TIMEOUT`, 613). The card stays.
    TimedOut,
    /// The driver says that there is no card (`IFD_ICC_NOT_PRESENT`, 616).
    NotPresent,
    /// The driver says that the reader is gone (`IFD_NO_SUCH_DEVICE`, 617).
    NoSuchDevice,
    /// The card is pulled away in the middle of the exchange: the driver reports 612, and the slot is empty.
    Removed,
}

/// The answer to reset by which a contactless reader presents a Type B card (PC/SC part 3, 3.1.3.2.3.2).
///
/// From the card's ATQB: its application data (4 bytes) and protocol info (3 bytes), and the maximum buffer length
/// index of its answer to ATTRIB (0 to 15).
#[must_use]
pub fn type_b_atr(application_data: [u8; 4], protocol_info: [u8; 3], buffer_length_index: u8) -> Vec<u8> {
    let mut atr = vec![0x3B, 0x88, 0x80, 0x01];
    atr.extend(application_data);
    atr.extend(protocol_info);
    atr.push(buffer_length_index << 4);
    // The check byte makes the exclusive-or of all bytes but the first zero (ISO/IEC 7816-3, 8.2.5).
    atr.push(atr.iter().skip(1).fold(0, |check, byte| check ^ byte));
    atr
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_b_atr_ends_in_its_check_byte() {
        let atr = type_b_atr([0x11, 0x22, 0x33, 0x44], [0x55, 0x66, 0x77], 0x0A);
        assert_eq!(
            atr,
            [
                0x3B, 0x88, 0x80, 0x01, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0xA0, 0xA9
            ]
        );
        assert_eq!(atr.iter().skip(1).fold(0, |check, byte| check ^ byte), 0);
    }
}
