//! What a trace shows, and that it shows nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::time::Duration;

use zairyu_transport::{Callback, Error, ErrorKind, Limits, TraceEvent, Traced, Transport};

const READ: [u8; 5] = [0x00, 0xB0, 0x8A, 0x00, 0x00];

/// The event of one exchange, its duration set to zero.
fn event(command: &[u8], outcome: Result<&[u8], ErrorKind>) -> TraceEvent {
    let mut events = Vec::new();
    let card = Callback::new(Limits::SHORT, |_: &[u8]| {
        outcome
            .map(<[u8]>::to_vec)
            .map_err(|kind| Error::new(kind).with_detail("Reader of Jane Doe"))
    });
    let mut traced = Traced::new(card, |event| events.push(event));
    let passed_on = traced.transmit(command);
    assert_eq!(
        passed_on.map_err(|error| error.kind()),
        outcome.map(<[u8]>::to_vec)
    );
    let [event] = events.as_slice() else {
        panic!("one event, not {}", events.len())
    };
    let mut event = event.clone();
    event.duration = Duration::ZERO;
    event
}

fn select(class: u8, length: u8, data: &[u8]) -> Vec<u8> {
    [&[class, 0xA4, 0x04, 0x0C, length], data].concat()
}

#[test]
fn lines() {
    let line = |command: &[u8], outcome| event(command, outcome).to_string();
    assert_eq!(
        line(&READ, Ok(b"\xC1\x0205\x90\x00")),
        "00B08A00, 5 bytes: 9000, 6 bytes, 0 ms"
    );
    assert_eq!(
        line(&READ, Err(ErrorKind::CardRemoved)),
        "00B08A00, 5 bytes: card_removed, 0 ms"
    );
    assert_eq!(
        line(&READ, Ok(b"\xC1\x0205")),
        "00B08A00, 5 bytes: no known status word, 4 bytes, 0 ms"
    );
    assert_eq!(
        line(&[], Ok(&[])),
        ", 0 bytes: no known status word, 0 bytes, 0 ms"
    );
    assert_eq!(
        line(
            &select(0, 7, b"\xD2\x76\x00\x00\x85\x01\x01\x00"),
            Ok(b"\x6A\x82")
        ),
        "00A4040C, 13 bytes, AID D2760000850101: 6A82, 2 bytes, 0 ms"
    );

    let mut lines = Vec::new();
    let card = Callback::new(Limits::SHORT, |_: &[u8]| Ok(Vec::new()));
    let mut card = Traced::new(card, |mut event| {
        event.duration = Duration::from_millis(1234);
        lines.push(event.to_string());
    });
    card.reset().unwrap_err();
    assert_eq!(lines, ["reset: other, 1234 ms"]);
}

