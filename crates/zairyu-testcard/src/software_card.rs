use zairyu_data::{CardType, Generation};
use zairyu_transport::{Error, ErrorKind, Limits, Transport};

use crate::{
    CardFault, IssuedCard, Randomness,
    apdu::{Command, is_extended},
    other_card::MyNumberCard,
    residence_card::{Answer, ResidenceCard},
    specified_card::SpecifiedCard,
    status,
    suite::Suite,
    trace::{self, Exchange},
};

/// What happens to APDUs with extended lengths, between program and card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApduLengths {
    /// They work.
    Extended,
    /// The card answers `6700` to an extended command.
    ShortOnlyByStatus,
    /// The reader reports this error for an extended command, and nothing reaches the card.
    ShortOnlyByError(ErrorKind),
    /// The reader cuts every response after this many bytes, status word counted, and says nothing.
    CutResponses(usize),
}

enum Card {
    Residence(Box<ResidenceCard>),
    Specified(Box<SpecifiedCard>),
    MyNumber(MyNumberCard),
    Foreign(u16),
}

/// A card in a reader, in software.
///
/// It is a [`Transport`], with a reader's weaknesses on request; a reset is one of power. More goes wrong behind a
/// [`FaultInjector`](zairyu_transport::FaultInjector). For a reader that exists elsewhere (a virtual PC/SC
/// reader, an emulated chip) there are [`power_up`](Self::power_up), [`process`](Self::process) and
/// [`power_down`](Self::power_down). It is in the field from the start.
pub struct SoftwareCard {
    card: Card,
    lengths: ApduLengths,
    limits: Limits,
    faults: Vec<(usize, CardFault)>,
    /// How many commands came in through [`Transport::transmit`].
    commands: usize,
    trace: Option<Vec<Exchange>>,
}

impl SoftwareCard {
    /// The card that was issued.
    #[must_use]
    pub fn new(issued: IssuedCard) -> Self {
        if let Some(profile) = issued.profile().cloned() {
            return Self::with(Card::Specified(Box::new(SpecifiedCard::new(issued, profile))));
        }
        let suite = Suite::of(issued.card_type().generation());
        Self::with(Card::Residence(Box::new(ResidenceCard::new(issued, suite))))
    }

    /// A My Number Card without residence application: every AID but those of its own applications is unknown
    /// (`6A82`), and the MF holds no file that a residence card has.
    #[must_use]
    pub const fn my_number_card() -> Self {
        Self::with(Card::MyNumber(MyNumberCard::new(None)))
    }

    /// A specified card (特定在留カード, 特定特別永住者証明書), as far as it is public: a My Number Card on which the residence
    /// application can be selected and its card type and common data read. Everything else is refused. One that can be read
    /// is issued with a profile ([`CardBuilder::profile`](crate::CardBuilder::profile)).
    ///
    /// `None` when the type is no specified card's.
    #[must_use]
    pub fn specified_card(card_type: CardType) -> Option<Self> {
        (card_type.generation() == Generation::Specified)
            .then(|| Self::with(Card::MyNumber(MyNumberCard::new(Some(card_type)))))
    }

    /// A card of another kind altogether, which answers this status word to every command: `6D00`, `6E00`, `6A86`.
    #[must_use]
    pub const fn foreign_card(status: u16) -> Self {
        Self::with(Card::Foreign(status))
    }

    const fn with(card: Card) -> Self {
        Self {
            card,
            lengths: ApduLengths::Extended,
            limits: Limits::EXTENDED,
            faults: Vec::new(),
            commands: 0,
            trace: None,
        }
    }

    /// Sets where the card's random numbers come from; the operating system when not set.
    #[must_use]
    pub fn with_randomness(mut self, randomness: Randomness) -> Self {
        if let Card::Residence(card) = &mut self.card {
            card.set_randomness(randomness);
        }
        self
    }

    /// Sets what happens to extended lengths. It changes nothing about [`Transport::limits`]: a reader may claim more
    /// than it can.
    #[must_use]
    pub const fn with_lengths(mut self, lengths: ApduLengths) -> Self {
        self.lengths = lengths;
        self
    }

    /// Sets what the reader says it can carry; it keeps to it ([`ErrorKind::LengthNotSupported`]).
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Keeps a record of the commands, without data.
    #[must_use]
    pub fn with_trace(mut self) -> Self {
        self.trace = Some(Vec::new());
        self
    }

    /// Lets the card do something wrong at one command. Commands are counted from 0, as they come in through
    /// [`Transport::transmit`]; of several faults at one, the first counts.
    #[must_use]
    pub fn inject(mut self, at_command: usize, fault: CardFault) -> Self {
        self.faults.push((at_command, fault));
        self
    }

    /// The commands so far; empty without [`with_trace`](Self::with_trace).
    #[must_use]
    pub fn trace(&self) -> &[Exchange] {
        self.trace.as_deref().unwrap_or_default()
    }

