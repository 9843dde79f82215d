use std::time::Duration;

use zairyu_transport::Limits;

/// What is known of a reader by its name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Quirk {
    /// Part of the name under which PC/SC shows the reader; case does not matter.
    pub name_part: &'static str,
    /// How it reaches a card.
    pub interface: Interface,
    /// How long commands and responses may be.
    pub limits: Limits,
    /// How long it may take to tell that a card is there, after it was plugged in.
    pub first_status: Duration,
    /// What else to know, a sentence or more.
    pub note: &'static str,
    /// How that is known.
    pub source: &'static str,
}

/// How a reader reaches a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Interface {
    /// By radio: what a residence card needs.
    Contactless,
    /// By the contacts of a card that is pushed in: such a reader cannot read a residence card.
    Contact,
    /// Not at all: it is no hardware.
    Virtual,
}

/// Readers known by their names; the first entry that fits counts. A reader that is not in it is taken to be a
/// contactless one that carries [`Limits::EXTENDED`].
///
/// Those that are not [`Contactless`](Interface::Contactless) are passed over unless
/// [`OpenOptions::reader`](crate::OpenOptions::reader) asks for them;
/// [`OpenOptions::reader_limits`](crate::OpenOptions::reader_limits) overrules the lengths.
pub const QUIRKS: &[Quirk] = &[
    Quirk {
        limits: Limits::SHORT,
        first_status: Duration::from_secs(1),
        note: "Short APDUs only. On Linux the kernel's driver (pn533_usb) may claim it before pcscd does.",
        source: "CCID descriptor: short APDU level, dwMaxCCIDMessageLength 271; OpenSC issue 3736",
        ..contactless("ACR122")
    },
    // The slots for contact cards and security modules of readers that also have a contactless one ("... PICC").
    Quirk {
        note: "The slot for a security module (SAM): the card goes onto the slot named PICC.",
        source: "slot names of ACS readers",
        ..contact("Reader SAM")
    },
    Quirk {
        note: "The slot for contact cards: the card goes onto the slot named PICC.",
        source: "slot names of ACS readers",
        ..contact("Reader ICC")
    },
    Quirk {
        source: "CCID descriptor: short and extended APDU level, dwMaxCCIDMessageLength 522",
        ..contactless("ACR1251")
    },
    Quirk {
        note: "Trouble with very long APDUs was reported.",
        source: "CCID descriptor: short and extended APDU level, dwMaxCCIDMessageLength 522; LudovicRousseau/PCSC \
                 issue 54",
        ..contactless("ACR1252")
    },
    Quirk {
        source: "CCID descriptor: short and extended APDU level, dwMaxCCIDMessageLength 522",
        ..contactless("ACR1255")
    },
    Quirk {
        note: "Commands of more than 255 bytes were reported to fail on Linux and macOS; a residence card needs none.",
        source: "CCID descriptor: short and extended APDU level, dwMaxCCIDMessageLength 522; acsccid issue 42",
        ..contactless("ACR1281")
    },
    RC_S300,
    Quirk {
        name_part: "PaSoRi 4.0",
        ..RC_S300
    },
    Quirk {
        source: "CCID descriptor: short and extended APDU level, dwMaxCCIDMessageLength 522",
        ..contactless("RC-S660")
    },
    RC_S380,
    Quirk {
        name_part: "PaSoRi 3.0",
        ..RC_S380
    },
    Quirk {
        source: "CCID descriptor: short and extended APDU level, dwMaxCCIDMessageLength 520",
        ..contactless("OMNIKEY 5022")
    },
    Quirk {
        note: "The slot for contact cards of a dual reader: the card goes onto the contactless one.",
        source: "slot names of Identive CLOUD 4700 F",
        ..contact("F Contact Reader")
    },
    Quirk {
        source: "CCID descriptor: short and extended APDU level, dwMaxCCIDMessageLength 1034",
        ..contactless("CLOUD 4700 F")
    },
    Quirk {
        limits: Limits::SHORT,
        note: "An old reader at TPDU level: another one is the better choice.",
        source: "CCID descriptor: TPDU level, dwMaxCCIDMessageLength 263",
        ..contactless("SCR331-DI")
    },
    Quirk {
        source: "field reports of zairyu-card-reader 0.2.1: listed by PC/SC, of no use for a residence card",
        ..contact("Alcor")
    },
    windows_virtual("Windows Hello"),
    windows_virtual("Microsoft Virtual Smart Card"),
    windows_virtual("Microsoft UICC"),
    windows_virtual("Microsoft IFD"),
];

