//! A software Japanese residence card and its issuer, for tests without hardware
