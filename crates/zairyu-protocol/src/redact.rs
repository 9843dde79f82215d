//! Recordings without their secrets.

use alloc::{vec, vec::Vec};

use zairyu_data::{CardNumber, File};
use zairyu_tlv::Header;

use crate::{CommandName, Error, MessageLimits, Randomness, ReadCard, Step, apdu::StatusWord};

/// Takes the secrets out of a recorded reading, so that it can be attached to a bug report and played back there.
///
/// What comes out is a reading of a made-up card with the number [`CardNumber::MADE_UP`]: the same commands, lengths, status
/// words and errors in the same order, so that the machine takes the same path. The authentication is done anew with that
/// number, and every value on the card is overwritten with `X`; tags, lengths and filler stay. From the
/// result neither number nor content can be computed.
///
/// ```
/// # use zairyu_data::{CardNumber, CardType};
/// # use zairyu_protocol::{MessageLimits, Randomness, ReadCard, Redactor, Step};
/// # use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};
/// # let issued = Issuer::new().issue(&CardBuilder::new(CardType::FirstResidenceCard)).unwrap();
/// # let number = issued.number().clone();
/// # let mut card = SoftwareCard::new(issued);
/// # card.power_up();
/// # let limits = MessageLimits { command: 261, response: 258 };
/// # let mut recorded_responses = Vec::new();
/// # let mut machine = ReadCard::new(number.clone(), Randomness::new([7; 48]), limits)?;
/// # loop {
/// #     let response = card.process(machine.command());
/// #     recorded_responses.push(response.clone());
/// #     match machine.receive(&response)? { Step::Continue(next) => machine = next, Step::Done(_) => break }
/// # }
/// let mut redactor = Redactor::new(number, Randomness::new([7; 48]), limits)?;
/// let exchanges: Vec<_> = recorded_responses.iter().map_while(|response| redactor.exchange(response)).collect();
///
/// // In the bug report: the same path, without the card.
/// let mut machine = ReadCard::new(CardNumber::MADE_UP, Randomness::new([7; 48]), limits)?;
/// for (command, response) in &exchanges {
///     assert_eq!(machine.command(), command);
///     match machine.receive(response)? {
///         Step::Continue(next) => machine = next,
///         Step::Done(_) => return Ok(()),
///     }
/// }
/// # unreachable!();
/// # Ok::<(), zairyu_protocol::Error>(())
/// ```
pub struct Redactor {
    /// Both machines wait for the same answer; `None` when the reading is over.
    machines: Option<(ReadCard, ReadCard)>,
}

/// What overwrites a value's bytes. Those that are `00` stay, so that blank stays blank.
const OVERWRITTEN: u8 = b'X';

impl Redactor {
    /// Starts with what the recorded reading started with.
    ///
    /// # Errors
    ///
    /// As for [`ReadCard::new`].
    pub fn new(number: CardNumber, randomness: Randomness, limits: MessageLimits) -> Result<Self, Error> {
        let recorded = ReadCard::new(number, randomness.clone(), limits)?;
        let redacted = ReadCard::new(CardNumber::MADE_UP, randomness, limits)?;
        Ok(Self {
            machines: Some((recorded, redacted)),
        })
    }

    /// Takes a recorded response; gives the command and the response to put in the place of the recorded ones. `None`
    /// when the recorded reading was over before.
    pub fn exchange(&mut self, response: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let (recorded, redacted) = self.machines.take()?;
        let command = redacted.command().to_vec();
        let replaced = replace(&recorded, response);
        if let (Ok(Step::Continue(recorded)), Ok(Step::Continue(redacted))) =
            (recorded.receive(response), redacted.receive(&replaced))
        {
            self.machines = Some((recorded, redacted));
        }
        Some((command, replaced))
    }

