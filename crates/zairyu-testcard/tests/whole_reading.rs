//! Whole readings of the second worked example's card, through what the transport crate puts around a transport.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod opened;

use opened::*;
use zairyu_data::{Access, CardType, File, FileEntry, Folder};
use zairyu_testcard::{ApduLengths, CardBuilder, Field, SoftwareCard};
use zairyu_transport::{
    Error, ErrorKind, Fault, FaultInjector, Recorder, Recording, Replay, TraceEvent, Traced, Transport,
};

const TYPE_05: CardType = CardType::SecondResidenceCard;

fn card(builder: CardBuilder) -> SoftwareCard {
    closed(builder, TYPE_05)
}

/// The file as short or extended commands read it, in as few as they can.
fn read_file(card: &mut impl Transport, entry: &FileEntry, extended: bool) -> Result<Vec<u8>, Error> {
    let secure = entry.access == Access::CardNumberAndSecureMessaging;
    let piece: u16 = match (extended, secure) {
        (true, _) => 0,
        (false, true) => 0xEF,
        (false, false) => 0x100,
    };
    let mut read = Vec::new();
    loop {
        let [high, low] = u16::try_from(read.len()).unwrap().to_be_bytes();
        let place = if read.is_empty() {
            [0x80 | entry.sfi, 0]
        } else {
            [high, low]
        };
        let expected: &[u8] = if extended { &[0, 0] } else { &[0] };
        let length: &[u8] = if extended { &[0, 0, 4] } else { &[4] };
        let piece = piece.to_be_bytes();
        let command = match (secure, extended) {
            (true, _) => [&[0x08, 0xB0], &place[..], length, &[0x96, 2], &piece, expected].concat(),
            (false, true) => [&[0x00, 0xB0], &place[..], &[0, 0, 0]].concat(),
            (false, false) => [&[0x00, 0xB0], &place[..], &[0]].concat(),
        };
        let response = card.transmit(&command)?;
        match status(&response) {
            0x9000 => {}
            0x6B00 if !read.is_empty() => return Ok(read),
            // A file that this card has not.
            0x6A82 => return Ok(read),
            other => panic!("{other:04X} to {command:02X?}"),
        }
        if secure {
            let mut data = decrypted(&response);
            data.truncate(data.iter().rposition(|&byte| byte == 0x80).unwrap());
            read.extend(data);
        } else {
            read.extend(&response[..response.len() - 2]);
        }
        if extended {
            return Ok(read);
        }
    }
}

/// All files of a card of the worked example, one folder after the other.
fn read_all(card: &mut impl Transport, extended: bool) -> Result<Vec<(File, Vec<u8>)>, Error> {
    for command in [&GET_CHALLENGE[..], &SECOND.mutual_authenticate, &SECOND.verify] {
        assert_eq!(status(&card.transmit(command)?), 0x9000);
    }
    let mut files = Vec::new();
    for (folder, select) in [
        (Folder::Mf, &MF[..]),
        (Folder::Df1, &DF1),
        (Folder::Df2, &DF2),
        (Folder::Df3, &DF3),
    ] {
        assert_eq!(status(&card.transmit(select)?), 0x9000);
        for entry in TYPE_05.files().iter().filter(|entry| entry.folder == folder) {
            files.push((entry.file, read_file(card, entry, extended)?));
        }
    }
    Ok(files)
}

