//! What the chip does on a command, without the line to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::card::{Card, CardFault};
use crate::fault::{Command, Fault, Faults};

/// The most bytes that one response frame carries of a card's response (UM0701-02, 7.3.8).
const LONGEST_PIECE: usize = 262;

/// Status bytes (UM0701-02, 7.1).
const OK: u8 = 0x00;
const CARD_SILENT: u8 = 0x01;
const WRONG_STATE: u8 = 0x27;

/// Set in the status byte when the response goes on.
const MORE_INFORMATION: u8 = 0x40;

/// The block by which libnfc asks a Type B card on a PN532 whether it is there, R(NAK) for card identifier 1, and the
/// card's answer, R(ACK) (ISO/IEC 14443-4, 7.5.5).
const PRESENCE_CHECK: &[u8] = &[0xBA, 0x01];
const PRESENCE_ANSWER: &[u8] = &[0xAB, 0x01];

/// Says that there is no such command, or that its parameters are wrong: the chip's error frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError;

/// The field with the card in it, and what a test wants to go wrong: what chip and test share.
#[derive(Default)]
pub(crate) struct Field {
    card: Option<(CardNumber, SharedCard)>,
    last_number: CardNumber,
    is_on: bool,
    pub(crate) faults: Faults,
    pub(crate) commands: Vec<Command>,
}

/// Counts cards: another one is another number.
type CardNumber = u64;

type SharedCard = Arc<Mutex<dyn Card>>;

/// A card that panics in a test must not take the reader with it.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Field {
    pub(crate) fn insert(&mut self, mut card: impl Card + 'static) {
        self.last_number += 1;
        if self.is_on {
            card.power_up();
        }
        self.card = Some((self.last_number, Arc::new(Mutex::new(card))));
    }

    pub(crate) fn remove(&mut self) {
        self.card = None;
    }

    pub(crate) fn has_card(&self) -> bool {
        self.card.is_some()
    }

    fn switch(&mut self, on: bool) {
        if self.is_on == on {
            return;
        }
        self.is_on = on;
        if let Some((_, card)) = &self.card {
            let mut card = lock(card);
            if on { card.power_up() } else { card.power_down() }
        }
    }

    /// The number of the card that is there and has power.
    fn powered(&self) -> Option<CardNumber> {
        self.card
            .as_ref()
            .map(|(number, _)| *number)
            .filter(|_| self.is_on)
    }

    fn card(&self, number: CardNumber) -> Option<SharedCard> {
        let (present, card) = self.card.as_ref()?;
        (*present == number && self.is_on).then(|| Arc::clone(card))
    }
}

/// The chip's memory.
#[derive(Default)]
pub(crate) struct Chip {
    registers: BTreeMap<u16, u8>,
    /// The card that was activated last.
    active: Option<CardNumber>,
    /// What is left of a long response.
    left: Vec<u8>,
}

