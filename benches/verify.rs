//! What judging one card costs, against OpenSSL doing the same work: `cargo bench -p zairyu-benches --bench verify`.
//!
//! The work is what makes a verdict: parse the card's certificate, verify its signature with the CA's key, hash the
//! signed message, verify the card's signature. CA certificates are loaded beforehand, as an application does. On our
//! side it is all of [`Judge::judge`]: the card's files are parsed too, names, key identifiers, uses and times are
//! compared, and the verified content is built. OpenSSL gets the message, the check code and the certificate ready
//! made.
//!
//! "decrypt" is what the reading of a first-generation card adds: two-key 3DES over its two images, with `des` as
//! `zairyu-protocol` calls it. Nobody waits for it: the reader takes a thousand times as long to bring the bytes. Saved
//! cards are decrypted already.

use anyhow::{Context as _, Result, ensure};
use cbc::cipher::{BlockModeDecrypt as _, InnerIvInit as _, KeyInit as _, block_padding::NoPadding};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;
use openssl::symm::{Cipher, Crypter, Mode};
use openssl::x509::X509;
use zairyu::data::{Card, CardFiles, CardType};
use zairyu::verify::{AwsLc, Backend, Judge, RustCrypto, Status};
use zairyu::{Anchors, Timestamp};
use zairyu_benches::{Time, in_turns};
use zairyu_testcard::{CardBuilder, CheckCode, Issuer};

const ROUNDS: usize = 400;

/// A card, and what OpenSSL needs of it.
struct Sample {
    files: CardFiles,
    anchors: Anchors,
    authority: PKey<Public>,
    message: Vec<u8>,
    check_code: Vec<u8>,
    certificate: Vec<u8>,
    at: Timestamp,
}

impl Sample {
    fn new(builder: &CardBuilder, card_type: CardType) -> Result<Self> {
        let issuer = Issuer::new();
        let files = issuer.issue(builder)?.card_files();
        let ca = issuer.ca_certificate(card_type.generation())?;
        let mut anchors = Anchors::new();
        anchors.add(&ca)?;
        let (message, signature) = match Card::parse(&files) {
            Card::First(card) => (card.signed?.message()?.concat(), card.signature?),
            Card::Second(card) => (card.signed?.message()?, card.signature?),
        };
        let signature = signature.context("the card is not signed")?;
        Ok(Self {
            files,
            anchors,
            authority: X509::from_der(&ca)?.public_key()?,
            message,
            check_code: signature.check_code().to_vec(),
            certificate: signature.certificate().to_vec(),
            at: "2026-11-22T01:00:00Z".parse()?,
        })
    }

    fn judge(&self, judge: &mut Judge<'_>) {
        let status = judge.judge(&self.files, self.at).status();
        assert_eq!(status, Status::Verified);
    }

    /// The certificate's key, after the chain was verified.
    fn chain(&self) -> Result<PKey<Public>> {
        let certificate = X509::from_der(&self.certificate)?;
        ensure!(certificate.verify(&self.authority)?);
        Ok(certificate.public_key()?)
    }

    fn openssl_rsa(&self) -> Result<()> {
        let key = self.chain()?.rsa()?;
        let digest = hash(MessageDigest::sha256(), &self.message)?;
        // As our code, which takes either form: what is behind the padding is looked at.
        let mut block = vec![0; self.check_code.len()];
        let length = key.public_decrypt(&self.check_code, &mut block, Padding::PKCS1)?;
        ensure!(block.get(..length).is_some_and(|block| block.ends_with(&digest)));
        Ok(())
    }

    fn openssl_ecdsa(&self) -> Result<()> {
        let key = self.chain()?.ec_key()?;
        let digest = hash(MessageDigest::sha256(), &self.message)?;
        let (r, s) = self.check_code.split_at(48);
        let signature = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
        ensure!(signature.verify(&digest, &key)?);
        Ok(())
    }
}

