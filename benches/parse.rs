//! What taking a card's files apart costs, and what the report adds: `cargo bench -p zairyu-benches --bench parse`.
//!
//! Allocations are counted by an allocator that does nothing else. `zairyu-tlv` must make none: the program fails if it
//! does.

// A counting allocator is one line around the system's.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use zairyu::data::{Card, CardType};
use zairyu::verify::AwsLc;
use zairyu::{Anchors, Judge, Reading, Timestamp};
use zairyu_benches::{Time, in_turns};
use zairyu_testcard::{CardBuilder, Issuer};
use zairyu_tlv::Reader;

const ROUNDS: usize = 400;

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: everything is the system allocator's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn allocations(work: &mut dyn FnMut()) -> usize {
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    work();
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

fn main() -> Result<()> {
    println!(
        "{:<34}{:>10}{:>10}{:>13}{:>9}",
        "a whole card", "µs", "MB/s", "allocations", "spread"
    );
    for (name, card_type) in [
        ("generation 1", CardType::FirstResidenceCard),
        ("generation 2", CardType::SecondResidenceCard),
    ] {
        let issuer = Issuer::new();
        let issued = issuer.issue(&CardBuilder::new(card_type))?;
        let mut anchors = Anchors::new();
        anchors.add(&issuer.ca_certificate(card_type.generation())?)?;
        let files = issued.card_files();
        let at: Timestamp = "2026-11-22T01:00:00Z".parse()?;
        let reading = Reading::new(files.clone(), issued.number().clone(), at);
        let dump = reading.to_dump();
        let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();

        let objects = || -> usize {
            files
                .iter()
                .map(|(_, content)| {
                    let mut reader = Reader::new(content);
                    let mut objects = 0;
                    while let Ok(Some(object)) = reader.next_object() {
                        black_box(object.value());
                        objects += 1;
                    }
                    objects
                })
                .sum()
        };
        println!(
            "{name}: {} files, {bytes} bytes, {} objects",
            files.iter().count(),
            objects()
        );
        ensure!(
            allocations(&mut || {
                black_box(objects());
            }) == 0,
            "zairyu-tlv allocates"
        );

        let mut judge = Judge::new(&anchors).backend(&AwsLc);
        let mut reporting = judge.clone();
        let report = reading.judge_with(&mut reporting, at);
        ensure!(report.is_signature_verified());
        let mut works: [(&str, usize, &mut dyn FnMut()); 6] = [
            ("  objects of all files (tlv)", bytes, &mut || {
                black_box(objects());
            }),
            ("  all files parsed (data)", bytes, &mut || {
                drop(black_box(Card::parse(&files)))
            }),
            ("  dump read", dump.len(), &mut || {
                drop(black_box(Reading::from_dump(&dump)))
            }),
            ("  judged, issuer remembered", bytes, &mut || {
                drop(black_box(judge.judge(&files, at)))
            }),
            ("  judged and reported", bytes, &mut || {
                drop(black_box(reading.judge_with(&mut reporting, at)))
            }),
            ("  report to JSON", report.to_json().len(), &mut || {
                drop(black_box(report.to_json()))
            }),
        ];
        let counts = works.each_mut().map(|(_, _, work)| allocations(work));
        let [a, b, c, d, e, f] = &mut works;
        let times = in_turns(ROUNDS, 10, [a.2, b.2, c.2, d.2, e.2, f.2]);
        for (((name, bytes, _), time), allocations) in works.iter().zip(times).zip(counts) {
            line(name, *bytes, time, allocations);
        }
    }
    Ok(())
}

fn line(name: &str, bytes: usize, time: Time, allocations: usize) {
    // Bytes in a microsecond are megabytes in a second.
    let speed = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / time.micros();
    println!(
        "{name:<34}{:>10.2}{speed:>10.0}{allocations:>13}{:>7.0} %",
        time.micros(),
        time.spread * 100.0
    );
}
