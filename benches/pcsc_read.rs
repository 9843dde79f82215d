//! What the way through `zairyu-pcsc` costs: whole readings over the real pcscd and the virtual reader, against the
//! same commands sent by a plain loop over the `pcsc` crate.
//!
//! `cargo bench -p zairyu-benches --bench pcsc_read` prints for each card type and length of commands how many
//! commands and bytes a reading takes; three medians of alternating runs in one process; and how long the same bytes
//! take on air, which no software card shows.
//!
//! The card is the software card, with fixed random numbers on both sides, so that all runs send the same bytes. What it
//! computes is part of all three times; what the reader's side computes is part of the last.

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("The virtual reader needs Linux.");
}

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    measure::all()
}

#[cfg(target_os = "linux")]
mod measure {
    use std::time::{Duration, Instant};

    use anyhow::{Context as _, Result, bail};
    use pcsc::{Context, Disposition, MAX_BUFFER_SIZE_EXTENDED, Protocols, Scope, ShareMode};
    use zairyu::data::{CardType, Generation};
    use zairyu::pcsc::{OpenOptions, Session};
    use zairyu::protocol::{
        DeliveryKey, DeliveryKeyForm, DeliveryRandomness, MessageLimits, Randomness, ReadCard,
        SecureMessagingProfile, SpecifiedAccess, Step,
    };
    use zairyu::transport::{Limits, Transport};
    use zairyu_testcard::{CardBuilder, Issuer, Randomness as CardRandomness, SoftwareCard, delivery_key};
    use zairyu_virtual_reader::Pcscd;

    const READER: &str = "Bench";
    const NUMBER: &str = "AB12345678CD";
    const RUNS: usize = 300;

    /// Command and response of one exchange.
    type Exchange = (Vec<u8>, Vec<u8>);

