//! Changed signatures and certificates of the software card, before the judge and before the system's OpenSSL.
//!
//! What the judge accepts, OpenSSL must accept too. Where OpenSSL accepts more, the judge's reason must be one of those in
//! [`why_stricter`].
//!
//! `cargo xtask test` installs the program, and the tests then fail without it. Run otherwise, they say so and check
//! nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use base64ct::{Base64, Encoding as _};
use jiff::Timestamp;
use zairyu_data::{Card, CardFiles, CardType, File, Generation, SignatureObjects};
use zairyu_testcard::{CardBuilder, CertificateFault as Fault, CheckCode, IssuedCard, Issuer};
use zairyu_verify::{Anchors, Authenticity, CertificateFault, Reason, TrustFault, UsageFault, judge};

const FIRST: CardType = CardType::FirstResidenceCard;
const SECOND: CardType = CardType::SecondResidenceCard;
const NOW: &str = "2026-11-22T01:00:00Z";

/// How many changed signatures of each form there are. OpenSSL is started for each.
const CHANGED_SIGNATURES: usize = 100;

/// Why the judge refuses what OpenSSL accepts. `None` for what it has no business to refuse alone.
fn why_stricter(reason: &Reason) -> Option<&'static str> {
    match reason {
        Reason::CertificateMalformed(CertificateFault::TrailingBytes { .. }) => {
            Some("OpenSSL reads a certificate and leaves what follows; on a card nothing but 00 may")
        }
        Reason::CertificateMalformed(CertificateFault::Version) => {
            Some("a certificate of version 1 has no extensions that restrict its key: RFC 5280, 4.1.2.1")
        }
        Reason::CertificateUsage(UsageFault::KeyUsage) => {
            Some("asked for no purpose, OpenSSL looks at no key usage: RFC 5280, 4.2.1.3")
        }
        Reason::CertificateUsage(UsageFault::Authority) => {
            Some("asked for no purpose, OpenSSL lets a CA's key sign data: RFC 5280, 4.2.1.9")
        }
        Reason::UntrustedCertificate(TrustFault::UnsupportedAlgorithm) => {
            Some("each generation has one signature algorithm, written in one way")
        }
        _ => None,
    }
}

