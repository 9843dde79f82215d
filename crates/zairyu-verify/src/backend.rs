use crate::primitives::{Digest, P384Key, P384Signature, RsaBlock, RsaKey};

/// Who does the arithmetic of public-key verification. All give the same verdicts; they differ in speed.
///
/// Keys and signatures are taken apart and checked before they come here, the same way for every backend.
pub trait Backend: Sync {
    /// Whether the block behind an RSA signature is, as a whole and byte for byte, the PKCS#1 v1.5 one of this SHA-256
    /// hash: RFC 8017, §8.2.2.
    fn verify_rsa(&self, key: &RsaKey, block: RsaBlock, digest: &[u8; 32], signature: &[u8]) -> bool;

    /// Whether an ECDSA signature on P-384 is one over this SHA-256 hash: FIPS 186-5, §6.4.2.
    fn verify_p384(&self, key: &P384Key, digest: &[u8; 32], signature: &P384Signature) -> bool;
}

/// The default backend: the pure Rust crates `rsa` and `p384`.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Backend for RustCrypto {
    fn verify_rsa(&self, key: &RsaKey, block: RsaBlock, digest: &Digest, signature: &[u8]) -> bool {
        key.verify(block, digest, signature)
    }

    fn verify_p384(&self, key: &P384Key, digest: &Digest, signature: &P384Signature) -> bool {
        key.verify(digest, signature)
    }
}

/// AWS-LC through `aws-lc-rs`: several times as fast, and compiled from C.
///
/// It has no way to look at the block behind an RSA signature, so that [`RsaBlock::BareHash`], which no standard
/// knows, is left to [`RustCrypto`].
#[cfg(feature = "aws-lc-rs")]
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

#[cfg(feature = "aws-lc-rs")]
impl Backend for AwsLc {
    fn verify_rsa(&self, key: &RsaKey, block: RsaBlock, digest: &Digest, signature: &[u8]) -> bool {
        match block {
            RsaBlock::DigestInfo => key.to_der().is_some_and(|key| {
                aws_lc_verifies(
                    &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256,
                    &key,
                    digest,
                    signature,
                )
            }),
            RsaBlock::BareHash => RustCrypto.verify_rsa(key, block, digest, signature),
        }
    }

    fn verify_p384(&self, key: &P384Key, digest: &Digest, signature: &P384Signature) -> bool {
        aws_lc_verifies(
            &aws_lc_rs::signature::ECDSA_P384_SHA256_ASN1,
            &key.to_sec1(),
            digest,
            &signature.to_der(),
        )
    }
}

#[cfg(feature = "aws-lc-rs")]
fn aws_lc_verifies(
    algorithm: &'static dyn aws_lc_rs::signature::VerificationAlgorithm,
    key: &[u8],
    digest: &Digest,
    signature: &[u8],
) -> bool {
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(algorithm, key);
    aws_lc_rs::digest::Digest::import_less_safe(digest, &aws_lc_rs::digest::SHA256)
        .is_ok_and(|digest| key.verify_digest(&digest, signature).is_ok())
}
