//! The file's form: one entry a line, each ended by CR LF.
//!
//! An entry is made of base64url, `.` and `~` alone. It ends in two bytes so that damage to one of them is told from
//! a line whose writing was cut short: a cut leaves a beginning of what was to be written, and nothing else does.

use std::io::{self, BufRead};

use crate::MAX_ENTRY_LEN;

/// What is on a line.
#[derive(Clone, PartialEq, Eq)]
pub enum Line {
    /// A whole line of the characters that entries are made of.
    Entry(String),
    /// The last line, whose writing was cut short.
    Torn,
    /// More bytes than an entry can have. They were passed over.
    TooLong,
    /// Bytes that no entry has.
    Damaged,
}

/// Reads a log's lines. It holds no more than one entry in memory, however long a line is.
///
/// ```
/// use zairyu_evidence::{Line, lines};
///
/// let read: Vec<_> = lines(&b"abc~\r\nab"[..]).collect::<Result<_, _>>()?;
/// assert!(matches!(&read[..], [Line::Entry(entry), Line::Torn] if entry == "abc~"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn lines<R: BufRead>(reader: R) -> impl Iterator<Item = io::Result<Line>> {
    Lines {
        reader,
        offset: 0,
        done: false,
    }
}

struct Lines<R> {
    reader: R,
    /// Where in the file the next line begins.
    offset: u64,
    done: bool,
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let line = self.read().transpose();
        self.done = !matches!(line, Some(Ok(_)));
        line
    }
}

impl<R: BufRead> Lines<R> {
    /// One line; `None` at the end of the file.
    fn read(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let mut length = 0_u64;
        let mut ended = false;
        while !ended {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let (piece, found) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(position) => (buffer.get(..=position).unwrap_or(buffer), true),
                None => (buffer, false),
            };
            ended = found;
            let taken = piece.len();
            length = length.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
            // What is too long already is only passed over.
            if bytes.len() <= MAX_LINE_LEN {
                let room = MAX_LINE_LEN.saturating_add(1).saturating_sub(bytes.len());
                bytes.extend_from_slice(piece.get(..room).unwrap_or(piece));
            }
            self.reader.consume(taken);
        }
        if length == 0 {
            return Ok(None);
        }
        let begin = self.offset;
        self.offset = self.offset.saturating_add(length);
        if bytes.len() > MAX_LINE_LEN {
            return Ok(Some(Line::TooLong));
        }
        if let Some(entry) = whole(&bytes) {
            return Ok(Some(Line::Entry(entry.to_owned())));
        }
        let is_last = !ended || self.reader.fill_buf()?.is_empty();
        Ok(Some(if is_last && is_torn(&bytes, begin) {
            Line::Torn
        } else {
            Line::Damaged
        }))
    }
}

/// What ends a line.
pub(crate) const END: &str = "\r\n";

/// The most bytes of a line.
pub(crate) const MAX_LINE_LEN: usize = MAX_ENTRY_LEN + END.len();

/// A disk writes sectors of this length, or of a multiple of it.
const SECTOR: u64 = 512;

/// The entry on a line that is as it was written.
pub(crate) fn whole(line: &[u8]) -> Option<&str> {
    let entry = line.strip_suffix(END.as_bytes())?;
    let entry = entry.iter().all(|byte| is_of_entry(*byte)).then_some(entry)?;
    std::str::from_utf8(entry).ok()
}

fn is_of_entry(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)
}

/// Whether a file's last line, which begins at `begin`, is one whose writing was cut short.
///
/// It is when it is the beginning of a line: a process that is killed leaves that. When power fails, sectors in its
/// midst may be missing too; file systems then show zeros there, from one sector's edge to another's.
pub(crate) fn is_torn(line: &[u8], begin: u64) -> bool {
    let holes = line.contains(&0);
    let mut rest = line;
    if let Some(without) = rest.strip_suffix(b"\n") {
        // All of it was to be written: then something is missing only if it has holes.
        if !holes {
            return false;
        }
        rest = without;
    }
    let body = rest.strip_suffix(b"\r").unwrap_or(rest);
    body.iter().all(|byte| *byte == 0 || is_of_entry(*byte)) && (!holes || has_sector_holes(line, begin))
}

