//! Reading through a callback: all that a phone, or any reader without a driver of its own, has to give.
//!
//! Android: `IsoDep.transceive`, with `getMaxTransceiveLength()` for both limits. iOS: `NFCISO7816Tag.sendCommand`, whose
//! answers are said to end at about 1,693 bytes. The callback brings each command to the card and the card's whole answer
//! back, status word included. A software card stands for the phone's here.
//!
//! The same without blocking, on any runtime or none, is `zairyu::read_async` with an `AsyncTransport`.

use zairyu::CardNumber;
use zairyu::data::CardType;
use zairyu::transport::{Callback, Error, ErrorKind, Limits};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};

/// What the phone's side offers, in its own words.
struct IsoDep {
    card: SoftwareCard,
}

/// As Android's `TagLostException`.
struct TagLost;

impl IsoDep {
    fn max_transceive_length(&self) -> usize {
        253
    }

    fn transceive(&mut self, command: &[u8]) -> Result<Vec<u8>, TagLost> {
        if command.len() > self.max_transceive_length() {
            Err(TagLost)
        } else {
            Ok(self.card.process(command))
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let issued = Issuer::new().issue(&CardBuilder::new(CardType::SecondResidenceCard))?;
    let mut tag = IsoDep {
        card: SoftwareCard::new(issued),
    };

    let longest = tag.max_transceive_length();
    let mut exchanges = 0;
    let mut phone = Callback::new(Limits::new(longest, longest), |command: &[u8]| {
        exchanges += 1;
        tag.transceive(command)
            .map_err(|TagLost| Error::new(ErrorKind::CardRemoved))
    });
    let number: CardNumber = "AB12345678CD".parse()?;
    let reading = zairyu::read(&mut phone, &number)?;
    println!(
        "{} files in {exchanges} exchanges of at most {longest} bytes",
        reading.files().iter().count()
    );
    Ok(())
}
