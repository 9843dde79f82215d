//! Frames on the serial line (UM0701-02, 6.2.1).

/// A frame from the computer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A command: its code, and its parameters.
    Command(u8, Vec<u8>),
    /// An acknowledgement, which ends a running command.
    Ack,
    /// A frame whose checksum is wrong or that is no command.
    Malformed,
}

pub(crate) const ACK: [u8; 6] = [0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00];
pub(crate) const NAK: [u8; 6] = [0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00];
pub(crate) const ERROR: [u8; 8] = [0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00];

/// The first byte of a frame's data: to the chip, from the chip.
const TO_CHIP: u8 = 0xD4;
const FROM_CHIP: u8 = 0xD5;

/// The most data bytes of a frame, first byte and command code counted.
const LONGEST: usize = 265;

/// Takes the next frame off the front of what came in; `None` if there is no whole one yet. What lies before a start
/// code, such as the bytes that wake the chip (`55 55 00 ..`), is dropped.
pub(crate) fn next(incoming: &mut Vec<u8>) -> Option<Frame> {
    let Some(start) = incoming.windows(2).position(|bytes| bytes == [0x00, 0xFF]) else {
        // The last byte may be the first half of a start code.
        incoming.drain(..incoming.len().saturating_sub(1));
        return None;
    };
    let (frame, length) = match incoming.get(start + 2..)? {
        [0x00, 0xFF, ..] => (Frame::Ack, 2),
        [0xFF, 0x00, ..] => (Frame::Malformed, 2),
        [0xFF, 0xFF, high, low, check, rest @ ..] => {
            if high.wrapping_add(*low).wrapping_add(*check) == 0 {
                let (frame, length) = data(rest, usize::from(*high) * 256 + usize::from(*low))?;
                (frame, 5 + length)
            } else {
                (Frame::Malformed, 5)
            }
        }
        [0xFF, 0xFF, ..] => return None,
        [length, check, rest @ ..] => {
            if length.wrapping_add(*check) == 0 {
                let (frame, length) = data(rest, usize::from(*length))?;
                (frame, 2 + length)
            } else {
                (Frame::Malformed, 2)
            }
        }
        _ => return None,
    };
    incoming.drain(..start + 2 + length);
    Some(frame)
}

/// The data of a frame, and how many bytes it takes with its checksum; the byte after it is dropped with what precedes
/// the next frame.
fn data(bytes: &[u8], length: usize) -> Option<(Frame, usize)> {
    if length > LONGEST {
        return Some((Frame::Malformed, 0));
    }
    let checked = bytes.get(..=length)?;
    let frame = match checked {
        _ if sum(checked) != 0 => Frame::Malformed,
        [TO_CHIP, code, parameters @ .., _check] => Frame::Command(*code, parameters.to_vec()),
        _ => Frame::Malformed,
    };
    Some((frame, length + 1))
}

/// The frame of a response to the command with this code.
pub(crate) fn response(code: u8, data: &[u8]) -> Vec<u8> {
    let data = [&[FROM_CHIP, code.wrapping_add(1)], data].concat();
    let mut frame = vec![0x00, 0x00, 0xFF];
    match u8::try_from(data.len()) {
        Ok(length) if length < 0xFF => frame.extend([length, length.wrapping_neg()]),
        _ => {
            let [.., high, low] = data.len().to_be_bytes();
            frame.extend([0xFF, 0xFF, high, low, high.wrapping_add(low).wrapping_neg()]);
        }
    }
    let check = sum(&data).wrapping_neg();
    frame.extend(data);
    frame.extend([check, 0x00]);
    frame
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UM0701-02, 7.2.2: GetFirmwareVersion.
    const GET_FIRMWARE_VERSION: [u8; 9] = [0x00, 0x00, 0xFF, 0x02, 0xFE, 0xD4, 0x02, 0x2A, 0x00];

    fn all(bytes: &[u8]) -> Vec<Frame> {
        let mut incoming = bytes.to_vec();
        std::iter::from_fn(|| next(&mut incoming)).collect()
    }

    #[test]
    fn command_behind_a_wake_up() {
        let bytes = [&[0x55, 0x55, 0, 0, 0, 0, 0, 0, 0][..], &GET_FIRMWARE_VERSION].concat();
        assert_eq!(all(&bytes), [Frame::Command(0x02, vec![])]);
    }

    #[test]
    fn command_in_pieces() {
        let mut incoming = Vec::new();
        for (index, byte) in GET_FIRMWARE_VERSION.into_iter().enumerate() {
            incoming.push(byte);
            let frame = next(&mut incoming);
            // Whole with its checksum.
            assert_eq!(frame.is_some(), index == 7, "{index}");
        }
    }

    #[test]
    fn several_frames_in_one_piece() {
        let bytes = [&ACK[..], &GET_FIRMWARE_VERSION, &GET_FIRMWARE_VERSION].concat();
        assert_eq!(
            all(&bytes),
            [
                Frame::Ack,
                Frame::Command(0x02, vec![]),
                Frame::Command(0x02, vec![])
            ]
        );
    }

    #[test]
    fn extended_frame() {
        let parameters = vec![0x5A; 260];
        let mut data = vec![0xD4, 0x40];
        data.extend(&parameters);
        let mut bytes = vec![0x00, 0x00, 0xFF, 0xFF, 0xFF, 0x01, 0x06, 0xF9];
        bytes.extend(&data);
        bytes.extend([sum(&data).wrapping_neg(), 0x00]);
        assert_eq!(all(&bytes), [Frame::Command(0x40, parameters)]);
    }

    #[test]
    fn wrong_checksums_and_directions_are_malformed() {
        for index in 3..GET_FIRMWARE_VERSION.len() - 1 {
            let mut bytes = GET_FIRMWARE_VERSION;
            bytes[index] ^= 0x10;
            let frames = all(&bytes);
            assert!(
                !frames.contains(&Frame::Command(0x02, vec![])),
                "{index}: {frames:?}"
            );
        }
        assert_eq!(all(&response(0x02, &[])), [Frame::Malformed]);
    }

    #[test]
    fn no_bytes_make_it_panic_or_stall() {
        let mut state = 1_u32;
        for _ in 0..2_000 {
            let mut bytes = Vec::new();
            for _ in 0..64 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [high, ..] = state.to_be_bytes();
                bytes.push(if high < 0x60 {
                    [0x00, 0xFF][usize::from(high & 1)]
                } else {
                    high
                });
            }
            all(&bytes);
        }
    }

    #[test]
    fn responses() {
        assert_eq!(
            response(0x02, &[0x32, 0x01, 0x06, 0x07]),
            [
                0x00, 0x00, 0xFF, 0x06, 0xFA, 0xD5, 0x03, 0x32, 0x01, 0x06, 0x07, 0xE8, 0x00
            ]
        );
        assert_eq!(response(0x40, &[0; 252])[3..5], [0xFE, 0x02]);
        assert_eq!(response(0x40, &[0; 253])[3..8], [0xFF, 0xFF, 0x00, 0xFF, 0x01]);
        assert_eq!(response(0x40, &[0; 263])[3..8], [0xFF, 0xFF, 0x01, 0x09, 0xF6]);
    }
}
