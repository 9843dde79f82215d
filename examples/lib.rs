//! Programs a user could start from, one file each; see the folder.
//!
//! The library itself is empty. It lets `cargo test --doc` compile, and where no reader is needed run, the code in the README
//! and in `docs/`.

#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../docs/guide/certificates.md")]
    struct Certificates;

    #[doc = include_str!("../docs/guide/dumps.md")]
    struct Dumps;

    #[doc = include_str!("../docs/guide/fuzzing.md")]
    struct Fuzzing;

    #[doc = include_str!("../docs/guide/lapse-lookup.md")]
    struct LapseLookup;

    #[doc = include_str!("../docs/guide/phone.md")]
    struct Phone;

    #[doc = include_str!("../docs/guide/without-hardware.md")]
    struct WithoutHardware;

    #[cfg(feature = "lookup-service")]
    #[doc = include_str!("../docs/guide/evidence.md")]
    struct Evidence;
}

#[cfg(all(doctest, feature = "pcsc"))]
mod documents_with_a_reader {
    #[doc = include_str!("../README.md")]
    struct Readme;

    #[doc = include_str!("../CONTRIBUTING.md")]
    struct Contributing;

    #[doc = include_str!("../docs/guide/embedding.md")]
    struct Embedding;

    #[doc = include_str!("../docs/guide/systems.md")]
    struct Systems;
}
