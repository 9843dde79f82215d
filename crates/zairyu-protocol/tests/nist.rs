//! NIST's files for Triple DES in CBC mode and for CMAC: `tests/nist/README.md`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::HashMap;

use aes::Aes128;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
use cmac::{Cmac, KeyInit, Mac};
use des::TdesEde2;

fn bytes(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2));
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// One case of a file: its section (`ENCRYPT`, `DECRYPT`, or none) and its values by name.
struct Case {
    section: String,
    values: HashMap<String, Vec<u8>>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if line.starts_with("COUNT") {
            cases.push(Case {
                section: section.to_owned(),
                values: HashMap::new(),
            });
        } else if let Some((name, value)) = line.split_once('=') {
            let case = cases.last_mut().unwrap();
            case.values.insert(name.trim().to_owned(), bytes(value.trim()));
        }
    }
    cases
}

/// The cards' cipher: two keys, 16 bytes together.
#[test]
fn triple_des_cbc() {
    let mut total = 0;
    for (name, text) in [
        ("TCBCMMT1", include_str!("nist/TCBCMMT1.rsp")),
        ("TCBCMMT2", include_str!("nist/TCBCMMT2.rsp")),
        ("TCBCinvperm", include_str!("nist/TCBCinvperm.rsp")),
        ("TCBCpermop", include_str!("nist/TCBCpermop.rsp")),
        ("TCBCsubtab", include_str!("nist/TCBCsubtab.rsp")),
        ("TCBCvarkey", include_str!("nist/TCBCvarkey.rsp")),
        ("TCBCvartext", include_str!("nist/TCBCvartext.rsp")),
    ] {
        let (mut encrypted, mut decrypted) = (0, 0);
        for Case { section, values } in cases(text) {
            let part = |name| values.get(name).or_else(|| values.get("KEYs")).unwrap();
            assert_eq!(part("KEY1"), part("KEY3"), "a case for three keys");
            let key = [part("KEY1").as_slice(), part("KEY2")].concat();
            let (plain, cipher) = (&values["PLAINTEXT"], &values["CIPHERTEXT"]);
            if section == "ENCRYPT" {
                let mode = cbc::Encryptor::<TdesEde2>::new_from_slices(&key, &values["IV"]).unwrap();
                assert_eq!(mode.encrypt_padded_vec::<NoPadding>(plain), *cipher, "{name}");
                encrypted += 1;
            } else {
                let mode = cbc::Decryptor::<TdesEde2>::new_from_slices(&key, &values["IV"]).unwrap();
                assert_eq!(
                    mode.decrypt_padded_vec::<NoPadding>(cipher).unwrap(),
                    *plain,
                    "{name}"
                );
                decrypted += 1;
            }
        }
        println!("{name}: {encrypted} encrypted, {decrypted} decrypted");
        assert_eq!(encrypted, decrypted);
        total += encrypted + decrypted;
    }
    println!("3DES-CBC: {total} cases; none skipped of those for one and two keys");
    assert_eq!(total, 510);
}

#[test]
fn aes_cmac() {
    let cases = cases(include_str!("nist/nist-800-38b-aes128.txt"));
    for case in &cases {
        let mut mac = <Cmac<Aes128> as KeyInit>::new_from_slice(&case.values["KEY"]).unwrap();
        mac.update(&case.values["MESSAGE"]);
        assert_eq!(mac.finalize().into_bytes().as_slice(), case.values["OUTPUT"]);
    }
    println!("AES-128-CMAC: {} cases", cases.len());
    assert_eq!(cases.len(), 4);
}
