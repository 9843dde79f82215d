//! Entries as compact JSON Web Signatures (RFC 7515) with ES256 (RFC 7518, 3.4).

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;

use crate::{Error, Fault, Signer, VerifyingKey, key::with_low_s};

/// The `typ` of every entry: an SD-JWT (RFC 9901) of this crate's making.
pub(crate) const TYPE: &str = "zairyu-evidence+sd-jwt";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// The protected header of every entry signed with this key, encoded.
fn header(key: &VerifyingKey) -> String {
    // A thumbprint is base64url: nothing in it needs an escape.
    let json = format!(r#"{{"alg":"ES256","kid":"{}","typ":"{TYPE}"}}"#, key.thumbprint());
    Base64UrlUnpadded::encode_string(json.as_bytes())
}

/// Signs a payload. The signature is checked before anyone believes in it.
pub(crate) fn sign(payload: &[u8], signer: &impl Signer) -> Result<String, Error> {
    let key = signer.verifying_key();
    let mut jws = header(&key);
    jws.push('.');
    jws.push_str(&Base64UrlUnpadded::encode_string(payload));
    let signature = signer.sign(jws.as_bytes()).map_err(Error::Signer)?;
    if !key.verifies(jws.as_bytes(), &signature) {
        return Err(Error::WrongSignature);
    }
    let signature = with_low_s(&signature).ok_or(Error::WrongSignature)?;
    jws.push('.');
    jws.push_str(&Base64UrlUnpadded::encode_string(&signature));
    Ok(jws)
}

/// The payload of a JWS that this key signed.
pub(crate) fn verified_payload(jws: &str, key: &VerifyingKey) -> Result<Vec<u8>, Fault> {
    let (message, signature) = split_signature(jws).ok_or(Fault::Malformed)?;
    let (protected, payload) = message.split_once('.').ok_or(Fault::Malformed)?;
    if protected != header(key) {
        let json = Base64UrlUnpadded::decode_vec(protected).map_err(|_| Fault::Malformed)?;
        let header: Header = serde_json::from_slice(&json).map_err(|_| Fault::Malformed)?;
        let is_ours = header.alg == "ES256" && header.typ == TYPE && header.kid != key.thumbprint();
        return Err(if is_ours {
            Fault::OtherKey
        } else {
            Fault::Malformed
        });
    }
    if !key.verifies(message.as_bytes(), &signature) || with_low_s(&signature) != Some(signature) {
        return Err(Fault::BadSignature);
    }
    Base64UrlUnpadded::decode_vec(payload).map_err(|_| Fault::Malformed)
}

/// The signed text, and the signature over it.
fn split_signature(jws: &str) -> Option<(&str, [u8; 64])> {
    let (message, signature) = jws.rsplit_once('.')?;
    let mut bytes = [0; 64];
    let decoded = Base64UrlUnpadded::decode(signature, &mut bytes).ok()?.len();
    (decoded == bytes.len()).then_some((message, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;

    /// RFC 7515, A.3.
    #[test]
    fn the_example_of_rfc_7515_verifies() {
        let jws = concat!(
            "eyJhbGciOiJFUzI1NiJ9",
            ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        );
        let key = VerifyingKey::from_jwk(
            r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
        )
        .unwrap();
        let (message, signature) = split_signature(jws).unwrap();
        assert!(key.verifies(message.as_bytes(), &signature));
        // Its header is not that of an entry.
        assert!(matches!(verified_payload(jws, &key), Err(Fault::Malformed)));

        // The private key of the example.
        let d = Base64UrlUnpadded::decode_vec("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI").unwrap();
        let signer = SigningKey::generate(&d.try_into().unwrap()).unwrap();
        assert_eq!(signer.verifying_key(), key);
        let ours = sign(b"payload", &signer).unwrap();
        assert_eq!(verified_payload(&ours, &key).unwrap(), b"payload");
    }

    #[test]
    fn only_our_header_is_taken() {
        let signer = SigningKey::generate(&[7; 32]).unwrap();
        let key = signer.verifying_key();
        let other = SigningKey::generate(&[8; 32]).unwrap();
        let with_header = |json: &str| {
            let message = format!("{}.{}", Base64UrlUnpadded::encode_string(json.as_bytes()), "e30");
            let signature = signer.sign(message.as_bytes()).unwrap();
            let signature = with_low_s(&signature).unwrap();
            format!("{message}.{}", Base64UrlUnpadded::encode_string(&signature))
        };
        let kid = key.thumbprint();
        let good = format!(r#"{{"alg":"ES256","kid":"{kid}","typ":"{TYPE}"}}"#);
        assert_eq!(verified_payload(&with_header(&good), &key).unwrap(), b"{}");
        for json in [
            r#"{"alg":"none"}"#.to_owned(),
            good.replace("ES256", "none"),
            good.replace("ES256", "HS256"),
            good.replace(TYPE, "JWT"),
            good.replace('}', r#","crit":["b64"],"b64":false}"#),
            good.replace('}', r#","jwk":{}}"#),
            // The same members in another order are not what we write.
            format!(r#"{{"kid":"{kid}","alg":"ES256","typ":"{TYPE}"}}"#),
            format!("{good} "),
            "[".repeat(10_000),
        ] {
            assert!(
                matches!(verified_payload(&with_header(&json), &key), Err(Fault::Malformed)),
                "{json}"
            );
        }
        let others = sign(b"{}", &other).unwrap();
        assert!(matches!(verified_payload(&others, &key), Err(Fault::OtherKey)));
        for jws in ["", ".", "..", "...", "a.b.c", "~"] {
            assert!(matches!(verified_payload(jws, &key), Err(Fault::Malformed)));
        }
    }

    #[test]
    fn a_signer_that_signs_wrongly_is_found_out() {
        struct Broken(SigningKey);
        impl Signer for Broken {
            fn verifying_key(&self) -> VerifyingKey {
                self.0.verifying_key()
            }
            fn sign(&self, _: &[u8]) -> Result<[u8; 64], Box<dyn std::error::Error + Send + Sync>> {
                self.0.sign(b"something else")
            }
        }
        let broken = Broken(SigningKey::generate(&[7; 32]).unwrap());
        assert!(matches!(sign(b"{}", &broken), Err(Error::WrongSignature)));
    }
}
