use core::fmt;

use bytes::Bytes;
use zairyu_tlv::Tag;

use crate::{CardFiles, Error, ErrorKind, File, Part, object::Objects};

/// 電子署名 (DF3/EF01): the check code (チェックコード) and the certificate (公開鍵証明書) of the key that made it.
///
/// Nothing of it is judged here; that is zairyu-verify's work.
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureObjects {
    check_code: Bytes,
    certificate: Bytes,
}

impl SignatureObjects {
    /// The signature's bytes as on the card: `DA` of the first, `DC` of the second generation.
    #[must_use]
    pub const fn check_code(&self) -> &Bytes {
        &self.check_code
    }

    /// The certificate's bytes as on the card, padding included: `DB` of the first, `DD` of the second generation.
    #[must_use]
    pub const fn certificate(&self) -> &Bytes {
        &self.certificate
    }
}

impl fmt::Debug for SignatureObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SignatureObjects({} bytes, certificate of {} bytes)",
            self.check_code.len(),
            self.certificate.len()
        )
    }
}

/// `None` for a card that carries no signature: the file is not there or all `00`, or its objects are empty.
///
/// 在留カード等仕様書 Ver 1.5, §3.3.5, gives two forms for holders under 16 (`DA 00 DB 00` and `DA 00`); both are taken.
pub(crate) fn parse(files: &CardFiles, check_code: Tag, certificate: Tag) -> Part<SignatureObjects> {
    let Some(file) = files.get(File::Signature) else {
        return Ok(None);
    };
    let objects = Objects::parse(File::Signature, file)?;
    let present = |tag| {
        let value = objects.optional(tag).map(|object| object.value());
        value.filter(|value| value.iter().any(|&byte| byte != 0))
    };
    let missing = |tag| Error::new(File::Signature, ErrorKind::MissingObject { tag }, 0);
    match (present(check_code), present(certificate)) {
        (None, None) => {
            let named = [check_code, certificate].map(|tag| objects.optional(tag).is_some());
            if objects.is_empty() || named.contains(&true) {
                Ok(None)
            } else {
                Err(missing(check_code))
            }
        }
        (Some(check_code), Some(certificate)) => Ok(Some(SignatureObjects {
            check_code: file.slice_ref(check_code),
            certificate: file.slice_ref(certificate),
        })),
        (None, Some(_)) => Err(missing(check_code)),
        (Some(_), None) => Err(missing(certificate)),
    }
}
