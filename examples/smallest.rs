//! The smallest possible use: from card number and reader to a report.
//!
//! It reads a software card here. For a real reader, replace the card by `zairyu::pcsc::OpenOptions::new().open()?` and
//! the anchor by the Agency's file (see `downloaded_certificate`).

use zairyu::data::{CardType, Generation};
use zairyu::{Anchors, CardNumber, Timestamp};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let issuer = Issuer::new();
    let mut card = SoftwareCard::new(issuer.issue(&CardBuilder::new(CardType::SecondResidenceCard))?);

    let number: CardNumber = "AB12345678CD".parse()?;
    let mut anchors = Anchors::new();
    anchors.add(&issuer.ca_certificate(Generation::Second)?)?;
    let report = zairyu::read(&mut card, &number)?.judge(&anchors, Timestamp::now());
    println!("{report}");
    Ok(())
}
