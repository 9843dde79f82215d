//! Cards made here and by OpenSSL, good ones and ones with a single fault, before the judge.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]
// Lengths and indices of test data, taken apart into bytes.
#![allow(clippy::cast_possible_truncation)]

mod alterations;
mod anchors;
mod arbitrary_bytes;
mod backends;
mod card_certificate;
mod genuine;
mod issuer;
mod openssl;
mod pkits;
mod signature;
mod time;
