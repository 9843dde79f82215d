//! Status words (在留カード等仕様書 Ver 1.5, Table 4-5).

/// SW1 and SW2.
pub(crate) type Status = u16;

pub(crate) const OK: Status = 0x9000;
/// 照合不一致.
pub(crate) const NO_MATCH: Status = 0x6300;
pub(crate) const WRONG_LENGTH: Status = 0x6700;
pub(crate) const NO_LOGICAL_CHANNELS: Status = 0x6881;
pub(crate) const NO_SUCH_SECURE_MESSAGING: Status = 0x6882;
pub(crate) const SECURITY_STATUS: Status = 0x6982;
/// No more tries.
pub(crate) const BLOCKED: Status = 0x6983;
pub(crate) const CONDITIONS_OF_USE: Status = 0x6985;
pub(crate) const NO_CURRENT_EF: Status = 0x6986;
pub(crate) const SECURE_MESSAGING_OBJECT: Status = 0x6988;
pub(crate) const WRONG_DATA: Status = 0x6A80;
pub(crate) const NOT_FOUND: Status = 0x6A82;
pub(crate) const WRONG_PARAMETERS: Status = 0x6A86;
pub(crate) const LENGTH_AGAINST_PARAMETERS: Status = 0x6A87;
pub(crate) const OUTSIDE_FILE: Status = 0x6B00;
pub(crate) const UNKNOWN_INSTRUCTION: Status = 0x6D00;
pub(crate) const UNKNOWN_CLASS: Status = 0x6E00;
pub(crate) const SELF_DIAGNOSIS: Status = 0x6F00;
