//! The parts of a record that are personal: kept only when asked for, and deleted on their date.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use zairyu_data::CardNumber;
use zeroize::Zeroizing;

use crate::{Error, FreeText, digest::bytes_of_hex, names::named};

named! {
    /// Which personal part.
    pub enum PersonalKind {
        /// [`NumberMac`].
        NumberMac = "number_mac",
        /// What the lookup's page said, word for word.
        Verbatim = "verbatim",
        /// A note in the operator's words.
        Note = "note",
    }
}

/// What a personal part holds.
#[derive(Clone, PartialEq, Eq)]
pub enum PersonalValue {
    /// The card number's keyed digest, which links records of the same card.
    NumberMac(NumberMac),
    /// What the lookup's page said, word for word. Card numbers in it must be blotted out before.
    Verbatim(FreeText),
    /// A note in the operator's words.
    Note(FreeText),
}

/// A personal part, and the day on which it is to be deleted. There is none without such a day.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal {
    /// What it holds.
    pub value: PersonalValue,
    /// The day on which it is to be deleted.
    pub delete_on: Date,
}

/// HMAC-SHA-256 of a card number, under a key of the integrator's. The same card gives the same value, and only who
/// has the key can tell which card.
///
/// Without a key this would be no protection: there are fewer than 2^46 card numbers to try.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NumberMac([u8; 32]);

/// The key that [`NumberMac`]s are made with: 32 bytes from the operating system's random source, kept apart from the
/// log and used for nothing else. Wiped when dropped.
pub struct LinkKey(Zeroizing<[u8; 32]>);

impl LinkKey {
    /// Takes the key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*key))
    }

    /// The keyed digest: HMAC-SHA-256 (RFC 2104) over the number's twelve ASCII characters.
    #[must_use]
    pub fn mac(&self, number: &CardNumber) -> NumberMac {
        NumberMac(hmac(&self.0, number.expose_bytes()))
    }
}

fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // 32 bytes are half a block of SHA-256: a block with zeros behind is the same key (RFC 2104, 2).
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(..)")
    }
}

impl fmt::Debug for NumberMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NumberMac(..)")
    }
}

/// 64 small hexadecimal digits. It is a pseudonym of a card: treat it as personal.
impl fmt::Display for NumberMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl PersonalValue {
    /// Which part it is.
    #[must_use]
    pub const fn kind(&self) -> PersonalKind {
        match self {
            Self::NumberMac(_) => PersonalKind::NumberMac,
            Self::Verbatim(_) => PersonalKind::Verbatim,
            Self::Note(_) => PersonalKind::Note,
        }
    }

    /// The value as text.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::NumberMac(mac) => mac.to_string(),
            Self::Verbatim(text) | Self::Note(text) => text.as_str().to_owned(),
        }
    }

    fn parse(kind: PersonalKind, text: &str) -> Option<Self> {
        Some(match kind {
            PersonalKind::NumberMac => Self::NumberMac(NumberMac(bytes_of_hex(text)?)),
            PersonalKind::Verbatim => Self::Verbatim(exactly(text)?),
            PersonalKind::Note => Self::Note(exactly(text)?),
        })
    }
}

/// A text that stands as it was written, with nothing to trim.
fn exactly(text: &str) -> Option<FreeText> {
    FreeText::new(text).ok().filter(|taken| taken.as_str() == text)
}

impl fmt::Debug for PersonalValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(..)", self.kind().as_str())
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} until {}", self.value, self.delete_on)
    }
}

/// Thirty-two bytes from the operating system's random source, new for every entry.
///
/// The entry's identifier and the salts of its personal parts are drawn from it.
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// Takes the random bytes.
    #[must_use]
    pub fn new(random: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*random))
    }

    /// Sixteen bytes for this use, 32 hexadecimal digits.
    pub(crate) fn identifier(&self, of: &str) -> [u8; 16] {
        let mac = hmac(&self.0, of.as_bytes());
        let mut identifier = [0; 16];
        for (to, from) in identifier.iter_mut().zip(mac) {
            *to = from;
        }
        identifier
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// A personal part as it stands beside the signed entry: an SD-JWT disclosure (RFC 9901, 4.2.1), base64url of the JSON
/// array of salt, name and value.
pub(crate) fn disclose(value: &PersonalValue, seed: &Seed) -> Result<String, Error> {
    let name = value.kind().as_str();
    let salt = Base64UrlUnpadded::encode_string(&seed.identifier(name));
    // Three strings: serialising them cannot fail.
    let json =
        serde_json::to_vec(&[salt.as_str(), name, value.text().as_str()]).map_err(|_| Error::TooLong)?;
    Ok(Base64UrlUnpadded::encode_string(&json))
}

/// What the signed entry holds of a disclosure (RFC 9901, 4.2.3): base64url of its SHA-256 digest.
pub(crate) fn digest_of(disclosure: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(disclosure))
}

