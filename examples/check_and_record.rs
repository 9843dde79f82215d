//! The whole check: chip, lapse lookup with a person at the picture code, printed date and work limits side by side, and a
//! signed record of it.
//!
//! It asks a made-up lookup service on this machine, since the real page is for a person's own browser (see
//! `verify_card --lookup assisted`). The picture's code is 7K2P, to be typed at the prompt:
//!
//! `cargo run --example check_and_record --features lookup-service -- evidence.log`

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;

use zairyu::data::{CardType, Generation};
use zairyu::evidence::{
    Consent, EvidenceLog, FileStore, Gate, Label, Language, Moment, Note, Seed, SigningKey,
};
use zairyu::revocation::{LookupSource, PageClient, Picture, PictureCode, Policy, Profile, Purpose};
use zairyu::{Anchors, CardNumber, Timestamp};
use zairyu_revocation_standin::{Answer, Script, StandIn};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};

/// A person looks at the picture and types what it shows. Nothing here could do it for them.
struct AtTheTerminal;

impl PictureCode for AtTheTerminal {
    fn read(&mut self, picture: &Picture) -> Option<String> {
        eprintln!(
            "The service sent a picture ({}, {} bytes).",
            picture.media_type,
            picture.bytes.len()
        );
        eprint!("What does it show? ");
        io::stderr().flush().ok()?;
        let mut line = String::new();
        io::stdin()
            .read_line(&mut line)
            .ok()
            .filter(|&length| length > 0)?;
        Some(line.trim().to_owned())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = env::args()
        .nth(1)
        .map_or_else(|| env::temp_dir().join("zairyu-evidence.log"), PathBuf::from);

    // The holder's consent comes first.
    let gate = Gate {
        purpose: Label::new("hiring")?,
        consent: Consent::GivenAt(Moment::japan(Timestamp::now())),
        operator_id: Label::new("op-17")?,
        app_version: Label::new(concat!("check_and_record ", env!("CARGO_PKG_VERSION")))?,
    };

    // The chip.
    let issuer = Issuer::new();
    let mut card = SoftwareCard::new(issuer.issue(&CardBuilder::new(CardType::SecondResidenceCard))?);
    let mut anchors = Anchors::new();
    anchors.add(&issuer.ca_certificate(Generation::Second)?)?;
    let number: CardNumber = "AB12345678CD".parse()?;
    let reading = zairyu::read(&mut card, &number)?;
    let report = reading.judge(&anchors, Timestamp::now());

    // The lookup. Whatever becomes of it, the chip's result stands.
    let service = StandIn::start(Script::answering(Answer::NotListed))?;
    let profile: Profile = serde_json::from_str(&service.profile())?;
    let inquiry = reading.lookup_inputs(&report).consent(Purpose::Hiring).check();
    let inquiry = inquiry.map_err(zairyu::revocation::NotAsked::as_str)?;
    let mut source = PageClient::new(profile, AtTheTerminal).trust_only(&[service.ca_certificate()]);
    let lookup = source.look_up(&inquiry);

    // All lines together.
    let report = report.with_lookup(lookup, Purpose::Hiring, None, &Policy::default());
    println!("{report}");

    // The record: no number, no name, no image. A real program keeps its key, and the head somewhere else.
    let key = SigningKey::generate(&random()?)?;
    let now = Moment::japan(Timestamp::now());
    let store = FileStore::create(&path)?;
    let mut log = EvidenceLog::create(store, key, now, None, &Seed::new(&random()?))?;
    let entry = log.append(&report.to_check_record(gate, now)?, &[], &Seed::new(&random()?))?;
    let head = log.head()?;
    let sound = log.verify(Some(&head))?;
    if let Some(note) = Note::new(&entry, Language::English) {
        println!("{}", note.to_text());
    }
    println!("{} entries verified in {}", sound.head.entries, path.display());
    Ok(())
}

fn random() -> Result<[u8; 32], getrandom::Error> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    Ok(random)
}