    /// The content of a residence card; `None` for the other cards.
    #[must_use]
    pub fn issued(&self) -> Option<&IssuedCard> {
        match &self.card {
            Card::Residence(card) => Some(card.issued()),
            Card::Specified(card) => Some(card.issued()),
            Card::MyNumber(_) | Card::Foreign(_) => None,
        }
    }

    /// The field comes on: the answer to reset that a PC/SC reader makes up for a Type B card (PC/SC part 3,
    /// 3.1.3.2.3.2). Nothing in it tells a residence card from other Type B cards.
    pub fn power_up(&mut self) -> Vec<u8> {
        self.power_down();
        // Application data four times 00 (在留カード等仕様書 Ver 1.5, §2); protocol info and buffer length index are not
        // specified: 106 kbit/s, frames of 256 bytes, ISO/IEC 14443-4.
        let mut atr = vec![0x3B, 0x88, 0x80, 0x01, 0, 0, 0, 0, 0x00, 0x81, 0xC1, 0x00];
        atr.push(atr.iter().skip(1).fold(0, |check, byte| check ^ byte));
        atr
    }

    /// The field goes off: session, selection and challenge are lost.
    pub fn power_down(&mut self) {
        match &mut self.card {
            Card::Residence(card) => card.power_down(),
            Card::Specified(card) => card.power_down(),
            Card::MyNumber(card) => card.power_down(),
            Card::Foreign(_) => {}
        }
    }

    /// The card's answer to a command, without reader and without faults.
    pub fn process(&mut self, command: &[u8]) -> Vec<u8> {
        let response = self.answer(command).to_bytes();
        self.record(command, Ok(&response));
        response
    }

    fn answer(&mut self, command: &[u8]) -> Answer {
        if self.lengths == ApduLengths::ShortOnlyByStatus && is_extended(command) {
            return Answer::status(status::WRONG_LENGTH);
        }
        match &mut self.card {
            Card::Residence(card) => card.process(command),
            Card::Specified(card) => card.process(command),
            Card::MyNumber(card) => card.process(command),
            Card::Foreign(status) => Answer::status(*status),
        }
    }

    fn record(&mut self, command: &[u8], response: Result<&[u8], ErrorKind>) {
        if let Some(trace) = &mut self.trace {
            trace.push(trace::exchange(command, response));
        }
    }

    /// Counts a command and names its fault.
    fn next_fault(&mut self) -> Option<CardFault> {
        let index = self.commands;
        self.commands = index.saturating_add(1);
        let (_, fault) = self.faults.iter().find(|planned| planned.0 == index)?;
        Some(fault.clone())
    }

    /// Reader, faults and card together.
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, ErrorKind> {
        let fault = self.next_fault();
        if command.len() > self.limits.command() {
            return Err(ErrorKind::LengthNotSupported);
        }
        if let ApduLengths::ShortOnlyByError(error) = self.lengths
            && is_extended(command)
        {
            return Err(error);
        }
        let answer = match fault {
            None => self.answer(command),
            Some(fault) => self.fail(command, fault),
        };
        let mut response = answer.to_bytes();
        if let ApduLengths::CutResponses(longest) = self.lengths {
            response.truncate(longest);
        }
        if response.len() > self.limits.response() {
            return Err(ErrorKind::LengthNotSupported);
        }
        Ok(response)
    }

    /// Plays the fault.
    fn fail(&mut self, command: &[u8], fault: CardFault) -> Answer {
        match fault {
            CardFault::SilentReset => {
                self.power_down();
                self.answer(command)
            }
            CardFault::OtherCard(issued) => {
                self.card = Self::new(*issued).card;
                self.answer(command)
            }
            CardFault::Echo => {
                let data = Command::parse(command).map(|command| command.data);
                Answer::plain(data.unwrap_or_default())
            }
            CardFault::Plain | CardFault::NoPadding | CardFault::ZeroPadding | CardFault::PaddingOnly => {
                fault.apply(self.answer(command))
            }
        }
    }
}

impl Transport for SoftwareCard {
    fn limits(&self) -> Limits {
        self.limits
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let outcome = self.exchange(command);
        self.record(command, outcome.as_deref().map_err(|&kind| kind));
        outcome.map_err(Error::new)
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.power_up();
        Ok(())
    }
}

/// Shows no card data.
impl std::fmt::Debug for SoftwareCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.card {
            Card::Residence(card) => write!(f, "SoftwareCard({:?})", card.issued().card_type()),
            Card::Specified(card) => write!(f, "SoftwareCard({:?})", card.issued().card_type()),
            Card::MyNumber(_) => f.write_str("SoftwareCard(My Number Card)"),
            Card::Foreign(status) => write!(f, "SoftwareCard(foreign, {status:04X})"),
        }
    }
}