/// Reads a disclosure. `None` when it is not one of ours.
pub(crate) fn read_disclosure(disclosure: &str) -> Option<PersonalValue> {
    let json = Base64UrlUnpadded::decode_vec(disclosure).ok()?;
    let (_salt, name, value): (String, String, String) = serde_json::from_slice(&json).ok()?;
    PersonalValue::parse(PersonalKind::from_name(&name)?, &value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9901, 4.2.3: a disclosure and its digest.
    #[test]
    fn digest_of_rfc_9901() {
        let disclosure = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
        assert_eq!(
            digest_of(disclosure),
            "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"
        );
        // Not one of ours: it has another name.
        assert_eq!(read_disclosure(disclosure), None);
    }

    #[test]
    fn number_mac_is_hmac_sha_256_of_the_twelve_characters() {
        let number = CardNumber::parse("AB12345678CD").unwrap();
        let key = [0x0B; 32];
        let mac = LinkKey::new(&key).mac(&number);
        let ring = ring::hmac::sign(
            &ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key),
            b"AB12345678CD",
        );
        assert_eq!(mac.to_string(), base16ct::lower::encode_string(ring.as_ref()));
        assert_ne!(mac, LinkKey::new(&[0x0C; 32]).mac(&number));
        assert_eq!(
            mac,
            LinkKey::new(&key).mac(&CardNumber::parse("ab1234-5678cd").unwrap())
        );
    }

    #[test]
    fn disclosures_are_read_as_they_were_made_and_no_other() {
        let seed = Seed::new(&[3; 32]);
        let values = [
            PersonalValue::NumberMac(NumberMac([0xA5; 32])),
            PersonalValue::Verbatim(FreeText::new("失効していません\n（照会結果）").unwrap()),
            PersonalValue::Note(FreeText::new("\"quoted\" \\ ~ .").unwrap()),
        ];
        for value in values {
            let disclosure = disclose(&value, &seed).unwrap();
            assert_eq!(read_disclosure(&disclosure), Some(value));
        }
        for json in [
            r#"[]"#,
            r#"["salt","note"]"#,
            r#"["salt","note","x","y"]"#,
            r#"["salt","name","x"]"#,
            r#"["salt","note",1]"#,
            r#"["salt","note"," x"]"#,
            r#"["salt","note","AB12345678CD"]"#,
            r#"["salt","number_mac","a5"]"#,
            r#"["salt","number_mac","AB12345678CD"]"#,
            r#"{"note":"x"}"#,
        ] {
            assert_eq!(
                read_disclosure(&Base64UrlUnpadded::encode_string(json.as_bytes())),
                None,
                "{json}"
            );
        }
        assert_eq!(
            read_disclosure(&Base64UrlUnpadded::encode_string(&[b'['; 50_000])),
            None
        );
        assert_eq!(read_disclosure("!"), None);
    }

    #[test]
    fn salts_differ_by_part_and_by_seed() {
        let seed = Seed::new(&[3; 32]);
        assert_ne!(seed.identifier("note"), seed.identifier("verbatim"));
        assert_ne!(seed.identifier("note"), Seed::new(&[4; 32]).identifier("note"));
    }

    #[test]
    fn debug_shows_nothing() {
        let number = CardNumber::parse("AB12345678CD").unwrap();
        let key = LinkKey::new(&[1; 32]);
        let mac = key.mac(&number);
        let part = Personal {
            value: PersonalValue::NumberMac(mac),
            delete_on: jiff::civil::date(2027, 3, 31),
        };
        assert_eq!(
            format!("{key:?} {mac:?} {part:?} {:?}", Seed::new(&[1; 32])),
            "LinkKey(..) NumberMac(..) number_mac(..) until 2027-03-31 Seed(..)"
        );
    }
}
