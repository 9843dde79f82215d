//! Saves what was read, and judges it later: offline, elsewhere, with another set of anchors.
//!
//! `cargo run --example judge_saved_files -- dump.json ca.crt...` judges a dump that `verify_card --dump` saved. Without
//! arguments it makes both itself.

use std::{env, fs};

use zairyu::data::{CardType, Generation};
use zairyu::{Anchors, CardNumber, Reading, Timestamp};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let mut anchors = Anchors::new();
    let dump = match arguments.next() {
        Some(file) => {
            for certificate in arguments {
                anchors.add(&fs::read(certificate)?)?;
            }
            fs::read_to_string(file)?
        }
        None => {
            let issuer = Issuer::new();
            anchors.add(&issuer.ca_certificate(Generation::First)?)?;
            let mut card = SoftwareCard::new(issuer.issue(&CardBuilder::new(CardType::FirstResidenceCard))?);
            zairyu::read(&mut card, &CardNumber::parse("AB12345678CD")?)?.to_dump()
        }
    };
    // From here on there is no card and no reader.
    let reading = Reading::from_dump(&dump)?;
    println!("{}", reading.judge(&anchors, Timestamp::now()).to_json());
    Ok(())
}
