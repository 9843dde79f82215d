//! Where a certified verifier plugs in.

use jiff::Timestamp;

/// Somebody who may ask J-LIS whether a certificate was revoked.
///
/// 公的個人認証法 (電子署名等に係る地方公共団体情報システム機構の認証業務に関する法律) gives this information to verifiers that have
/// notified J-LIS or are certified (第17条, 第36条), and limits what they may do with it. This crate has no implementation
/// and will not get one: who implements this trait answers for the right to ask.
pub trait RevocationSource {
    /// Asks about a certificate (DER) whose path to a root was verified.
    fn ask(&self, certificate: &[u8], at: Timestamp) -> RevocationAnswer;
}

/// What a [`RevocationSource`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationAnswer {
    /// It was not revoked at that time.
    NotRevoked {
        /// The time for which this is said.
        as_of: Timestamp,
    },
    /// It was revoked.
    Revoked,
    /// It is suspended (一時利用停止): its holder reported the card lost, and may have found it since.
    Suspended,
    /// There was no answer, or none that counts.
    Unavailable,
}
