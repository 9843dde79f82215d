//! Command APDUs as the card takes them apart (ISO/IEC 7816-4, 5.1).

use crate::status::{self, Status};

pub(crate) struct Command {
    pub(crate) class: u8,
    pub(crate) instruction: u8,
    pub(crate) p1: u8,
    pub(crate) p2: u8,
    /// As many bytes as Lc says.
    pub(crate) data: Vec<u8>,
    /// The longest response data wanted, in bytes. `00` and `0000` are the most that the form can say.
    pub(crate) expected: Option<usize>,
    /// More bytes came than Lc and Le account for. Some commands put up with it. Never without data.
    pub(crate) surplus: bool,
}

impl Command {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Status> {
        let [class, instruction, p1, p2, body @ ..] = bytes else {
            return Err(status::WRONG_LENGTH);
        };
        let extended = is_extended(bytes);
        let (length, rest) = match *body {
            [] | [_] => (0, body),
            [0, _, _] => (0, body.get(1..).unwrap_or_default()),
            // An Lc of zero, or half of one.
            [0, 0, 0, ..] | [0, _] => return Err(status::WRONG_LENGTH),
            [0, high, low, ref rest @ ..] => (usize::from(u16::from_be_bytes([high, low])), rest),
            [length, ref rest @ ..] => (usize::from(length), rest),
        };
        let (data, expected) = rest.split_at_checked(length).ok_or(status::WRONG_LENGTH)?;
        let (expected, surplus) = match (expected, extended) {
            ([], _) => (None, false),
            ([short, more @ ..], false) => (Some(or_most(usize::from(*short), 0x100)), !more.is_empty()),
            ([high, low, more @ ..], true) => {
                let wanted = usize::from(u16::from_be_bytes([*high, *low]));
                (Some(or_most(wanted, 0x1_0000)), !more.is_empty())
            }
            ([_], true) => (None, true),
        };
        Ok(Self {
            class: *class,
            instruction: *instruction,
            p1: *p1,
            p2: *p2,
            data: data.to_vec(),
            expected,
            surplus,
        })
    }
}

/// Whether the lengths of this command are in their extended form.
pub(crate) fn is_extended(command: &[u8]) -> bool {
    command.len() >= 7 && command.get(4) == Some(&0)
}

const fn or_most(wanted: usize, most: usize) -> usize {
    if wanted == 0 { most } else { wanted }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Length of the data, Le, surplus, extended.
    fn parsed(bytes: &[u8]) -> (usize, Option<usize>, bool, bool) {
        let command = Command::parse(bytes).unwrap();
        (
            command.data.len(),
            command.expected,
            command.surplus,
            is_extended(bytes),
        )
    }

    #[test]
    fn all_four_cases_in_both_forms() {
        assert_eq!(parsed(&[0, 0, 0, 0]), (0, None, false, false));
        assert_eq!(parsed(&[0, 0, 0, 0, 8]), (0, Some(8), false, false));
        assert_eq!(parsed(&[0, 0, 0, 0, 0]), (0, Some(256), false, false));
        assert_eq!(parsed(&[0, 0, 0, 0, 1, 9]), (1, None, false, false));
        assert_eq!(parsed(&[0, 0, 0, 0, 1, 9, 0]), (1, Some(256), false, false));
        assert_eq!(parsed(&[0, 0, 0, 0, 0, 1, 2]), (0, Some(258), false, true));
        assert_eq!(parsed(&[0, 0, 0, 0, 0, 0, 0]), (0, Some(65_536), false, true));
        assert_eq!(parsed(&[0, 0, 0, 0, 0, 0, 1, 9]), (1, None, false, true));
        assert_eq!(
            parsed(&[0, 0, 0, 0, 0, 0, 1, 9, 0, 0]),
            (1, Some(65_536), false, true)
        );
    }

    #[test]
    fn too_little_is_a_wrong_length_and_too_much_is_noted() {
        for command in [
            &[][..],
            &[0, 0, 0],
            &[0, 0, 0, 0, 2, 9],
            &[0, 0, 0, 0, 0, 9],
            &[0, 0, 0, 0, 0, 0, 2, 9],
            &[0, 0, 0, 0, 0, 0, 0, 0],
            &[0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert_eq!(
                Command::parse(command).err(),
                Some(status::WRONG_LENGTH),
                "{command:02X?}"
            );
        }
        assert_eq!(parsed(&[0, 0, 0, 0, 1, 9, 0, 7]), (1, Some(256), true, false));
        assert_eq!(parsed(&[0, 0, 0, 0, 0, 0, 1, 9, 0]), (1, None, true, true));
    }
}