#[test]
fn resets_that_succeed_are_told() {
    struct Resettable;
    impl Transport for Resettable {
        fn limits(&self) -> Limits {
            Limits::new(1, 2)
        }
        fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Error> {
            Err(Error::new(ErrorKind::Other))
        }
        fn reset(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }
    let mut events = Vec::new();
    let mut traced = Traced::new(Resettable, |event: TraceEvent| events.push(event));
    assert_eq!(traced.limits(), Limits::new(1, 2));
    traced.reset().unwrap();
    assert!(events[0].command.is_none());
    assert!(events[0].to_string().starts_with("reset: done, "));
}

/// Only a SELECT by name in the clear, whose data is an AID as a whole.
#[test]
fn only_aids_count_as_aids() {
    let aid = |command: &[u8]| event(command, Ok(b"\x90\x00")).command.unwrap().aid;
    let name = b"\xD3\x92\xF0\x00\x4F\x02\0\0\0\0\0\0\0\0\0\0";
    assert_eq!(aid(&select(0, 16, name)).unwrap(), name);
    assert_eq!(aid(&select(0, 5, &name[..5])).unwrap(), name[..5]);
    for command in [
        select(0, 16, &name[..15]),
        select(0, 4, &name[..4]),
        select(0, 14, name),
        select(0, 17, &[0xA0; 17]),
        // Ciphertext.
        select(0x08, 16, name),
        select(0x0C, 16, name),
        // No registered identifier: it could be text.
        select(0, 12, b"AB12345678CD"),
        [&[0x00, 0xA4, 0x02, 0x0C, 16], &name[..]].concat(),
        [&[0x00, 0x20, 0x04, 0x0C, 16], &name[..]].concat(),
        [&[0x00, 0xA4, 0x04, 0x0C, 0, 0, 16], &name[..]].concat(),
    ] {
        assert_eq!(aid(&command), None, "{command:02X?}");
    }
}

/// Whatever the last two bytes are, a closed list of words can be shown.
#[test]
fn only_known_status_words_are_shown() {
    let mut shown: Vec<u16> = (0..=u16::MAX)
        .filter_map(|status| {
            let response = [b"data", &status.to_be_bytes()[..]].concat();
            let shown = event(&READ, Ok(&response)).outcome.unwrap().status?;
            assert!(shown == status || [0x6100, 0x6C00].contains(&shown));
            Some(shown)
        })
        .collect();
    shown.dedup();
    assert_eq!(shown.len(), 66);
    assert!(
        [0x9000, 0x6283, 0x63C3, 0x6999, 0x6C00]
            .iter()
            .all(|word| shown.contains(word))
    );
}

/// Two exchanges that differ in nothing but their content are the same event: header, AID and status word apart, no byte
/// of command or response has a way into it. A marker in their place is not found either.
#[test]
fn content_has_no_way_in() {
    let headers: [&[u8]; 6] = [
        &[0x00, 0xB0, 0x8A, 0x00],
        &[0x08, 0xB0, 0x81, 0x00],
        &[0x08, 0x20, 0x00, 0x86],
        &[0x00, 0x82, 0x00, 0x00],
        &[0x08, 0xA4, 0x04, 0x0C],
        &[0xFF, 0xFF, 0xFF, 0xFF],
    ];
    for header in headers {
        for (command_len, response_len) in [(1, 0), (8, 1), (20, 40), (41, 254), (300, 5000)] {
            let with = |filler: u8| {
                let command = [header, &vec![filler; command_len]].concat();
                let response = [&vec![filler; response_len][..], b"\x90\x00"].concat();
                let event = event(&command, Ok(&response));
                assert_eq!(event.command.as_ref().unwrap().len, header.len() + command_len);
                assert_eq!(event.outcome.unwrap().len, response_len + 2);
                event
            };
            let reference = with(0x00);
            for filler in 1..=0xFF {
                assert_eq!(with(filler), reference, "{filler:02X}");
            }
        }
    }

    // The marker: text as a response that was cut, in which no byte is a status word.
    let marker = b"Jane Doe, AB12345678CD, 19851231";
    for length in 0..=marker.len() {
        let command = [&[0x08, 0xB0, 0x81, 0x00], &marker[..length]].concat();
        for outcome in [Ok(&marker[..length]), Err(ErrorKind::ExchangeFailed)] {
            let event = event(&command, outcome);
            let shown = format!("{event} {event:?}");
            for window in marker.windows(2) {
                let text = String::from_utf8_lossy(window);
                let hex = format!("{:02X}{:02X}", window[0], window[1]);
                let decimal = format!("{}, {}", window[0], window[1]);
                for form in [text.to_string(), hex.clone(), hex.to_lowercase(), decimal] {
                    let without_content = event_without_content(length, outcome);
                    assert!(
                        !shown.contains(&form) || without_content.contains(&form),
                        "{form} in {shown}"
                    );
                }
            }
        }
    }
}

/// What the trace shows of an exchange of the same lengths with no content at all.
fn event_without_content(length: usize, outcome: Result<&[u8], ErrorKind>) -> String {
    let command = [&[0x08, 0xB0, 0x81, 0x00], &vec![0; length][..]].concat();
    let zeros = vec![0; length];
    let event = event(&command, outcome.map(|_| &zeros[..]));
    format!("{event} {event:?}")
}
