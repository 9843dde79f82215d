use zairyu_transport::{Error, Limits, Transport};

use crate::SoftwareCard;

/// What the AIDs of the residence application (在留AP) and its DFs begin with.
const RESIDENCE_FAMILY: &[u8] = b"\xD3\x92\xF0\x00\x4F";

/// A residence application and a My Number Card's applications on one chip, as on a specified residence card (特定在留カード).
///
/// The residence application is any transport that answers like one, such as `zairyu_testcard::SoftwareCard` issued as type
/// 07 or 08; it is what other software cards are to a reader. Selecting an application of the one side ends what was
/// opened on the other: session key, card number and PINs have to be presented again.
///
/// That both sides of a real card are as apart as this is an assumption: nothing is public about it. Only channel 0 exists.
pub struct CombinedCard<R> {
    residence: R,
    my_number: SoftwareCard,
    residence_is_selected: bool,
}

impl<R: Transport> CombinedCard<R> {
    /// Puts both on one chip, after power-up: no application is selected.
    #[must_use]
    pub const fn new(residence: R, my_number: SoftwareCard) -> Self {
        Self {
            residence,
            my_number,
            residence_is_selected: false,
        }
    }
}

impl<R: Transport> Transport for CombinedCard<R> {
    /// Those of the residence application.
    fn limits(&self) -> Limits {
        self.residence.limits()
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let named = match command {
            [0x00, 0xA4, 0x04, _, _, name @ ..] => Some(name.starts_with(RESIDENCE_FAMILY)),
            [0x00, 0xA4, 0x00, ..] => Some(false),
            _ => None,
        };
        let to_residence = named.unwrap_or(self.residence_is_selected);
        let response = if to_residence {
            self.residence.transmit(command)?
        } else {
            self.my_number.transmit(command)?
        };
        // A selection that fails leaves everything as it was.
        if to_residence != self.residence_is_selected && response.ends_with(&[0x90, 0x00]) {
            self.residence_is_selected = to_residence;
            if to_residence {
                self.my_number.power_cycle();
            } else {
                self.residence.reset()?;
            }
        }
        Ok(response)
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.residence_is_selected = false;
        self.my_number.reset()?;
        self.residence.reset()
    }
}

/// Shows no card data.
impl<R> std::fmt::Debug for CombinedCard<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CombinedCard({:?})", self.my_number)
    }
}
