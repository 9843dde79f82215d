//! What other implementations make of our entries, and we of theirs: ring and OpenSSL, with a base64url of our own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod specimen;

use std::fs;
use std::process::Command;

use hex_literal::hex;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::Value;
use specimen::{Folder, entries, filled, full, key, now, personal, seed};
use zairyu_evidence::{
    EvidenceLog, MemoryStore, Signer, SigningKey, VerifyingKey, export_json, lines, verify_chain,
};

/// RFC 4648, 5, without padding; strict about the last character's spare bits.
fn base64url(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter).unwrap();
        bits = (bits << 6 | value as u32) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    assert_eq!(bits & ((1 << count) - 1), 0);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A verifier of JWS with ES256 that shares no code with ours.
fn verify_with_ring(jws: &str, jwk: &Value) -> Value {
    let parts: Vec<&str> = jws.split('.').collect();
    assert_eq!(parts.len(), 3);
    let header: Value = serde_json::from_slice(&base64url(parts[0])).unwrap();
    assert_eq!(header["alg"], "ES256");
    let mut point = vec![4];
    point.extend(base64url(jwk["x"].as_str().unwrap()));
    point.extend(base64url(jwk["y"].as_str().unwrap()));
    let message = format!("{}.{}", parts[0], parts[1]);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(message.as_bytes(), &base64url(parts[2]))
        .unwrap();
    // RFC 7638.
    let canonical = format!(
        r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#,
        jwk["x"], jwk["y"]
    );
    let kid = base64url(header["kid"].as_str().unwrap());
    assert_eq!(kid, digest(&SHA256, canonical.as_bytes()).as_ref());
    serde_json::from_slice(&base64url(parts[1])).unwrap()
}

/// The whole log, verified from its JSON export alone, as an auditor's program would.
#[test]
fn an_export_verifies_with_ring() {
    let log = filled(MemoryStore::new(), 5);
    let mut json = Vec::new();
    let store = log.into_store();
    let stored = zairyu_evidence::Store::lines(&store).unwrap();
    export_json(stored, &key().verifying_key(), &mut json).unwrap();
    let export: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(export["schema"], "zairyu.evidence-export/1");
    let mut previous = Value::Null;
    let mut disclosures = 0;
    for (sequence, entry) in export["entries"].as_array().unwrap().iter().enumerate() {
        let parts: Vec<&str> = entry["sd_jwt"].as_str().unwrap().split('~').collect();
        let payload = verify_with_ring(parts[0], &export["key"]);
        assert_eq!(payload, entry["record"]);
        assert_eq!(payload["sequence"], sequence);
        assert_eq!(payload["prev_record_digest"], previous);
        previous = Value::String(hex(digest(&SHA256, parts[0].as_bytes()).as_ref()));
        // RFC 9901: what is between the tildes is an array of salt, name and value, and its digest was signed.
        assert_eq!(*parts.last().unwrap(), "");
        for disclosure in &parts[1..parts.len() - 1] {
            let claim: Vec<String> = serde_json::from_slice(&base64url(disclosure)).unwrap();
            assert_eq!(base64url(&claim[0]).len(), 16);
            assert_eq!(entry["personal"][&claim[1]], Value::String(claim[2].clone()));
            let signed = payload["_sd"].as_array().unwrap();
            let own = digest(&SHA256, disclosure.as_bytes());
            assert!(
                signed
                    .iter()
                    .any(|signed| base64url(signed.as_str().unwrap()) == own.as_ref())
            );
            disclosures += 1;
        }
    }
    assert_eq!(disclosures, 6);
    assert_eq!(export["chain"]["sound"], true);
    assert_eq!(export["chain"]["head"]["entries"], 6);
    assert_eq!(export["chain"]["head"]["digest"], previous);
}

/// A signer that is not ours: ring in the place of a security module. It makes a signature of either form.
struct Ring(EcdsaKeyPair);

impl Signer for Ring {
    fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey::from_sec1_point(self.0.public_key().as_ref()).unwrap()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Box<dyn std::error::Error + Send + Sync>> {
        let signature = self
            .0
            .sign(&SystemRandom::new(), message)
            .map_err(|_| "ring could not sign")?;
        Ok(signature.as_ref().try_into()?)
    }
}

#[test]
fn ring_can_sign_a_log() {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
    // The same key in both.
    let ours = SigningKey::from_pkcs8_der(pkcs8.as_ref()).unwrap();
    let ring = Ring(pair);
    assert_eq!(ours.verifying_key(), ring.verifying_key());
    let mut log = EvidenceLog::create(MemoryStore::new(), &ring, now(), None, &seed(0)).unwrap();
    for count in 1..20 {
        log.append(&full(), &personal(), &seed(count)).unwrap();
    }
    assert_eq!(log.verify(None).unwrap().head.entries, 20);
    let store = log.into_store();
    assert!(EvidenceLog::open(store, ours).is_ok());
}

