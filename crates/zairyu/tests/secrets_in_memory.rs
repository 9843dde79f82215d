//! After a card was read and judged and everything is dropped, the heap holds neither the card number nor a key made from it.
//!
//! A child process reads cards that this process plays, so that only the reader's own copies are in its memory, and looks
//! through that memory itself. It gets the number masked and never unmasks it for the search.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod needles;

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};

use needles::{NUMBER, NUMBER_KEY, SESSION_KEY, TYPES, card_with_known_key, read_with_known_key};
use zairyu::data::Generation;
use zairyu::protocol::MessageLimits;
use zairyu::{Anchors, CardNumber, Reading, Timestamp};
use zairyu_testcard::Issuer;
use zeroize::Zeroizing;

/// Set in the child: what to look for, masked, in hexadecimal.
const NEEDLES: &str = "ZAIRYU_MASKED_NEEDLES";

/// Exclusive or with this masks a byte.
const MASK: u8 = 0x5A;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ MASK).collect()
}

/// One exchange with the card in the other process: the command on standard error, the answer on standard input.
fn exchange(command: &[u8]) -> Vec<u8> {
    eprintln!("{}", hex(command));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
    unhex(line.trim_end())
}

/// Where a needle lies in this process's memory: how often on the heap and in static data, how often on this stack.
///
/// Moving a value leaves a copy on the stack that nothing can wipe and the next calls overwrite, so it is counted apart.
fn count(needle: &[u8]) -> (usize, usize) {
    let here = std::ptr::from_ref(&needle).addr();
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let (mut on_heap, mut on_stack) = (0, 0);
    let mut chunk = vec![0; 1 << 16];
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (range, _) = line.split_once(' ').unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let start = usize::from_str_radix(start, 16).unwrap();
        let end = usize::from_str_radix(end, 16).unwrap();
        let buffer = chunk.as_ptr().addr();
        let mut at = start;
        while at < end {
            let length = chunk.len().min(end - at);
            if memory
                .read_exact_at(&mut chunk[..length], u64::try_from(at).unwrap())
                .is_err()
            {
                break;
            }
            for (offset, window) in chunk[..length].windows(needle.len()).enumerate() {
                let is_hit = window
                    .iter()
                    .zip(needle)
                    .all(|(byte, masked)| *byte ^ MASK == *masked);
                // Not what this search has just copied.
                let is_own = (buffer..buffer + (1 << 16)).contains(&(at + offset));
                if is_hit && !is_own {
                    *if (start..end).contains(&here) {
                        &mut on_stack
                    } else {
                        &mut on_heap
                    } += 1;
                }
            }
            // Windows overlap by one needle, unless the region ends here.
            at += if length < chunk.len() {
                length
            } else {
                length - needle.len()
            };
        }
        chunk.fill(0);
    }
    (on_heap, on_stack)
}

/// The child's part. Without a parent there is nothing to do.
#[test]
fn child() {
    let Some(needles) = env::var_os(NEEDLES) else {
        return;
    };
    let needles: Vec<Vec<u8>> = needles.to_str().unwrap().split(',').map(unhex).collect();
    let mut anchors = Anchors::new();
    for generation in [Generation::First, Generation::Second] {
        anchors
            .add(&Issuer::new().ca_certificate(generation).unwrap())
            .unwrap();
    }
    for response in [65_538, 258] {
        let limits = MessageLimits {
            command: 261,
            response,
        };
        let mut typed = Zeroizing::new([0; 12]);
        typed
            .iter_mut()
            .zip(&needles[0])
            .for_each(|(to, from)| *to = from ^ MASK);
        let number = CardNumber::parse(std::str::from_utf8(typed.as_ref()).unwrap()).unwrap();
        drop(typed);
        let files = read_with_known_key(exchange, number.clone(), limits);
        let reading = Reading::new(files, number, Timestamp::now());
        let report = reading.judge(&anchors, Timestamp::now());
        assert!(report.is_signature_verified());
        for (_, image) in report.images.iter() {
            assert!(image.decode().is_ok());
        }
        // What is held is found.
        assert!(count(&needles[0]).0 + count(&needles[0]).1 > 0);
        drop(report);
        drop(reading);
    }
    assert_nothing_left(&needles, &["card number", "key of the number", "session key"]);
}

/// Looks for each needle on the heap: it must not be there, and must be found once a program keeps a copy.
fn assert_nothing_left(needles: &[Vec<u8>], names: &[&str]) {
    let found: Vec<_> = needles.iter().map(|needle| count(needle)).collect();
    let kept: Vec<Vec<u8>> = needles.iter().map(|needle| masked(needle)).collect();
    let with_copies: Vec<_> = needles.iter().map(|needle| count(needle)).collect();
    eprintln!("done {found:?} {with_copies:?}");
    drop(kept);
    for (needle, (on_heap, _)) in needles.iter().zip(&with_copies) {
        assert!(*on_heap > 0, "a copy of {} bytes was not found", needle.len());
    }
    for (what, (on_heap, _)) in names.iter().zip(&found) {
        assert_eq!(*on_heap, 0, "copies of the {what} on the heap");
    }
}