    /// The same for an exchange that ended in a transport error; gives the command. `undelivered` says whether the
    /// driver then called [`ReadCard::undelivered`].
    pub fn failed_exchange(&mut self, undelivered: bool) -> Option<Vec<u8>> {
        let (recorded, redacted) = self.machines.take()?;
        let command = redacted.command().to_vec();
        if undelivered {
            self.machines = recorded.undelivered().zip(redacted.undelivered());
        }
        Some(command)
    }
}

/// The response without secrets, as the card of the made-up number would have given it.
fn replace(recorded: &ReadCard, response: &[u8]) -> Vec<u8> {
    let Some((data, status)) = response.split_last_chunk::<2>() else {
        return vec![OVERWRITTEN; response.len()];
    };
    let data = match recorded.command_name() {
        // Cut off on the way, what looks like a status word may be data.
        _ if data.is_empty() => Vec::new(),
        CommandName::GetChallenge => data.to_vec(),
        CommandName::MutualAuthenticate => recorded
            .authentication()
            .and_then(|authentication| authentication.answer_of(&CardNumber::MADE_UP, data))
            .unwrap_or_else(|| vec![OVERWRITTEN; data.len()]),
        CommandName::ReadBinary(File::CommonData | File::CardType) => overwrite(&[], data, Secrecy::Free),
        CommandName::ReadBinary(_) => match recorded.messaging() {
            Some(messaging) => messaging
                .open(data)
                .ok()
                .and_then(|plain| messaging.seal(&overwrite(recorded.content(), &plain, Secrecy::Secret)))
                .unwrap_or_else(|| unreadable(data)),
            None => overwrite(recorded.content(), data, Secrecy::Secret),
        },
        _ => vec![OVERWRITTEN; data.len()],
    };
    let known = StatusWord::from(u16::from_be_bytes(*status)).is_iso_7816();
    let status = if known { *status } else { [OVERWRITTEN; 2] };
    [&data[..], &status].concat()
}

/// A secured answer that cannot be opened: its outer form stays, so that it fails in the same way.
fn unreadable(data: &[u8]) -> Vec<u8> {
    let kept = Header::parse(data).map_or(0, |header| header.header_len().saturating_add(1));
    data.iter()
        .enumerate()
        .map(|(index, &byte)| if index < kept { byte } else { OVERWRITTEN })
        .collect()
}

/// Whether everybody can read a file, without the card's number.
#[derive(Clone, Copy, PartialEq)]
enum Secrecy {
    Free,
    Secret,
}

/// A piece of a file with its values overwritten; `before` is what was read of the file before. Of a free file, what decides
/// how the reading goes on is kept, which is not personal: version and type, and a header that is none.
fn overwrite(before: &[u8], piece: &[u8], secrecy: Secrecy) -> Vec<u8> {
    let content = [before, piece].concat();
    let mut overwritten: Vec<u8> = content
        .iter()
        .map(|&byte| if byte == 0 { 0 } else { OVERWRITTEN })
        .collect();
    let mut keep = |from: usize, to: usize| {
        let kept = from..to.min(content.len());
        if let (Some(to), Some(from)) = (overwritten.get_mut(kept.clone()), content.get(kept)) {
            to.copy_from_slice(from);
        }
    };
    let mut offset = 0_usize;
    while let Some(rest) = content
        .get(offset..)
        .filter(|rest| !matches!(rest.first(), None | Some(0)))
    {
        let Ok(header) = Header::parse(rest) else {
            if secrecy == Secrecy::Free {
                keep(offset, offset.saturating_add(Header::MAX_LEN));
            }
            break;
        };
        let value = offset.saturating_add(header.header_len());
        let next = value.saturating_add(header.value_len());
        let is_version_or_type = matches!(header.tag().number(), 0xC0 | 0xC1) && header.value_len() <= 4;
        let is_kept = secrecy == Secrecy::Free && is_version_or_type;
        keep(offset, if is_kept { next } else { value });
        offset = next;
    }
    overwritten.split_off(before.len())
}