/// Whether every run of zeros reaches from a sector's edge, or the line's begin, to a sector's edge, or the line's end.
fn has_sector_holes(line: &[u8], begin: u64) -> bool {
    let is_edge = |index: usize| {
        let inside = u64::try_from(index).unwrap_or(u64::MAX);
        index == 0 || index == line.len() || begin.saturating_add(inside).is_multiple_of(SECTOR)
    };
    let is_zero = |index: usize| line.get(index) == Some(&0);
    (0..=line.len()).all(|index| {
        let before = index.checked_sub(1).is_some_and(is_zero);
        before == is_zero(index) || is_edge(index)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Line> {
        lines(bytes).collect::<Result<_, _>>().unwrap()
    }

    fn name(line: &Line) -> &'static str {
        match line {
            Line::Entry(_) => "entry",
            Line::Torn => "torn",
            Line::TooLong => "too long",
            Line::Damaged => "damaged",
        }
    }

    fn names(bytes: &[u8]) -> Vec<&'static str> {
        read(bytes).iter().map(name).collect()
    }

    #[test]
    fn beginnings_of_a_line_are_torn_and_other_damage_is_not() {
        assert!(names(b"").is_empty());
        assert_eq!(names(b"a.b~\r\n"), ["entry"]);
        let line = b"aaa.bbb.ccc~ddd~\r\n";
        for length in 1..line.len() {
            assert_eq!(names(&line[..length]), ["torn"], "{length}");
            assert_eq!(names(&[line, &line[..length]].concat()), ["entry", "torn"]);
        }
        for damaged in [
            &b"a\n"[..],
            b"\n",
            b" ~\r\n",
            b"a\r\r\n",
            b"a\rb",
            b"a b",
            b"\xFF",
            b"a~\r\r",
            b"a\0\r\n",
        ] {
            assert_eq!(names(damaged), ["damaged"], "{damaged:?}");
        }
        // A broken line in the midst of a file is not one that was cut short.
        assert_eq!(names(b"ab\ncd~\r\n"), ["damaged", "entry"]);
    }

    #[test]
    fn missing_sectors_are_torn_and_other_zeros_are_not() {
        let mut file = vec![b'a'; 2000];
        file.extend(b"\r\n");
        file[512..1024].fill(0);
        assert_eq!(names(&file), ["torn"]);
        file[1536..].fill(0);
        assert_eq!(names(&file), ["torn"]);
        assert_eq!(names(&[0; 700]), ["torn"]);
        file[511] = 0;
        assert_eq!(names(&file), ["damaged"]);
        let mut file = vec![b'a'; 2000];
        file.extend(b"\r\n");
        file[700] = 0;
        assert_eq!(names(&file), ["damaged"]);
        // Zeros in a line that others follow.
        let mut file = vec![b'a'; 2000];
        file[512..1024].fill(0);
        file.extend(b"\r\na~\r\n");
        assert_eq!(names(&file), ["damaged", "entry"]);
    }

    #[test]
    fn long_lines_are_passed_over() {
        let mut file = vec![b'a'; MAX_ENTRY_LEN];
        file.extend(b"\r\n");
        assert_eq!(names(&file), ["entry"]);
        file.insert(0, b'a');
        file.extend(b"b~\r\n");
        assert_eq!(names(&file), ["too long", "entry"]);
        assert_eq!(names(&vec![b'a'; 10 * MAX_ENTRY_LEN]), ["too long"]);
    }

    /// A reader of endless bytes: what is read of it is bounded by what is asked for.
    #[test]
    fn a_line_without_end_takes_no_memory() {
        struct Endless(u64);
        impl io::Read for Endless {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                unreachable!("lines are read by fill_buf")
            }
        }
        impl BufRead for Endless {
            fn fill_buf(&mut self) -> io::Result<&[u8]> {
                const PIECE: [u8; 8192] = [b'a'; 8192];
                Ok(if self.0 == 0 { &[] } else { &PIECE })
            }
            fn consume(&mut self, _: usize) {
                self.0 -= 1;
            }
        }
        // 64 MiB.
        let mut lines = lines(Endless(1 << 13));
        assert!(matches!(lines.next(), Some(Ok(Line::TooLong))));
        assert!(lines.next().is_none());
    }

    #[test]
    fn a_reading_error_ends_the_lines() {
        struct Failing;
        impl io::Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("x"))
            }
        }
        let mut lines = lines(io::BufReader::new(Failing));
        assert!(lines.next().unwrap().is_err());
        assert!(lines.next().is_none());
    }
}
