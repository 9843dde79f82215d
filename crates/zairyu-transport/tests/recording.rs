//! Recordings: what the recorder keeps, its text form, and playing it back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use zairyu_transport::{
    Callback, Deviation, Error, ErrorKind, Exchange, InvalidHeader, Limits, ParseProblem, Recorder,
    Recording, Replay, Transport,
};

const TEXT: &str = "\
zairyu.recording/1
limits: 65544 65538
number: AB12345678CD
random: 00112233

> 00A40000023F00 < 9000
> 00B08A00000000 ! exchange_failed
> reset <
> 00B08A0000 <\u{20}
>  < 6700
> reset ! no_card
";

fn exchanges() -> Vec<Exchange> {
    let command = |command: &[u8], outcome: Result<&[u8], ErrorKind>| Exchange::Command {
        command: command.to_vec(),
        outcome: outcome.map(<[u8]>::to_vec),
    };
    vec![
        command(b"\x00\xA4\x00\x00\x02\x3F\x00", Ok(b"\x90\x00")),
        command(b"\x00\xB0\x8A\x00\x00\x00\x00", Err(ErrorKind::ExchangeFailed)),
        Exchange::Reset { outcome: Ok(()) },
        command(b"\x00\xB0\x8A\x00\x00", Ok(b"")),
        command(b"", Ok(b"\x67\x00")),
        Exchange::Reset {
            outcome: Err(ErrorKind::NoCard),
        },
    ]
}

fn recording() -> Recording {
    let mut recording = Recording::new(Limits::EXTENDED);
    recording.set_header("number", "AB12345678CD").unwrap();
    recording.set_header("random", "00112233").unwrap();
    recording.extend(exchanges());
    recording
}

/// Plays the recording to its end with the recorded commands.
fn play(transport: &mut impl Transport) {
    for exchange in exchanges() {
        match exchange {
            Exchange::Command { command, outcome } => {
                assert_eq!(
                    transport.transmit(&command).map_err(|error| error.kind()),
                    outcome
                );
            }
            Exchange::Reset { outcome } => {
                assert_eq!(transport.reset().map_err(|error| error.kind()), outcome);
            }
        }
    }
}

#[test]
fn text_form_there_and_back() {
    assert_eq!(recording().to_text(), TEXT);
    let parsed = Recording::parse(TEXT).unwrap();
    assert_eq!(parsed, recording());
    assert_eq!(parsed.limits(), Limits::EXTENDED);
    assert_eq!(parsed.header("random"), Some("00112233"));
    assert_eq!(parsed.header("limits"), None);
    assert_eq!(parsed.headers().count(), 2);
    let empty = Recording::new(Limits::new(0, usize::MAX));
    assert_eq!(Recording::parse(&empty.to_text()).unwrap(), empty);
    for &kind in ErrorKind::ALL {
        let mut recording = Recording::new(Limits::SHORT);
        let outcome = Err(kind);
        recording.push(Exchange::Reset { outcome });
        assert_eq!(Recording::parse(&recording.to_text()).unwrap(), recording);
    }
    let every_byte: Vec<u8> = (0..=255).collect();
    let mut recording = Recording::new(Limits::SHORT);
    recording.push(Exchange::Command {
        command: every_byte.clone(),
        outcome: Ok(every_byte),
    });
    assert_eq!(Recording::parse(&recording.to_text()).unwrap(), recording);
}

#[test]
fn text_may_have_comments_spaces_small_letters_and_other_line_ends() {
    let loose = "\
# made by hand\r
\r
zairyu.recording/1\r
limits:65544 65538\r
  number:AB12345678CD\r
random:   00112233  \r
# exchanges\r
>00a40000023f00<9000\r
>00b08a00000000!exchange_failed\r
>reset<\r
>00b08a0000<\r
><6700\r
>reset!no_card";
    assert_eq!(Recording::parse(loose).unwrap(), recording());
}

