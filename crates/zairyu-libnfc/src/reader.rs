//! An open device, and the few calls to it that are made.

use std::thread;
use std::time::Duration;

use nfc1::{BaudRate, Device, Modulation, ModulationType, Property, Timeout};
use zairyu_transport::{Error, ErrorKind, Limits};

use crate::cause::{Cause, error, while_looking, while_reading};
use crate::connection::{self, Port};
use crate::library::Library;
use crate::usb;

/// What libnfc carries to the chip and back: it copies a command over 262 bytes beyond its buffer, and gives up on a
/// response over 263. Short APDUs stay below either.
pub(crate) const LIMITS: Limits = Limits::SHORT;

/// Room for the longest response that libnfc gives, and one byte.
const RESPONSE_ROOM: usize = 264;

/// The application family of a residence card (在留カード等仕様書 Ver 1.5, §2): all families.
const ANY_FAMILY: [u8; 1] = [0x00];

const TYPE_B: Modulation = Modulation {
    modulation_type: ModulationType::Iso14443b,
    baud_rate: BaudRate::Baud106,
};

/// Off for at least this long, a card has forgotten everything; on for this long, it answers (ISO/IEC 14443-3, 5 ms
/// either).
const FIELD_SETTLES_WITHIN: Duration = Duration::from_millis(10);

/// How often a card that was reset is looked for.
const LOOKS_AFTER_RESET: usize = 5;

/// A device, as an initiator. Its calls block, and may do so longer than they are told.
pub(crate) struct Reader {
    /// `None` only while it is being dropped.
    device: Option<Device>,
    /// Held until the device is closed.
    _port: Option<Port>,
}

impl Reader {
    /// Opens the device, or the only one there is. Its connection string comes with it.
    pub(crate) fn open(connection_string: Option<&str>) -> Result<(Self, String), Error> {
        let mut library = Library::lock();
        let connection_string = match connection_string {
            Some(given) => given.to_owned(),
            None => only_one(library.devices()?)?,
        };
        connection::check(&connection_string)?;
        let port = Port::lock(&connection_string)?;
        let device = library
            .open(&connection_string)?
            .ok_or_else(|| connection::why_not(&connection_string))?;
        drop(library);
        if let Some(port) = &port {
            port.refuse_others();
        }
        let mut reader = Self {
            device: Some(device),
            _port: port,
        };
        reader.with(|device| {
            device.initiator_init()?;
            // One look at a time: the deadline is ours.
            device.set_property_bool(Property::InfiniteSelect, false)
        })?;
        Ok((reader, connection_string))
    }

    fn with<T>(&mut self, call: impl FnOnce(&mut Device) -> Result<T, nfc1::Error>) -> Result<T, Error> {
        self.device().and_then(call).map_err(while_looking)
    }

    fn device(&mut self) -> Result<&mut Device, nfc1::Error> {
        self.device.as_mut().ok_or(nfc1::Error::NoSuchDeviceFound)
    }

    /// Looks for a card and activates it.
    ///
    /// # Errors
    ///
    /// `NoCard` when there is none, `NoReader` when the reader fails.
    pub(crate) fn select(&mut self) -> Result<(), Error> {
        let found =
            self.with(|device| device.initiator_select_passive_target_with_init_data(&TYPE_B, &ANY_FAMILY));
        match found {
            // Of no card the crate nfc1 says that it is a Type A card without content.
            Ok(target) if target.modulation != TYPE_B => Err(Error::new(ErrorKind::NoCard)),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Exchanges a command with the active card.
    pub(crate) fn transmit(&mut self, command: &[u8], time_limit: Duration) -> Result<Vec<u8>, Error> {
        // The last guard before libnfc copies it to where there is room for 262 bytes.
        if command.len() > LIMITS.command() {
            return Err(Error::new(ErrorKind::LengthNotSupported));
        }
        let timeout = Timeout::Duration(in_libnfcs_range(time_limit));
        let response = self
            .device()
            .and_then(|device| device.initiator_transceive_bytes(command, RESPONSE_ROOM, timeout));
        match response {
            // Without a status word it is not the card's: cut off on the way.
            Ok(response) if response.len() < 2 => Err(self.look_into(Error::new(ErrorKind::ExchangeFailed))),
            Ok(response) if response.len() > LIMITS.response() => {
                Err(Error::new(ErrorKind::LengthNotSupported))
            }
            Ok(response) => Ok(response),
            Err(code) => Err(match while_reading(code) {
                Cause::Known(error) => error,
                Cause::Unclear(error) => self.look_into(error),
            }),
        }
    }

    /// Tells a disturbed exchange from a card or a reader that has left.
    fn look_into(&mut self, disturbed: Error) -> Error {
        match self.device().and_then(Device::initiator_target_is_present_any) {
            Ok(()) => disturbed,
            // Another card in its place does not answer either: it was never activated.
            Err(code @ (nfc1::Error::TargetReleased | nfc1::Error::RfTransmissionError)) => {
                error(ErrorKind::CardRemoved, code)
            }
            Err(code) => error(ErrorKind::NoReader, code),
        }
    }

    /// Takes the card's power away and looks for it again.
    ///
    /// # Errors
    ///
    /// `CardRemoved` when it is gone, `NoReader` when the reader fails.
    pub(crate) fn reset(&mut self) -> Result<(), Error> {
        // A card that does not answer any more needs no farewell.
        let _ = self.with(Device::initiator_deselect_target);
        self.with(|device| device.set_property_bool(Property::ActivateField, false))?;
        thread::sleep(FIELD_SETTLES_WITHIN);
        self.with(|device| device.set_property_bool(Property::ActivateField, true))?;
        for _ in 0..LOOKS_AFTER_RESET {
            thread::sleep(FIELD_SETTLES_WITHIN);
            match self.select() {
                Err(error) if error.kind() == ErrorKind::NoCard => {}
                found => return found,
            }
        }
        Err(Error::new(ErrorKind::CardRemoved))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(mut device) = self.device.take() {
            let _ = device.initiator_deselect_target();
            // Releases the card, switches the field off and sends the chip to sleep.
            let _library = Library::lock();
            drop(device);
        }
    }
}

fn only_one(mut devices: Vec<String>) -> Result<String, Error> {
    match (devices.pop(), devices.as_slice()) {
        (Some(device), []) => Ok(device),
        (None, _) => Err(usb::why_not().unwrap_or(Error::new(ErrorKind::NoReader))),
        (Some(device), others) => Err(Error::new(ErrorKind::Other).with_detail(format!(
            "there are several readers, name one: {}, {device}",
            others.join(", ")
        ))),
    }
}

/// As milliseconds in a C integer, and never 0: that is "for ever" to libnfc.
fn in_libnfcs_range(limit: Duration) -> Duration {
    limit.clamp(Duration::from_millis(1), Duration::from_secs(24 * 60 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_device_is_taken_and_none_of_several() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        assert_eq!(only_one(names(&["a"])).unwrap(), "a");
        let error = only_one(names(&["a", "b", "c"])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other);
        assert_eq!(
            error.detail(),
            Some("there are several readers, name one: a, b, c")
        );
    }

    #[test]
    fn no_limit_becomes_for_ever() {
        for limit in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            let millis = in_libnfcs_range(limit).as_millis();
            assert!(i32::try_from(millis).is_ok_and(|millis| millis > 0));
        }
    }
}
