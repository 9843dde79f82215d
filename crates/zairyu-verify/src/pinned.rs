use core::fmt;

use hex_literal::hex;

use crate::primitives::Digest;

/// Which kind of trust an anchor stands for. Decided once, by the SHA-256 of the certificate, and never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrustProfile {
    /// A CA certificate that the Immigration Services Agency published for cards in circulation.
    Production,
    /// The CA certificate that the Agency published for its test cards. A card verified under it is a test card.
    OfficialTest,
    /// Any other certificate: whoever loaded it vouches for it.
    Custom,
}

impl TrustProfile {
    /// The stable name: `production`, `official_test` or `custom`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::OfficialTest => "official_test",
            Self::Custom => "custom",
        }
    }

    /// Nothing but the digest decides: the production and the test certificate of the second generation have the same
    /// name and the same serial number.
    pub(crate) fn of(sha256: &Digest) -> Self {
        PINNED
            .iter()
            .find(|pinned| pinned.sha256 == *sha256)
            .map_or(Self::Custom, |pinned| pinned.profile)
    }
}

impl fmt::Display for TrustProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One row of [`PINNED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinnedCertificate {
    /// SHA-256 of the certificate's DER, which is that of the published file.
    pub sha256: [u8; 32],
    /// What a card verified under it may be called.
    pub profile: TrustProfile,
    /// The CN of subject and issuer; the rest is `C=JP, O=Japanese Government, OU=The Ministry of Justice` in all.
    pub common_name: &'static str,
    /// The serial number, in hexadecimal.
    pub serial_number: &'static str,
    /// Validity in UTC, RFC 3339.
    pub not_before: &'static str,
    /// See `not_before`.
    pub not_after: &'static str,
    /// The name under which the Agency publishes it.
    pub published_as: &'static str,
}

/// The CA certificates published by 出入国在留管理庁 on its pages for the first generation
/// (在留カード等仕様書等の公開について) and for the second generation and the specified cards.
///
/// The certificates themselves are not in this crate: download them from the Agency.
pub const PINNED: [PinnedCertificate; 6] = [
    PinnedCertificate {
        sha256: hex!("97f37c5967af5f3cd84e6ed694b09539abb7f8e7e76b6f7496a060008982983d"),
        profile: TrustProfile::Production,
        common_name: "ZairyuCard CA",
        serial_number: "2A",
        not_before: "2015-06-05T15:46:23Z",
        not_after: "2025-09-05T15:46:23Z",
        published_as: "001460774.zip, 930001756.crt",
    },
    PinnedCertificate {
        sha256: hex!("ff02323cea7b8c3dfc0dc2de79d46e78514af587368523086b188e9690aec861"),
        profile: TrustProfile::Production,
        common_name: "ZairyuCard CA",
        serial_number: "4B",
        not_before: "2018-04-06T15:09:03Z",
        not_after: "2028-07-06T15:09:03Z",
        published_as: "001460775.zip, 930001757.crt",
    },
    PinnedCertificate {
        sha256: hex!("6f50161aa80f7ff7c630505faf472906f7b101d5083e327a6182c82cd7985e67"),
        profile: TrustProfile::Production,
        common_name: "ZairyuCard CA",
        serial_number: "74",
        not_before: "2021-05-27T02:06:03Z",
        not_after: "2031-08-27T02:06:03Z",
        published_as: "001460776.zip, 001353372.crt",
    },
    PinnedCertificate {
        sha256: hex!("bf854466ed9abf61f559c39bf8790546f8acdab99b51fd2330563669ce4a71b2"),
        profile: TrustProfile::Production,
        common_name: "ZairyuCard CA",
        serial_number: "93",
        not_before: "2024-05-08T13:52:03Z",
        not_after: "2034-08-08T13:52:03Z",
        published_as: "001460777.zip, 001421582.crt",
    },
    PinnedCertificate {
        sha256: hex!("11e6ad8b8e64f0cdb1d8ba9e3689926c80e8479a2f098616f674a23582bec13b"),
        profile: TrustProfile::Production,
        common_name: "ZairyuCard CA2",
        serial_number: "01",
        not_before: "2026-04-20T04:33:17Z",
        not_after: "2039-07-20T04:33:17Z",
        published_as: "001462221.zip, ec_cacert_20260420.crt",
    },
    PinnedCertificate {
        sha256: hex!("1846b815d31f04fe93d57450a6d8a8c351eac3d8c444a2375d95734df7dd1057"),
        profile: TrustProfile::OfficialTest,
        common_name: "ZairyuCard CA2",
        serial_number: "01",
        not_before: "2026-03-19T07:28:01Z",
        not_after: "2039-06-19T07:28:01Z",
        published_as: "001460788.zip",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_distinct_digests_five_of_them_production() {
        for (index, row) in PINNED.iter().enumerate() {
            assert!(PINNED[..index].iter().all(|earlier| earlier.sha256 != row.sha256));
            assert_eq!(TrustProfile::of(&row.sha256), row.profile);
            assert!(row.not_before < row.not_after);
            assert!(row.not_after.parse::<jiff::Timestamp>().is_ok());
        }
        let count = |profile| PINNED.iter().filter(|row| row.profile == profile).count();
        assert_eq!(count(TrustProfile::Production), 5);
        assert_eq!(count(TrustProfile::OfficialTest), 1);
    }

    #[test]
    fn digests_read_as_written() {
        assert_eq!(PINNED[0].sha256[..3], [0x97, 0xF3, 0x7C]);
        assert_eq!(PINNED[5].sha256[29..], [0xDD, 0x10, 0x57]);
    }

    #[test]
    fn one_changed_bit_makes_it_custom() {
        for row in PINNED {
            for bit in 0..256 {
                let mut digest = row.sha256;
                digest[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(TrustProfile::of(&digest), TrustProfile::Custom);
            }
        }
    }

    /// Production and official test share name and serial number: nothing but the digest tells them apart.
    #[test]
    fn name_and_serial_tell_nothing() {
        let [.., production, test] = PINNED;
        assert_eq!(
            (production.common_name, production.serial_number),
            (test.common_name, test.serial_number)
        );
        assert_ne!(production.profile, test.profile);
    }
}