#[test]
fn damaged_text_is_refused_with_its_line() {
    use ParseProblem::{ErrorName, Form, Header, Hex, Limits, Line, TooLong};
    let after_limits = |rest: &str| format!("zairyu.recording/1\nlimits: 1 2\n{rest}\n");
    let long_name = format!("{}: 1", "a".repeat(33));
    let long_value = format!("a: {}", "1".repeat(1025));
    let many_headers: String = (0..65).map(|index| format!("h{index}: 1\n")).collect();
    let many_exchanges = "><\n".repeat(Recording::MAX_EXCHANGES + 1);
    for (text, line, problem) in [
        (String::new(), 1, Form),
        ("# nothing else\n".into(), 1, Form),
        ("zairyu.recording/2\nlimits: 1 2\n".into(), 1, Form),
        ("\n\nzairyu.dump/1\n".into(), 3, Form),
        ("zairyu.recording/1\n".into(), 1, Limits),
        ("zairyu.recording/1\n\nnumber: 1\n".into(), 3, Limits),
        ("zairyu.recording/1\nlimits: 1\n".into(), 2, Limits),
        ("zairyu.recording/1\nlimits: 1 -2\n".into(), 2, Limits),
        ("zairyu.recording/1\nlimits: +1 2\n".into(), 2, Limits),
        ("zairyu.recording/1\nlimits: 1 2 3\n".into(), 2, Limits),
        (
            "zairyu.recording/1\nlimits: 1 99999999999999999999\n".into(),
            2,
            Limits,
        ),
        (after_limits("number"), 3, Line),
        (after_limits("< 9000"), 3, Line),
        (after_limits("Number: 1"), 3, Header),
        (after_limits(": 1"), 3, Header),
        (after_limits("number:"), 3, Header),
        (after_limits("limits: 1 2"), 3, Header),
        (after_limits("a: 1\n\na: 2"), 5, Header),
        (after_limits("a: 1\u{7}2"), 3, Header),
        (after_limits(&long_name), 3, Header),
        (after_limits(&long_value), 3, Header),
        (after_limits(&many_headers), 67, TooLong),
        (after_limits("> 00 < 9000\na: 1"), 4, Line),
        (after_limits("> 00"), 3, Line),
        (after_limits(">"), 3, Line),
        (after_limits("> 0 < 9000"), 3, Hex),
        (after_limits("> 00 < 900"), 3, Hex),
        (after_limits("> 00 < 90 00"), 3, Hex),
        (after_limits("> 0x < 9000"), 3, Hex),
        (after_limits("> 00 < +9"), 3, Hex),
        (after_limits("> 00 < 9000 < 9000"), 3, Hex),
        (after_limits("> 00 < ９０"), 3, Hex),
        (after_limits("> RESET <"), 3, Hex),
        (after_limits("> reset < 9000"), 3, Line),
        (after_limits("> 00 ! Card removed"), 3, ErrorName),
        (after_limits("> reset ! "), 3, ErrorName),
        (
            after_limits(&many_exchanges),
            Recording::MAX_EXCHANGES + 3,
            TooLong,
        ),
        (" ".repeat(Recording::MAX_TEXT_LEN + 1), 1, TooLong),
    ] {
        let error = Recording::parse(&text).unwrap_err();
        let shown: String = text.chars().take(60).collect();
        assert_eq!((error.line, error.problem), (line, problem), "{shown:?}");
        assert!(error.to_string().contains(&format!("line {line}:")), "{error}");
    }
}

/// What is read can be written, and is the same when read again.
#[test]
fn no_changed_byte_upsets_the_parser() {
    let mut parsed = 0;
    for offset in 0..TEXT.len() {
        for byte in 0..0x80 {
            let mut text = TEXT.as_bytes().to_vec();
            text[offset] = byte;
            let text = String::from_utf8(text).unwrap();
            if let Ok(recording) = Recording::parse(&text) {
                parsed += 1;
                assert_eq!(
                    Recording::parse(&recording.to_text()).as_ref(),
                    Ok(&recording),
                    "{text}"
                );
            }
        }
        let _ = Recording::parse(&TEXT[..offset]);
    }
    assert!(parsed > 1000, "{parsed}");
}

#[test]
fn headers_are_what_can_be_written() {
    let mut recording = Recording::new(Limits::SHORT);
    for name in ["", "limits", "Number", "a b", "a:", "#a", ">", "名"] {
        assert_eq!(
            recording.set_header(name, "1"),
            Err(InvalidHeader::Name),
            "{name:?}"
        );
    }
    for value in ["", " 1", "1 ", "1\n> 00 < 9000", "\r"] {
        assert_eq!(
            recording.set_header("a", value),
            Err(InvalidHeader::Value),
            "{value:?}"
        );
    }
    assert_eq!(recording.headers().count(), 0);
    recording.set_header("a", "first").unwrap();
    recording.set_header("b", "# > : 名").unwrap();
    recording.set_header("a", "second").unwrap();
    assert!(recording.headers().eq([("a", "second"), ("b", "# > : 名")]));
    assert_eq!(Recording::parse(&recording.to_text()).unwrap(), recording);
}

