use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64, Encoding};
use jiff::Timestamp;
use x509_cert::ext::pkix::KeyUsages;

use crate::{
    AnchorFault, CertificateFault, TimeStatus, TrustProfile,
    certificate::Certificate,
    primitives::{Digest, sha256},
};

/// How many anchors can be loaded. The Agency published six certificates in eleven years.
pub const MAX_ANCHORS: usize = 64;

/// The longest file that [`Anchors::add`] takes, in bytes.
pub const MAX_FILE_LEN: usize = 256 * 1024;

/// A CA certificate that is trusted because somebody loaded it.
///
/// Its profile follows from its bytes and never changes: nobody can make a certificate `production` but by finding one
/// of the pinned files.
#[derive(Clone)]
pub struct Anchor {
    sha256: Digest,
    profile: TrustProfile,
    certificate: Certificate,
}

impl Anchor {
    /// The profile, by [`Self::sha256`].
    #[must_use]
    pub const fn profile(&self) -> TrustProfile {
        self.profile
    }

    /// The SHA-256 of the certificate's DER.
    #[must_use]
    pub const fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Whether it is valid at a time.
    #[must_use]
    pub fn time_status(&self, at: Timestamp) -> TimeStatus {
        self.certificate.time_status(at)
    }

    pub(crate) const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whether the certificate lets its key sign others: RFC 5280, §4.2.1.3 and §4.2.1.9.
    pub(crate) fn may_sign(&self) -> Result<(), AnchorFault> {
        if !self.certificate.authority {
            return Err(AnchorFault::NotAnAuthority);
        }
        if !self.certificate.may(KeyUsages::KeyCertSign) {
            return Err(AnchorFault::KeyUsage);
        }
        if !self.certificate.unknown_critical.is_empty() {
            return Err(AnchorFault::UnknownCriticalExtension);
        }
        Ok(())
    }

    fn new(der: &[u8]) -> Result<Self, CertificateFault> {
        let sha256 = sha256(&[der]);
        Ok(Self {
            sha256,
            profile: TrustProfile::of(&sha256),
            certificate: Certificate::from_file(der)?,
        })
    }
}

impl fmt::Debug for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Anchor({}, ", self.profile)?;
        for byte in self.sha256 {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// The CA certificates that a judgement may rest on.
///
/// ```
/// use zairyu_verify::{AnchorError, Anchors};
///
/// let mut anchors = Anchors::new();
/// assert!(matches!(anchors.add(b"<html>404</html>"), Err(AnchorError::NoCertificate)));
/// assert!(anchors.is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    /// By profile, then in the order loaded.
    anchors: Vec<Anchor>,
}

impl Anchors {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self { anchors: Vec::new() }
    }

    /// Loads a file: one certificate in DER, or any number in PEM. One that is there already is not added again.
    ///
    /// A certificate that may not sign others is loaded, and refused by name when a card's certificate rests on it.
    ///
    /// # Errors
    ///
    /// [`AnchorError`] when anything in the file is no certificate, or a limit is reached; then nothing of the file is
    /// loaded.
    pub fn add(&mut self, file: &[u8]) -> Result<(), AnchorError> {
        if file.len() > MAX_FILE_LEN {
            return Err(AnchorError::FileTooLong { found: file.len() });
        }
        let ders = if file.first() == Some(&0x30) {
            Vec::from([file.to_vec()])
        } else {
            pem_certificates(file)?
        };
        let mut anchors = self.anchors.clone();
        for (index, der) in ders.iter().enumerate() {
            let anchor = Anchor::new(der).map_err(|fault| AnchorError::Malformed {
                position: index.saturating_add(1),
                fault,
            })?;
            if !anchors.iter().any(|loaded| loaded.sha256 == anchor.sha256) {
                anchors.push(anchor);
            }
            if anchors.len() > MAX_ANCHORS {
                return Err(AnchorError::TooMany);
            }
        }
        anchors.sort_by_key(Anchor::profile);
        self.anchors = anchors;
        Ok(())
    }

    /// Those loaded: production first, custom last, otherwise in the order of loading.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Anchor> {
        self.anchors.iter()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }
}

/// Why a file was not loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// It is longer than [`MAX_FILE_LEN`].
    #[error(
        "The file has {found} bytes and is too long for CA certificates. Check that it is the right file."
    )]
    FileTooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// It is neither DER nor PEM with a certificate.
    #[error(
        "The file holds no certificate. Give a CA certificate in DER (.crt, .cer) or PEM; unpack a .zip first."
    )]
    NoCertificate,
    /// A PEM block has no end or is not Base64.
    #[error(
        "Certificate {position} in the file is damaged: its PEM text is incomplete. Download the file again."
    )]
    Pem {
        /// Which one, from 1.
        position: usize,
    },
    /// The bytes are no certificate.
    #[error(
        "Certificate {position} in the file cannot be used: {fault}. Check that it is the CA certificate itself, and download it again."
    )]
    Malformed {
        /// Which one, from 1.
        position: usize,
        /// What is wrong with it.
        fault: CertificateFault,
    },
    /// There would be more than [`MAX_ANCHORS`].
    #[error(
        "More than {MAX_ANCHORS} CA certificates cannot be loaded. Load only those of the Ministry of Justice."
    )]
    TooMany,
}

/// The `CERTIFICATE` blocks of a PEM file (RFC 7468), decoded; other text and other blocks are skipped.
fn pem_certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, AnchorError> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut text = core::str::from_utf8(file).map_err(|_| AnchorError::NoCertificate)?;
    let mut certificates = Vec::new();
    while let Some((_, block)) = text.split_once(BEGIN) {
        let damaged = || AnchorError::Pem {
            position: certificates.len().saturating_add(1),
        };
        let (base64, rest) = block.split_once(END).ok_or_else(damaged)?;
        let base64: Vec<u8> = base64
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let base64 = core::str::from_utf8(&base64).map_err(|_| damaged())?;
        let der = Base64::decode_vec(base64).map_err(|_| damaged())?;
        certificates.push(der);
        text = rest;
    }
    if certificates.is_empty() {
        return Err(AnchorError::NoCertificate);
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No pinned certificate is in this repository, so that the profile is set by hand here.
    #[test]
    fn production_is_tried_first_and_a_profile_stays() {
        const FIRST: &[u8] = include_bytes!("../tests/openssl/first.ca.pem");
        const SECOND: &[u8] = include_bytes!("../tests/openssl/second.ca.pem");
        let mut anchors = Anchors::new();
        anchors.add(FIRST).unwrap();
        anchors.add(SECOND).unwrap();
        anchors.anchors[1].profile = TrustProfile::Production;
        // Loaded again, and still the same two.
        anchors.add(FIRST).unwrap();
        anchors.add(SECOND).unwrap();
        let profiles: Vec<TrustProfile> = anchors.iter().map(Anchor::profile).collect();
        assert_eq!(profiles, [TrustProfile::Production, TrustProfile::Custom]);
    }
}
