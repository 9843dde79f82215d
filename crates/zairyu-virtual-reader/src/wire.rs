//! What the driver (in `pcscd`) and the virtual reader (in the test) say to each other over a Unix socket.
//!
//! A message is a length (4 bytes, big-endian, of what follows), a kind (1 byte) and a body. The driver asks, the
//! reader answers each question once and in order; between answers the reader may announce a card at any time.
//! A card has a number that no other card in this slot has had, so that a question meant for one card is never
//! answered by the next.
//!
//! | kind | from | body |
//! |---|---|---|
//! | 01 power up | driver | card number (8) |
//! | 02 power down | driver | card number (8) |
//! | 03 reset | driver | card number (8) |
//! | 04 command | driver | card number (8), command APDU |
//! | 80 answer | reader | the ATR (01, 03), nothing (02), the response APDU (04) |
//! | 81 fault | reader | the return code for `pcscd` (2) |
//! | 90 inserted | reader | card number (8) |
//! | 91 removed | reader | nothing |
//!
//! Right after the connection is made the reader announces how things stand (90 or 91).

use std::io::{self, Read, Write};

/// The longest body: a card number and an extended-length command with room to spare.
const MAX_BODY: usize = 70_000;

pub(crate) type CardNumber = u64;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    PowerUp(CardNumber),
    PowerDown(CardNumber),
    Reset(CardNumber),
    Command(CardNumber, Vec<u8>),
    Answer(Vec<u8>),
    Fault(u16),
    Inserted(CardNumber),
    Removed,
}

impl Message {
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (kind, body): (u8, Vec<u8>) = match self {
            Self::PowerUp(card) => (0x01, card.to_be_bytes().into()),
            Self::PowerDown(card) => (0x02, card.to_be_bytes().into()),
            Self::Reset(card) => (0x03, card.to_be_bytes().into()),
            Self::Command(card, apdu) => (0x04, [&card.to_be_bytes()[..], apdu].concat()),
            Self::Answer(bytes) => (0x80, bytes.clone()),
            Self::Fault(code) => (0x81, code.to_be_bytes().into()),
            Self::Inserted(card) => (0x90, card.to_be_bytes().into()),
            Self::Removed => (0x91, Vec::new()),
        };
        if body.len() > MAX_BODY {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "message too long"));
        }
        let length = u32::try_from(body.len() + 1).map_err(io::Error::other)?;
        // One write, so that the other side is woken once.
        to.write_all(&[&length.to_be_bytes()[..], &[kind], &body].concat())
    }

    pub(crate) fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
        let invalid = || io::Error::new(io::ErrorKind::InvalidData, "not a message of the virtual reader");
        if !(1..=MAX_BODY + 1).contains(&length) {
            return Err(invalid());
        }
        let mut kind = [0];
        from.read_exact(&mut kind)?;
        let mut body = vec![0; length - 1];
        from.read_exact(&mut body)?;
        let card = |body: &[u8]| body.first_chunk().copied().map(CardNumber::from_be_bytes);
        Ok(match kind {
            [0x01] => Self::PowerUp(card(&body).ok_or_else(invalid)?),
            [0x02] => Self::PowerDown(card(&body).ok_or_else(invalid)?),
            [0x03] => Self::Reset(card(&body).ok_or_else(invalid)?),
            [0x04] => {
                let card = card(&body).ok_or_else(invalid)?;
                body.drain(..size_of::<CardNumber>());
                Self::Command(card, body)
            }
            [0x80] => Self::Answer(body),
            [0x81] => Self::Fault(u16::from_be_bytes(
                body.as_slice().try_into().map_err(|_| invalid())?,
            )),
            [0x90] => Self::Inserted(card(&body).ok_or_else(invalid)?),
            [0x91] => Self::Removed,
            _ => return Err(invalid()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_comes_back_as_it_went() {
        for message in [
            Message::PowerUp(1),
            Message::PowerDown(u64::MAX),
            Message::Reset(3),
            Message::Command(4, vec![0; 65_544]),
            Message::Command(4, vec![]),
            Message::Answer(vec![0x90, 0x00]),
            Message::Fault(612),
            Message::Inserted(7),
            Message::Removed,
        ] {
            let mut bytes = Vec::new();
            message.write(&mut bytes).unwrap();
            assert_eq!(Message::read(&mut bytes.as_slice()).unwrap(), message);
            for cut in 0..bytes.len().min(20) {
                assert!(Message::read(&mut &bytes[..cut]).is_err());
            }
        }
    }

    #[test]
    fn a_length_that_lies_is_refused_before_anything_is_allocated() {
        for length in [0u32, 70_002, u32::MAX] {
            let mut bytes = length.to_be_bytes().to_vec();
            bytes.extend([0x80; 16]);
            assert!(Message::read(&mut bytes.as_slice()).is_err());
        }
    }
}