/// A reader that fails at extended length: the reading stops at its first such command, and again, short, after a reset;
/// with a card that is gone by then, neither.
#[test]
fn whole_reading_begins_again_short_after_a_reset() {
    for kind in [ErrorKind::LengthNotSupported, ErrorKind::ExchangeFailed] {
        let short_only = || card(CardBuilder::new(TYPE_05)).with_lengths(ApduLengths::ShortOnlyByError(kind));
        let mut reader = FaultInjector::new(short_only());
        let failed = read_all(&mut reader, true).unwrap_err();
        assert_eq!((failed.kind(), reader.commands()), (kind, 5));
        reader.reset().unwrap();
        let files = read_all(&mut reader, false).unwrap();
        let commands = reader.commands();
        assert!(commands > 40, "{commands}");

        // The same card with a reader that can do it, and what was issued.
        assert_eq!(
            read_all(&mut card(CardBuilder::new(TYPE_05)), true).unwrap(),
            files
        );
        for (file, content) in &files {
            assert_eq!(
                content,
                card(CardBuilder::new(TYPE_05))
                    .issued()
                    .unwrap()
                    .file(*file)
                    .unwrap_or_default(),
                "{file:?}"
            );
        }

        // Gone at any command: the reading ends there, and so does every other.
        for at in 0..commands {
            let mut reader = FaultInjector::new(short_only()).inject(at, Fault::Gone(ErrorKind::CardRemoved));
            let first = read_all(&mut reader, true).unwrap_err();
            if at >= 5 {
                assert_eq!(first.kind(), kind);
                reader.reset().unwrap();
                let second = read_all(&mut reader, false).unwrap_err();
                assert_eq!(second.kind(), ErrorKind::CardRemoved);
            } else {
                assert_eq!(first.kind(), ErrorKind::CardRemoved);
            }
            assert_eq!(reader.commands(), at + 1);
            assert_eq!(reader.reset().unwrap_err().kind(), ErrorKind::CardRemoved);
        }
    }
}

/// Of a reading that fails at extended length and begins again.
fn recorded() -> (Recording, Vec<(File, Vec<u8>)>) {
    let lengths = ApduLengths::ShortOnlyByError(ErrorKind::ExchangeFailed);
    let mut recorder = Recorder::new(card(CardBuilder::new(TYPE_05)).with_lengths(lengths));
    read_all(&mut recorder, true).unwrap_err();
    recorder.reset().unwrap();
    let files = read_all(&mut recorder, false).unwrap();
    (recorder.into_recording(), files)
}

#[test]
fn recording_plays_back_without_the_card() {
    let (recording, files) = recorded();
    let mut replay = Replay::new(Recording::parse(&recording.to_text()).unwrap());
    read_all(&mut replay, true).unwrap_err();
    replay.reset().unwrap();
    assert_eq!(read_all(&mut replay, false).unwrap(), files);
    assert_eq!((replay.remaining(), replay.deviation()), (0, None));

    // Without the reset that was recorded, it goes no further than that.
    let mut replay = Replay::new(recording);
    read_all(&mut replay, true).unwrap_err();
    assert_eq!(
        read_all(&mut replay, false).unwrap_err().kind(),
        ErrorKind::NotAsRecorded
    );
}

/// The cards of two people, with entries of the same lengths, cannot be told apart by their traces.
#[test]
fn trace_does_not_depend_on_the_holder() {
    let trace = |born: &str, nationality: &str, text: &str| {
        let builder = CardBuilder::new(TYPE_05)
            .with(Field::DateOfBirth, born)
            .with(Field::Nationality, nationality)
            .with(Field::CommissionerText, text);
        let mut lines = Vec::new();
        let mut traced = Traced::new(card(builder), |mut event: TraceEvent| {
            event.duration = std::time::Duration::ZERO;
            lines.push(format!("{event} {event:?}"));
        });
        let files = read_all(&mut traced, false).unwrap();
        (lines, files)
    };
    let (one, files_of_one) = trace("19851231", "USA", "A made-up note");
    let (other, files_of_other) = trace("20010203", "FRA", "Another remark");
    assert_ne!(files_of_one, files_of_other);
    assert_eq!(one, other);
    for secret in [NUMBER, "19851231", "USA", "made-up"] {
        let hex: String = secret.bytes().map(|byte| format!("{byte:02X}")).collect();
        assert!(
            one.iter()
                .all(|line| !line.contains(secret) && !line.contains(&hex))
        );
    }
}
