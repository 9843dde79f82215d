use zairyu_transport::ErrorKind;

use crate::apdu::{Command, is_extended};

/// One command and what came of it: header, lengths, status word. No data, but for the AID of a SELECT, which is
/// the same on all cards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// CLA, INS, P1, P2; `00` for those that the command is too short for.
    pub header: [u8; 4],
    /// The command's length in bytes.
    pub command_len: usize,
    /// Whether its lengths are in extended form.
    pub extended: bool,
    /// The AID that it selects.
    pub selected: Option<Vec<u8>>,
    /// The response's length in bytes, status word counted; 0 when there was none.
    pub response_len: usize,
    /// The response's status word, or `None` when it was shorter than one; else why no response came.
    pub outcome: Result<Option<u16>, ErrorKind>,
}

pub(crate) fn exchange(command: &[u8], response: Result<&[u8], ErrorKind>) -> Exchange {
    let mut header = [0; 4];
    for (slot, byte) in header.iter_mut().zip(command) {
        *slot = *byte;
    }
    let is_select_by_name = header.get(1..3) == Some(&[0xA4, 0x04]);
    let data = Command::parse(command).ok().map(|command| command.data);
    Exchange {
        header,
        command_len: command.len(),
        extended: is_extended(command),
        selected: data.filter(|_| is_select_by_name),
        response_len: response.map_or(0, <[u8]>::len),
        outcome: response.map(|bytes| bytes.last_chunk().map(|&status| u16::from_be_bytes(status))),
    }
}