/// Sony names it "SONY FeliCa RC-S300/P" and "FeliCa Port/PaSoRi 4.0".
const RC_S300: Quirk = Quirk {
    note: "Refuses to be opened exclusively (SharingViolation); we open shared. Reports an empty reader as RemovedCard \
           (0x80100069).",
    source: "CCID descriptor: short and extended APDU level, dwMaxCCIDMessageLength 522; read about 70 residence cards \
             on Windows (zairyu-card-reader 0.2.1)",
    ..contactless("RC-S300")
};

/// Known to PC/SC as "Sony FeliCa Port/PaSoRi 3.0".
const RC_S380: Quirk = Quirk {
    note: "Has a PC/SC driver on Windows only. Whether it carries extended length is not known.",
    source: "not in the CCID driver's list of readers; Sony's driver",
    ..contactless("RC-S380")
};

const fn contactless(name_part: &'static str) -> Quirk {
    Quirk {
        name_part,
        interface: Interface::Contactless,
        limits: Limits::EXTENDED,
        first_status: Duration::ZERO,
        note: "",
        source: "",
    }
}

const fn contact(name_part: &'static str) -> Quirk {
    Quirk {
        interface: Interface::Contact,
        note: "Takes contact cards only.",
        ..contactless(name_part)
    }
}

const fn windows_virtual(name_part: &'static str) -> Quirk {
    Quirk {
        interface: Interface::Virtual,
        note: "Part of Windows; holds a card all the time.",
        source: "reader names of Windows 10 and 11",
        ..contactless(name_part)
    }
}

/// What is known of the reader of this name.
pub(crate) fn quirk(reader: &str) -> Option<&'static Quirk> {
    QUIRKS.iter().find(|quirk| is_part(quirk.name_part, reader))
}

pub(crate) fn is_part(name_part: &str, name: &str) -> bool {
    name.to_lowercase().contains(&name_part.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as drivers give them, and what is known by them.
    #[test]
    fn quirks_are_found_by_the_names_that_drivers_give() {
        for (name, limits, interface) in [
            (
                "ACS ACR122U PICC Interface 00 00",
                Limits::SHORT,
                Interface::Contactless,
            ),
            ("ACS ACR122 0", Limits::SHORT, Interface::Contactless),
            (
                "SCM SCR331-DI-NTTCom 00 00",
                Limits::SHORT,
                Interface::Contactless,
            ),
            (
                "SONY FeliCa RC-S300/P 00 00",
                Limits::EXTENDED,
                Interface::Contactless,
            ),
            (
                "SONY FeliCa Port/PaSoRi 4.0 0",
                Limits::EXTENDED,
                Interface::Contactless,
            ),
            (
                "Sony FeliCa Port/PaSoRi 3.0 0",
                Limits::EXTENDED,
                Interface::Contactless,
            ),
            (
                "Identive CLOUD 4700 F Contactless Reader 1",
                Limits::EXTENDED,
                Interface::Contactless,
            ),
            (
                "Identive CLOUD 4700 F Contact Reader 0",
                Limits::EXTENDED,
                Interface::Contact,
            ),
            (
                "ACS ACR1252 Dual Reader PICC 0",
                Limits::EXTENDED,
                Interface::Contactless,
            ),
            (
                "ACS ACR1252 Dual Reader SAM 0",
                Limits::EXTENDED,
                Interface::Contact,
            ),
            (
                "ACS ACR1281 1S Dual Reader ICC 0",
                Limits::EXTENDED,
                Interface::Contact,
            ),
            (
                "Alcorlink USB Smart Card Reader 0",
                Limits::EXTENDED,
                Interface::Contact,
            ),
            (
                "Windows Hello for Business 1",
                Limits::EXTENDED,
                Interface::Virtual,
            ),
        ] {
            let quirk = quirk(name).unwrap();
            assert_eq!((quirk.limits, quirk.interface), (limits, interface), "{name}");
        }
        assert!(quirk("Some Other Reader 00 00").is_none());
    }

    #[test]
    fn every_quirk_has_a_source_and_can_be_found() {
        for entry in QUIRKS {
            assert!(!entry.source.is_empty(), "{entry:?}");
            let found = quirk(&format!("a {} 00 00", entry.name_part)).unwrap();
            assert_eq!(found.name_part, entry.name_part, "hidden by an earlier one");
        }
    }
}