fn main() -> Result<()> {
    println!(
        "{:<44}{:>10}{:>10}{:>8}{:>10}{:>8}{:>9}",
        "µs per card", "OpenSSL", "RustCrypto", "ratio", "AWS-LC", "ratio", "spread"
    );
    let second = CardType::SecondResidenceCard;
    let sample = Sample::new(&CardBuilder::new(second), second)?;
    let openssl = || sample.openssl_ecdsa();
    compare("generation 2: chain, hash, signature", &sample, &openssl, false)?;
    compare("generation 2: certificate remembered", &sample, &openssl, true)?;

    let first = CardType::FirstResidenceCard;
    let sample = Sample::new(&CardBuilder::new(first), first)?;
    let openssl = || sample.openssl_rsa();
    let [openssl_judges, ours, aws] =
        compare("generation 1: chain, hash, signature", &sample, &openssl, false)?;
    compare("generation 1: certificate remembered", &sample, &openssl, true)?;
    let bare = Sample::new(&CardBuilder::new(first).check_code(CheckCode::RsaBareHash), first)?;
    compare(
        "generation 1: the bare hash signed",
        &bare,
        &|| bare.openssl_rsa(),
        false,
    )?;

    let [openssl_decrypts, we_decrypt] = decrypt()?;
    let ratio = |ours: Time| ours.micros() / openssl_decrypts.micros();
    println!(
        "{:<44}{:>10.1}{:>10.1}{:>8.2}{:>10}{:>8}{:>8.0} %",
        "generation 1: decrypt 10,000 bytes",
        openssl_decrypts.micros(),
        we_decrypt.micros(),
        ratio(we_decrypt),
        "",
        "",
        we_decrypt.spread.max(openssl_decrypts.spread) * 100.0
    );
    let whole = |judging: Time, decrypting: Time| judging.micros() + decrypting.micros();
    let (reference, slow, fast) = (
        whole(openssl_judges, openssl_decrypts),
        whole(ours, we_decrypt),
        whole(aws, we_decrypt),
    );
    println!(
        "{:<44}{reference:>10.1}{slow:>10.1}{:>8.2}{fast:>10.1}{:>8.2}",
        "generation 1 whole, of the lines above",
        slow / reference,
        fast / reference
    );
    Ok(())
}

/// One line of the table: OpenSSL, and both backends. A judge that remembers is one that has judged the card before.
fn compare(
    name: &str,
    sample: &Sample,
    openssl: &dyn Fn() -> Result<()>,
    remembered: bool,
) -> Result<[Time; 3]> {
    openssl()?;
    let judge = |backend: &'static dyn Backend| Judge::new(&sample.anchors).backend(backend);
    let judging = |backend: &'static dyn Backend| {
        let mut kept = judge(backend);
        move || {
            if !remembered {
                kept = judge(backend);
            }
            sample.judge(&mut kept);
        }
    };
    let times = in_turns(
        ROUNDS,
        4,
        [
            (&mut || assert!(openssl().is_ok())) as &mut dyn FnMut(),
            &mut judging(&RustCrypto),
            &mut judging(&AwsLc),
        ],
    );
    let [reference, slow, fast] = times;
    println!(
        "{name:<44}{:>10.1}{:>10.1}{:>8.2}{:>10.1}{:>8.2}{:>8.0} %",
        reference.micros(),
        slow.micros(),
        slow.ratio(reference),
        fast.micros(),
        fast.ratio(reference),
        times.map(|time| time.spread).into_iter().fold(0.0, f64::max) * 100.0
    );
    Ok(times)
}

/// 3DES with two keys in CBC mode over 10,000 bytes, by OpenSSL and by us.
fn decrypt() -> Result<[Time; 2]> {
    let key = [0x3A; 16].map(|byte: u8| byte.wrapping_mul(7));
    let data = vec![0x5C; 10_000];
    let cipher = Cipher::from_nid(Nid::DES_EDE_CBC).context("OpenSSL has no two-key 3DES")?;
    let openssl = || -> Result<Vec<u8>> {
        let mut crypter = Crypter::new(cipher, Mode::Decrypt, &key, Some(&[0; 8]))?;
        crypter.pad(false);
        let mut plain = vec![0; data.len() + 8];
        let mut length = crypter.update(&data, &mut plain)?;
        length += crypter.finalize(plain.get_mut(length..).unwrap_or_default())?;
        plain.truncate(length);
        Ok(plain)
    };
    let ours = || {
        let cipher = des::TdesEde2::new(&key.into());
        cbc::Decryptor::inner_iv_init(cipher, &[0; 8].into())
            .decrypt_padded_vec::<NoPadding>(&data)
            .unwrap_or_default()
    };
    ensure!(openssl()? == ours());
    Ok(in_turns(
        ROUNDS,
        1,
        [
            (&mut || {
                let _ = std::hint::black_box(openssl());
            }) as &mut dyn FnMut(),
            &mut || {
                let _ = std::hint::black_box(ours());
            },
        ],
    ))
}
