//! Loads CA certificates that were downloaded from the Agency's page, and tells which of them are the Ministry's.
//!
//! `cargo run --example downloaded_certificate -- ec_cacert_20260420.crt 001421582.crt`
//!
//! The certificates are published by the Immigration Services Agency (出入国在留管理庁), as ZIP archives, on the pages of the
//! cards' specifications. Unpack them and pass the .crt files. A file counts as the Ministry's only if its
//! SHA-256 is one of the pinned ones, whatever it is called and whatever name stands in it.

use std::{env, fs};

use zairyu::verify::{Anchors, PINNED};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut anchors = Anchors::new();
    for file in env::args().skip(1) {
        anchors
            .add(&fs::read(&file)?)
            .map_err(|error| format!("{file}: {error}"))?;
    }
    for anchor in anchors.iter() {
        println!("{}: {}", anchor.profile(), hex(anchor.sha256()));
    }
    if anchors.is_empty() {
        println!("No file was given. The published certificates, by SHA-256:");
        for pinned in PINNED {
            println!(
                "{} {} ({}), {}",
                hex(&pinned.sha256),
                pinned.common_name,
                pinned.profile,
                pinned.published_as
            );
        }
    }
    // Hand `anchors` to `Reading::judge`; see the example `smallest`.
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