/// A folder for one test's files, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("zairyu-verify-{test}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), bytes).unwrap();
    }

    /// Whether OpenSSL says yes, and its output.
    fn openssl(&self, arguments: &[&str]) -> (bool, Vec<u8>) {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        (output.status.success(), output.stdout)
    }

    /// Writes the public key in `certificate` to the file `key`, if OpenSSL can read it.
    fn take_key(&self, certificate: &str) -> bool {
        let (is_read, key) = self.openssl(&["x509", "-in", certificate, "-pubkey", "-noout"]);
        self.write("key", key);
        is_read
    }

    /// Whether OpenSSL takes a check code over the file `message`, whose hash is in the file `hash`, under the public key in
    /// the file `key`; in any of the encodings that the generation allows.
    fn takes_check_code(&self, generation: Generation, check_code: &[u8]) -> bool {
        // Reads no more of the signature than the key is long, so that `hash` has the last word.
        let message = || {
            self.openssl(&[
                "dgst",
                "-sha256",
                "-verify",
                "key",
                "-signature",
                "signature",
                "message",
            ])
            .0
        };
        let hash = |options: &[&str]| {
            let mut arguments = vec!["pkeyutl", "-verify", "-pubin", "-inkey", "key"];
            arguments.extend(["-in", "hash", "-sigfile", "signature"]);
            arguments.extend(options);
            self.openssl(&arguments).0
        };
        let raw = raw_as_der(check_code).filter(|_| generation != Generation::First);
        self.write("signature", raw.as_deref().unwrap_or(check_code));
        match (generation, raw) {
            // With DigestInfo, or with the bare hash.
            (Generation::First, _) => (message() && hash(&["-pkeyopt", "digest:sha256"])) || hash(&[]),
            (_, Some(_)) => hash(&[]),
            (_, None) => message() && hash(&[]),
        }
    }

    fn write_message(&self, card: &IssuedCard) {
        let message = match Card::parse(&card.card_files()) {
            Card::First(card) => card.signed.unwrap().message().unwrap().concat(),
            Card::Second(card) => card.signed.unwrap().message().unwrap(),
        };
        self.write("message", message);
        let (is_hashed, hash) = self.openssl(&["dgst", "-sha256", "-binary", "message"]);
        assert!(is_hashed);
        self.write("hash", hash);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether OpenSSL is there. `ZAIRYU_ALL_TOOLS` is set by `cargo xtask test`, which installs it.
fn openssl_is_installed() -> bool {
    let is_there = Command::new("openssl").arg("version").output().is_ok();
    assert!(
        is_there || std::env::var_os("ZAIRYU_ALL_TOOLS").is_none(),
        "openssl is missing: install Debian's openssl"
    );
    if !is_there {
        println!("NOT CHECKED: openssl is missing (Debian: openssl); `cargo xtask test` installs it");
    }
    is_there
}

/// The two answers to one question after another.
#[derive(Default)]
struct Comparison {
    both_accept: Vec<String>,
    both_refuse: usize,
    /// By what the judge says, and why it may.
    stricter: BTreeMap<String, usize>,
    disagreements: Vec<String>,
}

impl Comparison {
    fn note(&mut self, what: &str, authenticity: &Authenticity, openssl_accepts: bool) {
        match (authenticity.reason(), openssl_accepts) {
            (None, true) => self.both_accept.push(what.to_owned()),
            (Some(_), false) => self.both_refuse += 1,
            (None, false) => self
                .disagreements
                .push(format!("{what}: the judge accepts, and OpenSSL does not")),
            (Some(reason), true) => match why_stricter(reason) {
                Some(why) => *self.stricter.entry(format!("{reason} ({why})")).or_default() += 1,
                None => self
                    .disagreements
                    .push(format!("{what}: OpenSSL accepts, and the judge says {reason:?}")),
            },
        }
    }

    fn finish(&self, name: &str) {
        println!(
            "{name}: {} refused by both, {} accepted by both: {}",
            self.both_refuse,
            self.both_accept.len(),
            self.both_accept.join("; ")
        );
        for (reason, number) in &self.stricter {
            println!("{name}: {number} accepted by OpenSSL only: {reason}");
        }
        assert!(
            self.disagreements.is_empty(),
            "{name}: {}\n{}",
            self.disagreements.len(),
            self.disagreements.join("\n")
        );
    }
}

fn issue(card_type: CardType, change: impl FnOnce(CardBuilder) -> CardBuilder) -> IssuedCard {
    let builder = CardBuilder::new(card_type).padded_certificate(false);
    Issuer::new().issue(&change(builder)).unwrap()
}

fn signature(card: &IssuedCard) -> SignatureObjects {
    let objects = match Card::parse(&card.card_files()) {
        Card::First(card) => card.signature,
        Card::Second(card) => card.signature,
    };
    objects.unwrap().unwrap()
}

/// The card with these two in place of its own.
fn with_signature(card: &IssuedCard, check_code: &[u8], certificate: &[u8]) -> CardFiles {
    let tags = match card.card_type().generation() {
        Generation::First => [0xDA, 0xDB],
        _ => [0xDC, 0xDD],
    };
    let mut file = Vec::new();
    for (tag, value) in tags.into_iter().zip([check_code, certificate]) {
        let [high, low] = u16::try_from(value.len()).unwrap().to_be_bytes();
        file.extend([tag, 0x82, high, low]);
        file.extend(value);
    }
    let mut card = card.clone();
    card.replace(File::Signature, file);
    card.card_files()
}

fn ca(generation: Generation) -> Vec<u8> {
    Issuer::new().ca_certificate(generation).unwrap()
}

fn judged(files: &CardFiles, ca: &[u8]) -> Authenticity {
    let mut anchors = Anchors::new();
    anchors.add(ca).unwrap();
    judge(files, &anchors, NOW.parse().unwrap())
}

fn pem(der: &[u8]) -> String {
    let base64 = Base64::encode_string(der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// r and s of 48 bytes each as `SEQUENCE { r INTEGER, s INTEGER }`; `None` for any other length.
fn raw_as_der(raw: &[u8]) -> Option<Vec<u8>> {
    let integer = |bytes: &[u8]| {
        let start = bytes
            .iter()
            .position(|&byte| byte != 0)
            .unwrap_or(bytes.len() - 1);
        let digits = &bytes[start..];
        let sign: &[u8] = if digits[0] >= 0x80 { &[0] } else { &[] };
        let length = u8::try_from(sign.len() + digits.len()).unwrap();
        [&[0x02, length], sign, digits].concat()
    };
    let (r, s) = raw.split_at_checked(48).filter(|(_, s)| s.len() == 48)?;
    let numbers = [integer(r), integer(s)].concat();
    let length = u8::try_from(numbers.len()).unwrap();
    Some([&[0x30, length], &numbers[..]].concat())
}

/// One byte changed, at places spread over the whole, each time another bit.
fn one_byte_changed(original: &[u8], changes: usize) -> impl Iterator<Item = (String, Vec<u8>)> + '_ {
    (0..changes).map(move |change| {
        let place = change * original.len() / changes;
        let bit = 1 << (change % 8);
        let mut changed = original.to_vec();
        changed[place] ^= bit;
        (format!("byte {place}, bit {bit:02x}"), changed)
    })
}

/// Signatures of another form or length, which may be good ones for all that.
fn other_forms(card_type: CardType, original: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut forms = vec![
        ("as it was", original.to_vec()),
        ("nothing", Vec::new()),
        ("one byte short", original[..original.len() - 1].to_vec()),
        ("one byte more", [original, &[0]].concat()),
        ("one byte before", [&[0], original].concat()),
        ("all 00", vec![0; original.len()]),
        ("all FF", vec![0xFF; original.len()]),
    ];
    if card_type == FIRST {
        for (name, form) in [
            ("DigestInfo", CheckCode::RsaDigestInfo),
            ("bare hash", CheckCode::RsaBareHash),
            ("garbage behind the hash", CheckCode::RsaGarbageBehindHash),
            ("DigestInfo without NULL", CheckCode::RsaDigestInfoWithoutNull),
        ] {
            let card = issue(FIRST, |builder| builder.check_code(form));
            forms.push((name, signature(&card).check_code().to_vec()));
        }
    } else {
        let raw = signature(&issue(SECOND, |builder| builder)).check_code().to_vec();
        let (r, s) = raw.split_at(48);
        let numbers = p384::ecdsa::Signature::from_slice(&raw).unwrap();
        let opposite = -*numbers.s().as_ref();
        let opposite =
            p384::ecdsa::Signature::from_scalars(numbers.r().to_bytes(), opposite.to_bytes()).unwrap();
        let der = raw_as_der(&raw).unwrap();
        let zero = [0; 48];
        forms.extend([
            ("raw", raw.clone()),
            ("DER", der.clone()),
            // As good as the one with s.
            ("raw, the order minus s", opposite.to_bytes().to_vec()),
            ("DER, the order minus s", opposite.to_der().as_bytes().to_vec()),
            ("raw, s and r", [s, r].concat()),
            ("raw, r and 0", [r, &zero].concat()),
            ("raw, 0 and s", [&zero, s].concat()),
            ("DER, length in two bytes", [&[0x30, 0x81], &der[1..]].concat()),
            ("DER, r and 0", raw_as_der(&[r, &zero].concat()).unwrap()),
            ("DER, a byte behind", [&der[..], &[0]].concat()),
            (
                "DER, a zero before r",
                [&[0x30, der[1] + 1, 0x02, der[3] + 1, 0x00], &der[4..]].concat(),
            ),
        ]);
    }
    forms
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect()
}

fn compare_signatures(test: &str, card_type: CardType, form: CheckCode) {
    if !openssl_is_installed() {
        return;
    }
    let generation = card_type.generation();
    let folder = Folder::new(test);
    let card = issue(card_type, |builder| builder.check_code(form));
    let objects = signature(&card);
    let (check_code, certificate) = (objects.check_code(), objects.certificate());
    let ca = ca(generation);
    folder.write_message(&card);
    folder.write("card.pem", pem(certificate));
    assert!(folder.take_key("card.pem"));
    assert!(folder.takes_check_code(generation, check_code));

    let changed = one_byte_changed(check_code, CHANGED_SIGNATURES);
    let mut comparison = Comparison::default();
    for (what, changed) in changed.chain(other_forms(card_type, check_code)) {
        let files = with_signature(&card, &changed, certificate);
        let openssl_accepts = folder.takes_check_code(generation, &changed);
        comparison.note(&what, &judged(&files, &ca), openssl_accepts);
    }
    comparison.finish(test);
    // The rule says nothing if the judge accepts nothing.
    assert!(comparison.both_accept.len() >= 3);
    assert!(comparison.both_refuse >= CHANGED_SIGNATURES);
}

fn compare_certificates(test: &str, card_type: CardType) {
    if !openssl_is_installed() {
        return;
    }
    let generation = card_type.generation();
    let folder = Folder::new(test);
    let card = issue(card_type, |builder| builder);
    let objects = signature(&card);
    let (check_code, certificate) = (objects.check_code(), objects.certificate());
    let ca = ca(generation);
    folder.write_message(&card);
    folder.write("ca.pem", pem(&ca));

    // OpenSSL looks at all in one run, so that every byte can be changed.
    let mut cards = vec![("as it was".to_owned(), certificate.to_vec())];
    cards.extend(one_byte_changed(certificate, certificate.len()));
    cards.push(("zeros behind".to_owned(), [certificate, &[0; 9][..]].concat()));
    cards.push(("a byte behind".to_owned(), [certificate, &[1][..]].concat()));
    for &fault in Fault::ALL {
        let card = issue(card_type, |builder| builder.certificate_fault(fault));
        cards.push((format!("{fault:?}"), signature(&card).certificate().to_vec()));
    }
    let names: Vec<String> = (0..cards.len()).map(|index| format!("{index}.pem")).collect();
    for (name, (_, certificate)) in names.iter().zip(&cards) {
        folder.write(name, pem(certificate));
    }
    let now: Timestamp = NOW.parse().unwrap();
    let now = now.as_second().to_string();
    let mut arguments = vec!["verify", "-partial_chain", "-no-CApath", "-no-CAstore"];
    arguments.extend(["-attime", &now, "-CAfile", "ca.pem"]);
    arguments.extend(names.iter().map(String::as_str));
    let (_, output) = folder.openssl(&arguments);
    let output = String::from_utf8(output).unwrap();
    let vouched_for: Vec<&str> = output
        .lines()
        .filter_map(|line| line.strip_suffix(": OK"))
        .collect();

    let mut comparison = Comparison::default();
    for (name, (what, certificate)) in names.iter().zip(&cards) {
        let openssl_accepts = vouched_for.contains(&name.as_str())
            && folder.take_key(name)
            && folder.takes_check_code(generation, check_code);
        let files = with_signature(&card, check_code, certificate);
        comparison.note(what, &judged(&files, &ca), openssl_accepts);
    }
    comparison.finish(test);
    // The rule says nothing if the judge accepts nothing.
    assert!(comparison.both_accept.len() >= 3);
    assert!(comparison.both_refuse >= 100);
}

#[test]
fn openssl_takes_every_digest_info_signature_that_the_judge_takes() {
    compare_signatures("digest-info", FIRST, CheckCode::RsaDigestInfo);
}

#[test]
fn openssl_takes_every_bare_hash_signature_that_the_judge_takes() {
    compare_signatures("bare-hash", FIRST, CheckCode::RsaBareHash);
}

#[test]
fn openssl_takes_every_raw_signature_that_the_judge_takes() {
    compare_signatures("raw", SECOND, CheckCode::EcdsaRaw);
}

#[test]
fn openssl_takes_every_der_signature_that_the_judge_takes() {
    compare_signatures("der", SECOND, CheckCode::EcdsaDer);
}

#[test]
fn openssl_takes_every_first_generation_certificate_that_the_judge_takes() {
    compare_certificates("first-certificates", FIRST);
}

#[test]
fn openssl_takes_every_second_generation_certificate_that_the_judge_takes() {
    compare_certificates("second-certificates", SECOND);
}