impl Chip {
    /// Carries out a command; what comes back are the response's data.
    pub(crate) fn execute(
        &mut self,
        command: Command,
        parameters: &[u8],
        field: &Mutex<Field>,
    ) -> Result<Vec<u8>, SyntaxError> {
        match (command, parameters) {
            // The line test gives back what it was given.
            (Command::Diagnose, [0x00, ..]) => Ok(parameters.to_vec()),
            // The tests of ROM and RAM pass.
            (Command::Diagnose, [0x01 | 0x02]) => Ok(vec![OK]),
            (Command::Diagnose, [0x06]) => {
                let present = self.is_card_present(field);
                Ok(vec![if present { OK } else { CARD_SILENT }])
            }
            // A PN532, version 1.6, which knows Type A, Type B and ISO/IEC 18092.
            (Command::GetFirmwareVersion, []) => Ok(vec![0x32, 0x01, 0x06, 0x07]),
            (Command::ReadRegister, addresses) => {
                let (addresses, rest) = addresses.as_chunks();
                if !rest.is_empty() {
                    return Err(SyntaxError);
                }
                let value = |address: &[u8; 2]| self.registers.get(&u16::from_be_bytes(*address)).copied();
                Ok(addresses.iter().map(|a| value(a).unwrap_or_default()).collect())
            }
            (Command::WriteRegister, values) => {
                let (values, rest) = values.as_chunks();
                if !rest.is_empty() {
                    return Err(SyntaxError);
                }
                for &[high, low, value] in values {
                    self.registers.insert(u16::from_be_bytes([high, low]), value);
                }
                Ok(Vec::new())
            }
            (Command::SetParameters, [_]) | (Command::SamConfiguration, [_, ..]) => Ok(Vec::new()),
            (Command::PowerDown, [_, ..]) => {
                self.active = None;
                lock(field).switch(false);
                Ok(vec![OK])
            }
            (Command::RfConfiguration, [0x01, setting]) => {
                lock(field).switch(setting & 0x01 != 0);
                Ok(Vec::new())
            }
            (Command::RfConfiguration, [_, ..]) => Ok(Vec::new()),
            // Baud rate and type 03: Type B, 106 kbit/s; application family 00: every card shall answer.
            (Command::InListPassiveTarget, [0x01 | 0x02, 0x03, 0x00]) => {
                let mut field = lock(field);
                // Looking for a card switches the field on.
                field.switch(true);
                self.active = field.powered();
                Ok(match self.active {
                    Some(number) => target(number),
                    None => vec![0x00],
                })
            }
            // Of another type there is never a card.
            (Command::InListPassiveTarget, [0x01 | 0x02, _, ..]) => Ok(vec![0x00]),
            (Command::InDataExchange, [0x01, command @ ..]) if command.len() <= LONGEST_PIECE => {
                Ok(self.exchange(command, field))
            }
            (Command::InCommunicateThru, PRESENCE_CHECK) if self.is_card_present(field) => {
                Ok([&[OK], PRESENCE_ANSWER].concat())
            }
            // The card answers no other block.
            (Command::InCommunicateThru, _) => Ok(vec![CARD_SILENT]),
            (Command::InDeselect | Command::InRelease, [_]) => {
                self.active = None;
                Ok(vec![OK])
            }
            _ => Err(SyntaxError),
        }
    }

    /// Whether the card that was activated is still there.
    fn is_card_present(&self, field: &Mutex<Field>) -> bool {
        self.active.is_some() && self.active == lock(field).powered()
    }

    fn exchange(&mut self, command: &[u8], field: &Mutex<Field>) -> Vec<u8> {
        if command.is_empty() && !self.left.is_empty() {
            return self.next_piece();
        }
        self.left.clear();
        let Some(number) = self.active else {
            return vec![WRONG_STATE];
        };
        let Some(card) = lock(field).card(number) else {
            return vec![CARD_SILENT];
        };
        // The field is free in the meantime, so that the card can be taken out of it.
        let response = lock(&card).transmit(command);
        let mut field = lock(field);
        match response {
            Ok(response) if field.powered() == Some(number) => {
                self.left = response;
                self.next_piece()
            }
            Err(CardFault::Removed) => {
                field.remove();
                vec![CARD_SILENT]
            }
            Ok(_) | Err(CardFault::Mute) => vec![CARD_SILENT],
        }
    }

    fn next_piece(&mut self) -> Vec<u8> {
        let rest = self.left.split_off(LONGEST_PIECE.min(self.left.len()));
        let piece = std::mem::replace(&mut self.left, rest);
        let status = if self.left.is_empty() {
            OK
        } else {
            MORE_INFORMATION
        };
        [&[status], &piece[..]].concat()
    }

    /// The chip's answer as bytes on the line, acknowledgement included, faults applied.
    pub(crate) fn answer(&mut self, code: u8, parameters: &[u8], field: &Mutex<Field>) -> Vec<u8> {
        use crate::frame::{ACK, ERROR, NAK, response};

        let Some(command) = Command::from_code(code) else {
            return [&ACK[..], &ERROR].concat();
        };
        let fault = {
            let mut field = lock(field);
            field.commands.push(command);
            field.faults.at(command)
        };
        let frame = match &fault {
            Some(Fault::NoAck) => return Vec::new(),
            Some(Fault::Nak) => return NAK.to_vec(),
            Some(Fault::ErrorFrame) => Err(SyntaxError),
            Some(Fault::Response(data)) => Ok(response(code, data)),
            _ => self
                .execute(command, parameters, field)
                .map(|data| response(code, &data)),
        };
        let mut frame = frame.unwrap_or_else(|SyntaxError| ERROR.to_vec());
        match fault {
            Some(Fault::Silence) => frame.clear(),
            Some(Fault::Cut(length)) => frame.truncate(length),
            Some(Fault::Garbage(bytes)) => frame = bytes,
            Some(Fault::WrongLengthChecksum) => {
                if let Some(byte) = frame.get_mut(4) {
                    *byte ^= 0x01;
                }
            }
            Some(Fault::WrongChecksum) => {
                if let Some(byte) = frame.iter_mut().nth_back(1) {
                    *byte ^= 0x01;
                }
            }
            Some(Fault::Slow(time)) => std::thread::sleep(time),
            _ => {}
        }
        [&ACK[..], &frame].concat()
    }
}

