//! What the reader encrypts for a specified card, decrypted by the system's OpenSSL under a key of OpenSSL's making.
//!
//! `cargo xtask test` installs the program, and the tests then fail without it. Run otherwise, they say so and check
//! nothing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::{fs, path::PathBuf, process::Command};

use zairyu_data::{CardType, OaepHash};
use zairyu_protocol::{
    DeliveryKey, DeliveryKeyForm, DeliveryRandomness, MessageLimits, Randomness, ReadCard,
    SecureMessagingProfile, SpecifiedAccess, Step,
};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};
use zairyu_transport::{Limits, Transport as _};

/// Opening the application takes far fewer.
const MOST_COMMANDS: usize = 20;

/// A folder for the test's files, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("zairyu-protocol-delivery-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// What OpenSSL writes to its output, or `None` if it fails.
    fn openssl(&self, arguments: &[&str]) -> Option<Vec<u8>> {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        output.status.success().then_some(output.stdout)
    }

    fn decrypt(
        &self,
        cryptogram: &[u8],
        hash: OaepHash,
        mask_hash: OaepHash,
        label: &[u8],
    ) -> Option<Vec<u8>> {
        fs::write(self.0.join("cryptogram"), cryptogram).unwrap();
        let hash = format!("rsa_oaep_md:{}", name(hash));
        let mask_hash = format!("rsa_mgf1_md:{}", name(mask_hash));
        let label: String = label.iter().map(|byte| format!("{byte:02x}")).collect();
        let label = format!("rsa_oaep_label:{label}");
        let mut arguments = vec!["pkeyutl", "-decrypt", "-inkey", "key", "-in", "cryptogram"];
        arguments.extend(["-pkeyopt", "rsa_padding_mode:oaep"]);
        arguments.extend(["-pkeyopt", &hash, "-pkeyopt", &mask_hash]);
        if label != "rsa_oaep_label:" {
            arguments.extend(["-pkeyopt", &label]);
        }
        self.openssl(&arguments)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name(hash: OaepHash) -> &'static str {
    match hash {
        OaepHash::Sha1 => "sha1",
        OaepHash::Sha256 => "sha256",
        _ => unreachable!("a hash without a name here"),
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

/// The data of the command that delivers the session keys. The card itself has another key.
fn delivered(
    profile: &SecureMessagingProfile,
    key: &[u8],
    randomness: [u8; DeliveryRandomness::LEN],
) -> Vec<u8> {
    let builder = CardBuilder::new(CardType::SpecifiedResidenceCard).profile(profile.clone());
    let mut card = SoftwareCard::new(Issuer::new().issue(&builder).unwrap());
    let number = card.issued().unwrap().number().clone();
    let key = DeliveryKey::parse(DeliveryKeyForm::SubjectPublicKeyInfo, key).unwrap();
    let limits = MessageLimits {
        command: Limits::EXTENDED.command(),
        response: Limits::EXTENDED.response(),
    };
    let mut machine = ReadCard::new(number, Randomness::new([0x5A; 48]), limits)
        .unwrap()
        .with_specified_access(
            SpecifiedAccess::new(profile.clone(), key).unwrap(),
            DeliveryRandomness::new(randomness),
        );
    for _ in 0..MOST_COMMANDS {
        if let [0x80, 0xAE, _, _, 0x00, 0x01, 0x00, cryptogram @ ..] = machine.command() {
            return cryptogram.to_vec();
        }
        let response = card.transmit(machine.command()).unwrap();
        machine = match machine.receive(&response).unwrap() {
            Step::Continue(next) => next,
            Step::Done(_) => break,
        };
    }
    panic!("no keys were delivered")
}

#[test]
fn openssl_decrypts_what_the_reader_delivers() {
    if !openssl_is_installed() {
        return;
    }
    let folder = Folder::new();
    let made = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key";
    folder.openssl(&made.split(' ').collect::<Vec<_>>()).unwrap();
    let public = folder
        .openssl(&["pkey", "-in", "key", "-pubout", "-outform", "DER"])
        .unwrap();
    let randomness = std::array::from_fn(|index| u8::try_from(index % 256).unwrap());
    // A0 { 80 { the first 32 bytes } }.
    let plain = [&[0xA0, 34, 0x80, 32], &randomness[..32]].concat();

    let hashes = [OaepHash::Sha1, OaepHash::Sha256];
    let labels: [&[u8]; 2] = [b"", b"zairyu"];
    let mut choices = Vec::new();
    for hash in hashes {
        for mask_hash in hashes {
            choices.extend(labels.map(|label| (hash, mask_hash, label)));
        }
    }
    let (mut same, mut refused) = (0, 0);
    for &(oaep_hash, oaep_mask_hash, label) in &choices {
        let mut profile = SecureMessagingProfile::measured_relative();
        (profile.oaep_hash, profile.oaep_mask_hash) = (oaep_hash, oaep_mask_hash);
        profile.oaep_label = label.to_vec();
        let cryptogram = delivered(&profile, &public, randomness);
        assert_eq!(cryptogram.len(), 256);
        for &(hash, mask_hash, other_label) in &choices {
            let decrypted = folder.decrypt(&cryptogram, hash, mask_hash, other_label);
            if (hash, mask_hash, other_label) == (oaep_hash, oaep_mask_hash, label) {
                assert_eq!(decrypted.as_ref(), Some(&plain), "{profile:?}");
                same += 1;
            } else {
                // OpenSSL may give random bytes out in place of an error.
                assert_ne!(decrypted.as_ref(), Some(&plain), "{profile:?}");
                refused += 1;
            }
        }
    }
    println!("OpenSSL decrypted {same} of {same}; with other choices it refused {refused} of {refused}");
    assert_eq!((same, refused), (8, 56));
}
