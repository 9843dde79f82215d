use zairyu_transport::Limits;

/// A reader known to carry less than extended-length APDUs.
#[derive(Clone, Copy, Debug)]
pub struct Quirk {
    /// Part of the name under which PC/SC shows the reader; case does not matter.
    pub name_part: &'static str,
    /// What it carries.
    pub limits: Limits,
    /// How that is known.
    pub source: &'static str,
}

/// Readers that carry less than [`Limits::EXTENDED`], which every other reader is taken to carry.
///
/// [`OpenOptions::reader_limits`](crate::OpenOptions::reader_limits) adds to it and overrules it.
pub const QUIRKS: &[Quirk] = &[
    Quirk {
        name_part: "ACR122",
        limits: Limits::SHORT,
        source: "its CCID descriptor: short APDU level, messages up to 271 bytes; OpenSC issue 3736",
    },
    Quirk {
        name_part: "SCR331-DI",
        limits: Limits::SHORT,
        source: "its CCID descriptor: TPDU level, messages up to 263 bytes",
    },
];

/// Parts of the names of readers that are no hardware, and hold a card all the time. They are passed over unless
/// [`OpenOptions::reader`](crate::OpenOptions::reader) asks for one.
pub const IGNORED_READERS: &[&str] = &[
    "Windows Hello",
    "Microsoft Virtual Smart Card",
    "Microsoft UICC",
    "Microsoft IFD",
];

pub(crate) fn is_part(name_part: &str, name: &str) -> bool {
    name.to_lowercase().contains(&name_part.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quirks_are_found_by_the_names_that_drivers_give() {
        for name in [
            "ACS ACR122U PICC Interface 00 00",
            "ACS ACR122 0",
            "SCM SCR331-DI-NTTCom 00 00",
        ] {
            assert!(
                QUIRKS.iter().any(|quirk| is_part(quirk.name_part, name)),
                "{name}"
            );
        }
        for name in ["SONY FeliCa RC-S300/P 00 00", "ACS ACR1252 Dual Reader 00 00"] {
            assert!(
                !QUIRKS.iter().any(|quirk| is_part(quirk.name_part, name)),
                "{name}"
            );
        }
    }
}