/// What the chip tells of an activated card: one, number 1, its ATQB and its answer to ATTRIB (UM0701-02, 7.3.5).
/// The PUPI is another one at each presence; application data four times 00 (在留カード等仕様書 Ver 1.5, §2); the protocol
/// info says 106 kbit/s, frames of 256 bytes, ISO/IEC 14443-4.
fn target(number: CardNumber) -> Vec<u8> {
    let mut target = vec![0x01, 0x01, 0x50];
    let [.., a, b, c, d] = number.to_be_bytes();
    target.extend([a, b, c, d]);
    target.extend([0, 0, 0, 0]);
    target.extend([0x00, 0x81, 0xC1]);
    target.extend([0x01, 0x00]);
    target
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{ACK, ERROR, NAK};

    struct Toy(Arc<Mutex<Vec<&'static str>>>);

    impl Card for Toy {
        fn power_up(&mut self) {
            lock(&self.0).push("up");
        }
        fn power_down(&mut self) {
            lock(&self.0).push("down");
        }
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardFault> {
            match command {
                [0xFF] => Err(CardFault::Mute),
                [0xFE] => Err(CardFault::Removed),
                [0x01] => Ok((0..600_u16).map(|n| n.to_be_bytes()[1]).collect()),
                _ => Ok(command.to_vec()),
            }
        }
    }

    const LIST: [u8; 3] = [0x01, 0x03, 0x00];

    fn with_toy() -> (Chip, Mutex<Field>, Arc<Mutex<Vec<&'static str>>>) {
        let log = Arc::default();
        let mut field = Field::default();
        field.insert(Toy(Arc::clone(&log)));
        (Chip::default(), Mutex::new(field), log)
    }

    fn run(chip: &mut Chip, field: &Mutex<Field>, command: Command, parameters: &[u8]) -> Vec<u8> {
        chip.execute(command, parameters, field).unwrap()
    }

    #[test]
    fn a_card_is_listed_exchanged_with_and_released() {
        let (mut chip, field, log) = with_toy();
        use Command::{Diagnose, InDataExchange, InListPassiveTarget, InRelease};
        assert_eq!(run(&mut chip, &field, Diagnose, &[6]), [CARD_SILENT]);
        let listed = run(&mut chip, &field, InListPassiveTarget, &LIST);
        assert_eq!(listed[..3], [0x01, 0x01, 0x50]);
        assert_eq!(listed.len(), 16);
        assert_eq!(run(&mut chip, &field, Diagnose, &[6]), [OK]);
        let asked = run(&mut chip, &field, Command::InCommunicateThru, &[0xBA, 0x01]);
        assert_eq!(asked, [OK, 0xAB, 0x01]);
        let asked = run(&mut chip, &field, Command::InCommunicateThru, &[0x02, 0x00]);
        assert_eq!(asked, [CARD_SILENT]);
        assert_eq!(run(&mut chip, &field, InDataExchange, &[1, 7, 8]), [OK, 7, 8]);
        assert_eq!(run(&mut chip, &field, InDataExchange, &[1, 0xFF]), [CARD_SILENT]);
        assert_eq!(run(&mut chip, &field, InRelease, &[0]), [OK]);
        assert_eq!(run(&mut chip, &field, InDataExchange, &[1, 7]), [WRONG_STATE]);
        run(&mut chip, &field, Command::PowerDown, &[0xF0]);
        assert_eq!(*lock(&log), ["up", "down"]);
    }

    #[test]
    fn a_card_that_leaves_or_is_replaced_answers_no_more() {
        let (mut chip, field, log) = with_toy();
        run(&mut chip, &field, Command::InListPassiveTarget, &LIST);
        lock(&field).insert(Toy(log));
        assert_eq!(
            run(&mut chip, &field, Command::InDataExchange, &[1, 7]),
            [CARD_SILENT]
        );
        assert_eq!(run(&mut chip, &field, Command::Diagnose, &[6]), [CARD_SILENT]);
        let asked = run(&mut chip, &field, Command::InCommunicateThru, &[0xBA, 0x01]);
        assert_eq!(asked, [CARD_SILENT]);
        run(&mut chip, &field, Command::InListPassiveTarget, &LIST);
        assert_eq!(
            run(&mut chip, &field, Command::InDataExchange, &[1, 0xFE]),
            [CARD_SILENT]
        );
        assert!(!lock(&field).has_card());
        assert_eq!(run(&mut chip, &field, Command::InListPassiveTarget, &LIST), [0]);
    }

    #[test]
    fn a_long_response_comes_in_pieces() {
        let (mut chip, field, _) = with_toy();
        run(&mut chip, &field, Command::InListPassiveTarget, &LIST);
        let mut pieces = vec![run(&mut chip, &field, Command::InDataExchange, &[1, 1])];
        while pieces.last().unwrap()[0] == MORE_INFORMATION {
            pieces.push(run(&mut chip, &field, Command::InDataExchange, &[1]));
        }
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [263, 263, 77]);
        let whole: Vec<u8> = pieces.iter().flat_map(|piece| &piece[1..]).copied().collect();
        assert_eq!(whole.len(), 600);
        assert_eq!(whole[300], 44);
    }

    #[test]
    fn registers_keep_their_values() {
        let (mut chip, field, _) = with_toy();
        run(
            &mut chip,
            &field,
            Command::WriteRegister,
            &[0x63, 0x05, 0xAA, 0x63, 0x3D, 0x01],
        );
        assert_eq!(
            run(
                &mut chip,
                &field,
                Command::ReadRegister,
                &[0x63, 0x3D, 0x63, 0x05, 0x63, 0x02]
            ),
            [0x01, 0xAA, 0x00]
        );
        assert_eq!(
            chip.execute(Command::ReadRegister, &[0x63], &field),
            Err(SyntaxError)
        );
    }

    #[test]
    fn what_is_unknown_or_too_long_is_a_syntax_error() {
        let (mut chip, field, _) = with_toy();
        assert_eq!(chip.answer(0x60, &[], &field), [&ACK[..], &ERROR].concat());
        let longest = [&[1][..], &[0; 262]].concat();
        run(&mut chip, &field, Command::InListPassiveTarget, &LIST);
        assert!(chip.execute(Command::InDataExchange, &longest, &field).is_ok());
        let longer = [&[1][..], &[0; 263]].concat();
        assert!(chip.execute(Command::InDataExchange, &longer, &field).is_err());
    }

    #[test]
    fn faults_on_the_line() {
        let (mut chip, field, _) = with_toy();
        let code = Command::GetFirmwareVersion as u8;
        let good = chip.answer(code, &[], &field);
        let mut answer = |fault| {
            lock(&field)
                .faults
                .plan(Command::GetFirmwareVersion, 0, false, fault);
            chip.answer(code, &[], &field)
        };
        assert_eq!(answer(Fault::NoAck), []);
        assert_eq!(answer(Fault::Nak), NAK);
        assert_eq!(answer(Fault::ErrorFrame), [&ACK[..], &ERROR].concat());
        assert_eq!(answer(Fault::Silence), ACK);
        assert_eq!(answer(Fault::Cut(3)), [&ACK[..], &[0, 0, 0xFF]].concat());
        assert_eq!(answer(Fault::Garbage(vec![9, 9])), [&ACK[..], &[9, 9]].concat());
        let differs = |bad: &[u8]| -> Vec<usize> {
            (0..good.len())
                .filter(|&index| good[index] != bad[index])
                .collect()
        };
        assert_eq!(differs(&answer(Fault::WrongLengthChecksum)), [10]);
        assert_eq!(differs(&answer(Fault::WrongChecksum)), [good.len() - 2]);
        assert_eq!(answer(Fault::Response(vec![0x81]))[6..11], [0, 0, 0xFF, 3, 0xFD]);
    }
}