    pub(super) fn all() -> Result<()> {
        let daemon = Pcscd::start(&[READER])?;
        println!(
            "{:<14}{:>5}{:>8}{:>9}{:>9}{:>9}{:>9}{:>9}   on air at 106/212/424/848 kbit/s",
            "card", "cmds", "bytes", "plain", "session", "ratio", "reading", "ratio"
        );
        for (name, card_type) in [
            ("1", CardType::FirstResidenceCard),
            ("2", CardType::FirstSpecialPermanentResident),
            ("05", CardType::SecondResidenceCard),
            ("06", CardType::SecondSpecialPermanentResident),
            // Under a profile that is confirmed for no real card; other profiles send other commands.
            ("07", CardType::SpecifiedResidenceCard),
            ("08", CardType::SpecifiedSpecialPermanentResident),
        ] {
            let mut builder = CardBuilder::new(card_type);
            let mut access = None;
            if card_type.generation() == Generation::Specified {
                let profile = SecureMessagingProfile::measured_relative();
                let key = DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &delivery_key()?)?;
                access = Some(SpecifiedAccess::new(profile.clone(), key)?);
                builder = builder.profile(profile);
            }
            let access = access.as_ref();
            let issued = Issuer::new().issue(&builder)?;
            for (lengths, limits) in [("extended", Limits::EXTENDED), ("short", Limits::SHORT)] {
                let card = SoftwareCard::new(issued.clone()).with_randomness(CardRandomness::Fixed {
                    challenge: [0x11; 8],
                    key: [0x22; 16],
                });
                daemon.reader(READER).insert(card);
                let Ok(exchanges) = record(limits, access) else {
                    println!("{name} cannot be read with {lengths} commands");
                    continue;
                };
                let [plain, session, reading] = medians(&exchanges, limits, access)?;
                let bytes: usize = exchanges
                    .iter()
                    .map(|(command, response)| command.len() + response.len())
                    .sum();
                let ratio = |time: Duration| time.as_secs_f64() / plain.as_secs_f64();
                print!(
                    "{:<14}{:>5}{:>8}{:>6} µs{:>6} µs{:>9.3}{:>6} µs{:>9.3}  ",
                    format!("{name} {lengths}"),
                    exchanges.len(),
                    bytes,
                    plain.as_micros(),
                    session.as_micros(),
                    ratio(session),
                    reading.as_micros(),
                    ratio(reading)
                );
                for doublings in 0..4 {
                    print!(" {:.2} s", on_air(&exchanges, doublings));
                }
                println!();
            }
        }
        println!(
            "plain: the commands over the pcsc crate; session: the same over zairyu_pcsc::Session; reading: \
             zairyu_protocol::ReadCard over it. Medians of {RUNS} runs each, in turns."
        );
        Ok(())
    }

    fn open(limits: Limits) -> Result<Session> {
        Ok(OpenOptions::new()
            .wait(Duration::from_secs(60))
            .reader_limits(READER, limits)
            .open()?)
    }

    /// One reading, as `zairyu::read` does it but for the random numbers.
    fn read(
        transport: &mut impl Transport,
        limits: Limits,
        access: Option<&SpecifiedAccess>,
        mut on_exchange: impl FnMut(&[u8], &[u8]),
    ) -> Result<()> {
        let limits = MessageLimits {
            command: limits.command(),
            response: limits.response(),
        };
        let randomness = Randomness::new([0x33; Randomness::LEN]);
        let mut machine = ReadCard::new(NUMBER.parse()?, randomness, limits)?;
        if let Some(access) = access {
            let randomness = DeliveryRandomness::new([0x44; DeliveryRandomness::LEN]);
            machine = machine.with_specified_access(access.clone(), randomness);
        }
        loop {
            let (command, mut unopened) = machine.command_and_unopened();
            let response = transport.transmit_while(command, &mut || {
                unopened.as_mut().is_some_and(|unopened| unopened.open_some())
            })?;
            on_exchange(machine.command(), &response);
            match machine.receive(&response)? {
                Step::Continue(next) => machine = next,
                Step::Done(_) => return Ok(()),
            }
        }
    }

    fn record(limits: Limits, access: Option<&SpecifiedAccess>) -> Result<Vec<Exchange>> {
        let mut exchanges = Vec::new();
        read(&mut open(limits)?, limits, access, |command, response| {
            exchanges.push((command.to_vec(), response.to_vec()));
        })?;
        Ok(exchanges)
    }

    /// Of the plain loop, the same commands over a session, and a reading over a session. Each gets the card fresh from
    /// a reset; connecting to it is not counted.
    fn medians(
        exchanges: &[Exchange],
        limits: Limits,
        access: Option<&SpecifiedAccess>,
    ) -> Result<[Duration; 3]> {
        let mut times: [Vec<Duration>; 3] = Default::default();
        let [plain, session, reading] = &mut times;
        for _ in 0..RUNS {
            plain.push(run_plain(exchanges)?);
            session.push(run_session(exchanges, limits)?);
            let mut open = open(limits)?;
            let started = Instant::now();
            read(&mut open, limits, access, |_, _| {})?;
            reading.push(started.elapsed());
        }
        Ok(times.map(|mut times| {
            times.sort_unstable();
            times.get(RUNS / 2).copied().unwrap_or_default()
        }))
    }

    fn run_plain(exchanges: &[Exchange]) -> Result<Duration> {
        let context = Context::establish(Scope::User)?;
        let names = context.list_readers_owned()?;
        let name = names.first().context("no reader")?;
        let mut card = context.connect(name, ShareMode::Shared, Protocols::ANY)?;
        let transaction = card.transaction()?;
        let mut buffer = vec![0; MAX_BUFFER_SIZE_EXTENDED];
        let started = Instant::now();
        for (command, expected) in exchanges {
            let response = transaction.transmit(command, &mut buffer)?;
            if response != expected {
                bail!("the card gave another response than before");
            }
        }
        let time = started.elapsed();
        if transaction.end(Disposition::ResetCard).is_err() {
            bail!("the card could not be reset");
        }
        Ok(time)
    }

    fn run_session(exchanges: &[Exchange], limits: Limits) -> Result<Duration> {
        let mut session = open(limits)?;
        let started = Instant::now();
        for (command, expected) in exchanges {
            if session.transmit(command)? != *expected {
                bail!("the card gave another response than before");
            }
        }
        Ok(started.elapsed())
    }

    /// Seconds on air at 106 kbit/s, doubled so many times, the card taking no time: ISO/IEC 14443-3 Type B characters
    /// of 10 bits, 23 bit times for SOF and EOF, 170 µs turn-round per frame; ISO/IEC 14443-4 blocks with frames of 256
    /// bytes, 3 of them for PCB and CRC, each chained block acknowledged by one of 3.
    fn on_air(exchanges: &[Exchange], doublings: u32) -> f64 {
        const PER_BLOCK: u32 = 253;
        const OVERHEAD: u32 = 3;
        let rate = f64::from(2u32.pow(doublings)) * 13_560_000.0 / 128.0;
        let frame = |bytes: u32| f64::from(bytes * 10 + 23) / rate + 170e-6;
        let message = |length: usize| {
            let length = u32::try_from(length).unwrap_or(u32::MAX);
            let blocks = length.div_ceil(PER_BLOCK).max(1);
            let last = length - (blocks - 1) * PER_BLOCK;
            f64::from(blocks - 1) * (frame(PER_BLOCK + OVERHEAD) + frame(OVERHEAD)) + frame(last + OVERHEAD)
        };
        exchanges
            .iter()
            .map(|(command, response)| message(command.len()) + message(response.len()))
            .sum()
    }
}