fn openssl(arguments: &[&str], folder: &Folder) -> std::process::Output {
    Command::new("openssl")
        .args(arguments)
        .current_dir(folder.log().parent().unwrap())
        .output()
        .expect("openssl is installed")
}

/// The signature of a JWS as OpenSSL takes it: DER.
fn der_of(signature: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap();
        let mut value = bytes[start..].to_vec();
        if value[0] >= 0x80 {
            value.insert(0, 0);
        }
        [vec![2, value.len() as u8], value].concat()
    };
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [vec![0x30, body.len() as u8], body].concat()
}

#[test]
fn openssl_verifies_our_entries() {
    let folder = Folder::new();
    let file = |name: &str| folder.log().with_file_name(name);
    fs::write(file("key.der"), key().verifying_key().to_spki_der().unwrap()).unwrap();
    for entry in entries(3) {
        let jws = entry.split('~').next().unwrap();
        let (message, signature) = jws.rsplit_once('.').unwrap();
        fs::write(file("message"), message).unwrap();
        fs::write(file("signature"), der_of(&base64url(signature))).unwrap();
        let arguments = [
            "dgst",
            "-sha256",
            "-keyform",
            "DER",
            "-verify",
            "key.der",
            "-signature",
            "signature",
            "message",
        ];
        let verified = openssl(&arguments, &folder);
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stdout)
        );
        fs::write(file("message"), message.replacen('.', "..", 1)).unwrap();
        assert!(!openssl(&arguments, &folder).status.success());
    }
}

#[test]
fn keys_that_openssl_makes_sign_a_log() {
    let folder = Folder::new();
    let file = |name: &str| fs::read(folder.log().with_file_name(name)).unwrap();
    let make = |arguments: &[&str]| assert!(openssl(arguments, &folder).status.success(), "{arguments:?}");
    make(&[
        "ecparam",
        "-name",
        "prime256v1",
        "-genkey",
        "-noout",
        "-outform",
        "DER",
        "-out",
        "sec1",
    ]);
    make(&[
        "pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-in", "sec1", "-outform", "DER", "-out", "pkcs8",
    ]);
    make(&[
        "ec", "-inform", "DER", "-in", "sec1", "-pubout", "-outform", "DER", "-out", "spki",
    ]);
    let key = SigningKey::from_sec1_der(&file("sec1")).unwrap();
    let same = SigningKey::from_pkcs8_der(&file("pkcs8")).unwrap();
    let public = VerifyingKey::from_spki_der(&file("spki")).unwrap();
    assert_eq!((key.verifying_key(), same.verifying_key()), (public, public));
    assert_eq!(public.to_spki_der().unwrap(), file("spki"));
    let log = EvidenceLog::create(MemoryStore::new(), key, now(), None, &seed(0)).unwrap();
    assert!(log.verify(None).is_ok());

    // A key of another curve.
    make(&[
        "ecparam",
        "-name",
        "secp384r1",
        "-genkey",
        "-noout",
        "-outform",
        "DER",
        "-out",
        "p384",
    ]);
    make(&[
        "ec",
        "-inform",
        "DER",
        "-in",
        "p384",
        "-pubout",
        "-outform",
        "DER",
        "-out",
        "p384-spki",
    ]);
    assert!(SigningKey::from_sec1_der(&file("p384")).is_err());
    assert!(VerifyingKey::from_spki_der(&file("p384-spki")).is_err());
}

/// A key made by OpenSSL 3 once, and a line signed with it: the form of the file does not change between versions.
#[test]
fn a_log_of_this_version_can_be_read_by_later_ones() {
    let key = SigningKey::from_sec1_der(&hex!(
        "3077020101042081a316ddd7a9d9fc55cb39797f9ef1a6d4f8f36080d06062643f4db469a6a54da00a06082a8648ce3d030107a144034200"
        "04a0443ed483e49ee6196c11118a7c4333ea8ca7f8e4796b6d62224cbbdf6af8bc52c5682c06002ed9924ce85fae6ac656a257b3f8aa1b15"
        "de7d6523eaa321a18f"
    ))
    .unwrap();
    let file = include_bytes!("zairyu.evidence-1.log");
    let sound = verify_chain(lines(&file[..]), &key.verifying_key(), None).unwrap();
    assert_eq!((sound.head.entries, sound.personal_present), (3, 3));
    // ES256 as we do it is deterministic (RFC 6979): the same log is made today, byte for byte.
    let mut log = EvidenceLog::create(MemoryStore::new(), key, now(), None, &seed(1)).unwrap();
    log.append(&specimen::minimal(), &[], &seed(2)).unwrap();
    log.append(&full(), &personal(), &seed(3)).unwrap();
    let made: Vec<String> = log
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().as_sd_jwt().to_owned())
        .collect();
    assert_eq!(specimen::file_of(&made), file);
}
