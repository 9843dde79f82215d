//! Cards that are no residence card, or one whose commands are not public.

use zairyu_data::CardType;

use crate::{
    apdu::Command,
    residence_card::Answer,
    status::{self, Status},
};

/// 在留AP of a specified card.
pub(crate) const RESIDENCE_APPLICATION: [u8; 16] = *b"\xD3\x92\xF0\x00\x4F\x01\0\0\0\0\0\0\0\0\0\0";

/// The applications of a My Number Card that a residence card's reader must never select: 公的個人認証, 券面入力補助,
/// 券面事項確認, 住基, 共通カード.
pub(crate) const MY_NUMBER_APPLICATIONS: [&[u8]; 5] = [
    b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01",
    b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08",
    b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02",
    b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x01",
    b"\xD3\x92\x10\x00\x31\x00\x01\x01\x01\x00",
];

/// A My Number Card, with the residence application or without.
pub(crate) struct MyNumberCard {
    residence: Option<CardType>,
    residence_selected: bool,
}

impl MyNumberCard {
    pub(crate) const fn new(residence: Option<CardType>) -> Self {
        Self {
            residence,
            residence_selected: false,
        }
    }

    pub(crate) const fn power_down(&mut self) {
        self.residence_selected = false;
    }

    pub(crate) fn process(&mut self, bytes: &[u8]) -> Answer {
        self.execute(bytes)
            .map_or_else(Answer::status, |data| match data {
                Some(data) => Answer::plain(data),
                None => Answer::status(status::OK),
            })
    }

    fn execute(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Status> {
        let command = Command::parse(bytes)?;
        match (command.class, command.instruction) {
            (0x00, 0xA4) => self.select(&command).map(|()| None),
            (0x00, 0xB0) => self.read(&command).map(Some),
            (0x00 | 0x08 | 0x80, _) => Err(status::UNKNOWN_INSTRUCTION),
            _ => Err(status::UNKNOWN_CLASS),
        }
    }

    fn select(&mut self, command: &Command) -> Result<(), Status> {
        let residence = self.residence.is_some();
        let selected = match (command.p1, command.p2, command.data.as_slice()) {
            (0x00, 0x00, [0x3F, 0x00]) => Some(false),
            (0x04, 0x0C, aid) if residence && aid == RESIDENCE_APPLICATION => Some(true),
            (0x04, 0x0C, aid) if MY_NUMBER_APPLICATIONS.contains(&aid) => Some(false),
            _ => None,
        };
        self.residence_selected = selected.ok_or(status::NOT_FOUND)?;
        Ok(())
    }

    /// Card type and common data under the residence application; nothing else is public.
    fn read(&self, command: &Command) -> Result<Vec<u8>, Status> {
        let wanted = command.expected.ok_or(status::WRONG_LENGTH)?;
        let card_type = self.residence.filter(|_| self.residence_selected);
        let content = match (card_type, command.p1) {
            (Some(card_type), 0x8A) => [&[0xC1, 0x02], card_type.code().as_bytes()].concat(),
            (Some(_), 0x8B) => b"\xC0\x040001".to_vec(),
            (Some(_), _) => return Err(status::SECURITY_STATUS),
            (None, _) => return Err(status::NOT_FOUND),
        };
        let rest = content.get(usize::from(command.p2)..).unwrap_or_default();
        if rest.is_empty() {
            return Err(status::OUTSIDE_FILE);
        }
        Ok(rest.get(..wanted).unwrap_or(rest).to_vec())
    }
}