#[test]
fn recorder_keeps_what_replay_plays() {
    let mut recorder = Recorder::new(Replay::new(recording()));
    assert_eq!(recorder.limits(), Limits::EXTENDED);
    play(&mut recorder);
    assert_eq!(recorder.recording().exchanges(), exchanges());
    let mut replay = Replay::new(recorder.into_recording());
    assert_eq!(replay.remaining(), 6);
    play(&mut replay);
    assert_eq!((replay.remaining(), replay.deviation()), (0, None));
}

#[test]
fn recorder_passes_details_on_and_keeps_none() {
    let failing = Callback::new(Limits::SHORT, |_: &[u8]| {
        Err(Error::new(ErrorKind::InUse).with_detail("reader 1"))
    });
    let mut recorder = Recorder::new(failing);
    assert_eq!(recorder.transmit(&[0]).unwrap_err().detail(), Some("reader 1"));
    assert!(recorder.reset().unwrap_err().detail().is_some());
    assert!(!recorder.recording().to_text().contains("reader"));
}

#[test]
fn replay_ends_at_the_first_deviation() {
    let other = |transport: &mut Replay| transport.transmit(b"\x00\xA4\x00\x01\x02\x3F\x00").map(drop);
    let longer = |transport: &mut Replay| transport.transmit(b"\x00\xA4\x00\x00\x02\x3F\x00\x00").map(drop);
    let shorter = |transport: &mut Replay| transport.transmit(b"\x00\xA4").map(drop);
    let reset = |transport: &mut Replay| transport.reset();
    type Call = fn(&mut Replay) -> Result<(), Error>;
    let calls: [(Call, Deviation); 4] = [
        (
            other,
            Deviation::OtherCommand {
                exchange: 0,
                offset: 3,
            },
        ),
        (
            longer,
            Deviation::OtherCommand {
                exchange: 0,
                offset: 7,
            },
        ),
        (
            shorter,
            Deviation::OtherCommand {
                exchange: 0,
                offset: 2,
            },
        ),
        (reset, Deviation::ResetForCommand { exchange: 0 }),
    ];
    for (call, deviation) in calls {
        let mut replay = Replay::new(recording());
        let error = call(&mut replay).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotAsRecorded);
        assert_eq!(error.detail(), Some(&*deviation.to_string()));
        assert_eq!(replay.deviation(), Some(deviation));
        // For good, also for what would have been right.
        let again = replay.transmit(b"\x00\xA4\x00\x00\x02\x3F\x00").unwrap_err();
        assert_eq!(again, error);
        assert_eq!(replay.reset().unwrap_err(), error);
        assert_eq!(replay.remaining(), 6);
    }
}

#[test]
fn replay_tells_commands_from_resets_and_knows_its_end() {
    let mut replay = Replay::new(recording());
    replay.transmit(b"\x00\xA4\x00\x00\x02\x3F\x00").unwrap();
    replay.transmit(b"\x00\xB0\x8A\x00\x00\x00\x00").unwrap_err();
    replay.transmit(b"\x00\xB0\x8A\x00\x00").unwrap_err();
    assert_eq!(
        replay.deviation(),
        Some(Deviation::CommandForReset { exchange: 2 })
    );

    let mut replay = Replay::new(recording());
    play(&mut replay);
    assert_eq!(replay.transmit(&[]).unwrap_err().kind(), ErrorKind::NotAsRecorded);
    assert_eq!(replay.deviation(), Some(Deviation::End { exchanges: 6 }));
}

#[test]
fn replay_can_ignore_commands_but_not_their_order() {
    let mut replay = Replay::new(recording()).ignoring_commands();
    assert_eq!(replay.transmit(b"anything").unwrap(), b"\x90\x00");
    assert_eq!(
        replay.transmit(b"").unwrap_err().kind(),
        ErrorKind::ExchangeFailed
    );
    assert_eq!(replay.transmit(b"").unwrap_err().kind(), ErrorKind::NotAsRecorded);
}

#[test]
fn debug_shows_lengths_only() {
    let shown = format!(
        "{:?} {:?} {:?}",
        recording(),
        Replay::new(recording()),
        Recorder::new(Replay::new(recording()))
    );
    for secret in ["AB1234", "0011", "A4", "164", "63", "[0"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("command_len: 7, outcome_len: Ok(2)"), "{shown}");
}
