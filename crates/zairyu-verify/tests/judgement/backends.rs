//! Every judgement of these tests is made three times, which must not differ: alone; by a [`Judge`], with the other
//! backend if there is one; and again by the same one, which then remembers the certificate.

use jiff::Timestamp;
use zairyu_data::{CardFiles, Generation};
use zairyu_verify::{Anchors, Authenticity, Backend, Judge, MAX_REMEMBERED_CERTIFICATES, RustCrypto};

use crate::issuer::{Issuer, NOW, at, word};

pub(crate) fn judge(files: &CardFiles, anchors: &Anchors, at: Timestamp) -> Authenticity {
    let authenticity = zairyu_verify::judge(files, anchors, at);
    #[cfg(feature = "aws-lc-rs")]
    let backend: &dyn Backend = &zairyu_verify::AwsLc;
    #[cfg(not(feature = "aws-lc-rs"))]
    let backend: &dyn Backend = &RustCrypto;
    let mut judge = Judge::new(anchors).backend(backend);
    for time in ["first", "second"] {
        let other = judge.judge(files, at);
        assert_eq!(other.reason(), authenticity.reason(), "the {time} time");
        assert_eq!(other.content(), authenticity.content(), "the {time} time");
        assert_eq!(findings(&other), findings(&authenticity), "the {time} time");
    }
    authenticity
}

fn findings(authenticity: &Authenticity) -> impl PartialEq + std::fmt::Debug {
    (
        authenticity.anchor_sha256(),
        authenticity.trust_profile(),
        authenticity.anchor_time(),
        authenticity.certificate_time(),
        authenticity.signature_encoding(),
        authenticity.tolerated().to_vec(),
        authenticity.signature_expected(),
    )
}

/// Counts what is asked of it.
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicUsize);

impl Counting {
    fn count(&self) -> usize {
        self.0.swap(0, std::sync::atomic::Ordering::Relaxed)
    }

    fn add_one(&self) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Backend for Counting {
    fn verify_rsa(
        &self,
        key: &zairyu_verify::RsaKey,
        block: zairyu_verify::RsaBlock,
        digest: &[u8; 32],
        signature: &[u8],
    ) -> bool {
        self.add_one();
        RustCrypto.verify_rsa(key, block, digest, signature)
    }

    fn verify_p384(
        &self,
        key: &zairyu_verify::P384Key,
        digest: &[u8; 32],
        signature: &zairyu_verify::P384Signature,
    ) -> bool {
        self.add_one();
        RustCrypto.verify_p384(key, digest, signature)
    }
}

#[test]
fn a_chain_is_verified_once_and_a_signature_always() {
    for generation in [Generation::First, Generation::Second] {
        let issuer = Issuer::of(generation);
        let anchors = issuer.anchors();
        let files = issuer.card().files();
        let backend = Counting::default();
        let mut judge = Judge::new(&anchors).backend(&backend);
        for expected in [2, 1, 1] {
            assert_eq!(word(&judge.judge(&files, at(NOW))), "verified");
            assert_eq!(backend.count(), expected, "{generation:?}");
        }
        // What is remembered goes with the judge.
        let mut judge = Judge::new(&anchors).backend(&backend);
        assert_eq!(word(&judge.judge(&files, at(NOW))), "verified");
        assert_eq!(backend.count(), 2);
    }
}

#[test]
fn a_certificate_that_no_anchor_issued_is_never_remembered() {
    for generation in [Generation::First, Generation::Second] {
        let issuer = Issuer::of(generation);
        let anchors = issuer.anchors();
        let mut card = issuer.card();
        let last = card.certificate.len() - 1;
        card.certificate[last] ^= 1;
        let good = issuer.card();
        let backend = Counting::default();
        let mut judge = Judge::new(&anchors).backend(&backend);
        assert_eq!(word(&judge.judge(&good.files(), at(NOW))), "verified");
        for _ in 0..3 {
            backend.count();
            assert_eq!(
                word(&judge.judge(&card.files(), at(NOW))),
                "untrusted_certificate"
            );
            assert!(backend.count() > 0, "{generation:?}");
        }
    }
}

/// With more filler behind it than the 1,200 bytes of its place, a certificate is another one to remember.
#[test]
fn a_full_memory_is_forgotten_and_changes_no_verdict() {
    let issuer = Issuer::of(Generation::First);
    let anchors = issuer.anchors();
    let backend = Counting::default();
    let mut judge = Judge::new(&anchors).backend(&backend);
    let card = issuer.card();
    let with_filler = |zeros: usize| {
        let mut card = card.clone();
        card.certificate.resize(1200 + zeros, 0);
        card.files()
    };
    for zeros in 0..MAX_REMEMBERED_CERTIFICATES {
        assert_eq!(word(&judge.judge(&with_filler(zeros), at(NOW))), "verified");
        assert_eq!(backend.count(), 2, "{zeros}");
    }
    for (zeros, expected) in [(0, 1), (MAX_REMEMBERED_CERTIFICATES, 2), (0, 2), (0, 1)] {
        assert_eq!(word(&judge.judge(&with_filler(zeros), at(NOW))), "verified");
        assert_eq!(backend.count(), expected, "{zeros}");
    }
}