/// The same with a My Number Card, which is opened by 照合番号B: what the card's front shows, put together by the reader. The hash
/// of the My Number, which stands among what is read to verify the attributes, gives that number away.
#[test]
#[cfg(feature = "my-number")]
fn my_number_child() {
    use zairyu::mynumber::{self, AttributeKey, BirthDigits, Challenge, NumberB, Policy, Reading};
    use zairyu::transport::{Callback, Limits};

    let Some(needles) = env::var_os(NEEDLES) else {
        return;
    };
    let needles: Vec<Vec<u8>> = needles.to_str().unwrap().split(',').map(unhex).collect();
    let typed = Zeroizing::new(masked(&needles[0]));
    let digits = |range| std::str::from_utf8(&typed[range]).unwrap();
    let number_b = || {
        let birth = BirthDigits::as_printed(digits(0..6)).unwrap();
        NumberB::new(birth, digits(6..10).parse().unwrap(), digits(10..14)).unwrap()
    };
    let challenge = || Challenge::new([7; Challenge::LEN]);
    let face = Reading::face(number_b(), challenge(), Policy::default()).unwrap();
    let key = AttributeKey::NumberB(number_b());
    let attributes = Reading::attributes(key, challenge(), Policy::default()).unwrap();
    drop(typed);
    // How often the hash is on the heap when the next command is sent: in the file that is read, and nowhere that an answer or
    // a part of the file once was.
    let mut most = 0;
    let mut card = Callback::new(Limits::SHORT, |command: &[u8]| {
        most = count(&needles[1]).0.max(most);
        Ok(exchange(command))
    });
    // What is held is found.
    assert!(count(&needles[0]).0 + count(&needles[0]).1 > 0);
    let files = mynumber::read(&mut card, face).unwrap();
    drop(files.judge(&mynumber::CvAnchors::new()));
    let files = mynumber::read(&mut card, attributes).unwrap();
    drop(files.judge(&mynumber::CvAnchors::new()));
    drop(files);
    assert_eq!(most, 1);
    assert_nothing_left(&needles, &["照合番号B", "hash of the My Number"]);
}

/// Runs one of the tests above in another process and plays the card for it.
fn play(child: &str, needles: &[&[u8]], mut card: impl FnMut(&[u8]) -> Vec<u8>) {
    let needles: Vec<_> = needles.iter().map(|needle| hex(&masked(needle))).collect();
    let mut child = Command::new(env::current_exe().unwrap())
        .args([child, "--exact", "--nocapture", "--test-threads=1"])
        .env(NEEDLES, needles.join(","))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answers = child.stdin.take().unwrap();
    let commands = BufReader::new(child.stderr.take().unwrap());
    let mut said = Vec::new();
    for line in commands.lines().map(Result::unwrap) {
        let is_command = line.len() >= 8 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_command {
            let _ = writeln!(answers, "{}", hex(&card(&unhex(&line))));
        } else {
            said.push(line);
        }
    }
    let output = child.wait_with_output().unwrap();
    println!("{said:?}");
    assert!(output.status.success(), "{said:#?}");
    let is_done = said.iter().any(|line| line.starts_with("done"));
    assert!(is_done, "the child said nothing");
}

#[test]
fn no_number_and_no_key_is_left_behind() {
    for card_type in [TYPES[0], TYPES[2]] {
        // Both readings begin on a card as after power-up.
        let mut card = card_with_known_key(card_type);
        play(
            "child",
            &[NUMBER.as_bytes(), &NUMBER_KEY, &SESSION_KEY],
            |command| card.process(command),
        );
    }
}

#[test]
#[cfg(feature = "my-number")]
fn no_number_of_a_my_number_card_is_left_behind() {
    use zairyu_mynumber_testcard::{Application, CardBuilder, Profile, SoftwareCard};

    let mut card = SoftwareCard::new(CardBuilder::new(Profile::Adult).issue().unwrap());
    let number_b = card.issued().number_b().to_vec();
    let record = card.issued().file(Application::Text, 3).unwrap();
    let hash = record
        .windows(3)
        .position(|window| window == b"\xDF\x31\x20")
        .unwrap()
        + 3;
    // Its second half: memory that is freed loses its first bytes to the allocator's own marks.
    let hash = record[hash + 16..hash + 32].to_vec();
    play("my_number_child", &[&number_b, &hash], |command| {
        card.process(command)
    });
}
