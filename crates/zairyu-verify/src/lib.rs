//! Trust anchors, certificates and signatures of Japanese residence cards (在留カード, 特別永住者証明書): turns files that
//! *some* chip gave into content that the Ministry of Justice signed.
//!
//! ```
//! use zairyu_data::{CardFiles, CardType};
//! use zairyu_verify::{Anchors, Status, VerifiedContent, judge};
//!
//! # fn read_card() -> CardFiles { CardFiles::new(CardType::SecondResidenceCard) }
//! # fn ministry_certificate() -> Option<Vec<u8>> { None }
//! // The Ministry's CA certificates, as downloaded from the Agency's page.
//! let mut anchors = Anchors::new();
//! if let Some(file) = ministry_certificate() {
//!     anchors.add(&file)?;
//! }
//!
//! // The files as a reader brought them, and the time of judgement.
//! let files = read_card();
//! let authenticity = judge(&files, &anchors, "2026-11-22T01:00:00Z".parse().unwrap());
//!
//! match authenticity.content() {
//!     Some(VerifiedContent::First(images)) => println!("front: {:?}", images.front()),
//!     Some(VerifiedContent::Second(entries)) => println!("entries: {:?}", entries.entries()),
//!     // This card carries no signature at all: nobody can verify it.
//!     None => assert_eq!(authenticity.status(), Status::NotVerifiable),
//! }
//! # Ok::<(), zairyu_verify::AnchorError>(())
//! ```
//!
//! # What is judged
//!
//! A card holds a signature over part of its content and the certificate of the key that made it. [`judge`] checks, in
//! this order, and names the first thing that is wrong as the [`Reason`]:
//!
//! 1. the certificate is one (X.509 version 3), and its key is of the kind that the generation uses;
//! 2. one of the [`Anchors`] issued it: same name, same key identifier, and above all its key made the certificate's
//!    signature;
//! 3. the certificate is meant for signing data;
//! 4. the signature is one, the signed data is complete, and they match;
//! 5. certificate and anchor are valid at the time of judgement ([`Policy`]).
//!
//! | cards | signature | certificate signed with |
//! |---|---|---|
//! | first generation (`1`, `2`) | RSA-2048, PKCS#1 v1.5, SHA-256, over 10,000 bytes | sha256WithRSAEncryption, RSA 2048 to 4096 |
//! | second generation and specified cards (`05` to `08`) | ECDSA P-384, SHA-256, over 5,553 bytes | ecdsa-with-SHA256, P-384 |
//!
//! The answer is one of four ([`Status`]); there is no boolean. An answer that names a [`TrustProfile`] names that of
//! the one anchor whose key verified the certificate. Without any anchor the rest is still checked: a card can fail,
//! and at best it is not checked.
//!
//! # Many cards
//!
//! [`Judge`] judges one saved card after another: what it remembers is a value that the caller holds, for each thread
//! its own. The arithmetic is that of [`RustCrypto`] unless another [`Backend`] is chosen; the Cargo feature `aws-lc-rs`
//! adds `AwsLc`, several times as fast. Neither changes a verdict: the tests of this crate run with both.
//!
//! # What it does not do
//!
//! It reads no card, no clock and no network. It says nothing about what the signature does not cover
//! ([`Authenticity::does_not_cover`]), nothing about whether the card was revoked or its number has lapsed, and nothing
//! about whether the person in front of you is the holder. It knows no CRL and no OCSP: the Ministry publishes none for
//! these certificates. It carries no CA certificate, only the digests of those published ([`PINNED`]).
//!
//! Sources: 在留カード等仕様書（一般公開用）Ver 1.5, §3.3.4.9 and §3.4.3; 第２世代在留カード等仕様書（一般公開用）Ver 1.1,
//! §3.3.4.10 and §3.4.3.1; RFC 5280 for certificates.

#![no_std]

extern crate alloc;

mod anchor;
mod authenticity;
mod backend;
mod ber;
mod certificate;
mod judge;
mod pinned;
mod primitives;
mod verified;

pub use anchor::{Anchor, AnchorError, Anchors, MAX_ANCHORS, MAX_FILE_LEN};
pub use authenticity::{
    AnchorFault, Authenticity, Reason, Region, SignatureEncoding, SignatureFault, Status, TrustFault,
    UsageFault,
};
#[cfg(feature = "aws-lc-rs")]
pub use backend::AwsLc;
pub use backend::{Backend, RustCrypto};
pub use certificate::{CertificateFault, MAX_CERTIFICATE_LEN, Oddity, TimeStatus};
pub use judge::{Judge, MAX_CHAIN_VERIFICATIONS, MAX_REMEMBERED_CERTIFICATES, Policy, judge};
pub use pinned::{PINNED, PinnedCertificate, TrustProfile};
pub use primitives::{P384Key, P384Signature, RsaBlock, RsaKey};
pub use verified::{Verified, VerifiedContent};
