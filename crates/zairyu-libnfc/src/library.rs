//! libnfc itself: one context for the process, and its guards.

use std::env;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nfc1::Context;
use zairyu_transport::{Error, ErrorKind};

use crate::cause::error;

/// The process's context, made when it is first wanted and never ended.
///
/// libnfc's list of drivers and libusb's list of devices are unprotected globals, an open device points into its
/// context, and making a context changes the process's environment: so there is one, it outlives every device, and one
/// thread at a time looks for devices, opens or closes them.
static CONTEXT: Mutex<Option<Context>> = Mutex::new(None);

/// More devices than this are not listed.
const MOST_DEVICES: usize = 16;

/// Descriptors that opening a device may take: a serial port and a pipe, or what libusb needs.
const DESCRIPTORS: usize = 16;

/// The C library's `FD_SETSIZE`: `select()` knows no descriptor from this number on.
const FD_SETSIZE: i32 = 1024;

/// libnfc's context, for this thread alone.
pub(crate) struct Library(MutexGuard<'static, Option<Context>>);

impl Library {
    /// Waits for other threads to be done with it.
    pub(crate) fn lock() -> Self {
        Self(CONTEXT.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn context(&mut self) -> Result<&mut Context, Error> {
        if self.0.is_none() {
            *self.0 = Some(Context::new().map_err(|code| error(ErrorKind::Other, code))?);
        }
        refuse_to_log_card_data()?;
        self.0.as_mut().ok_or(Error::new(ErrorKind::Other))
    }

    /// The connection strings of the devices there are, each once.
    pub(crate) fn devices(&mut self) -> Result<Vec<String>, Error> {
        let context = self.context()?;
        refuse_high_descriptors()?;
        let found = context
            .list_devices(MOST_DEVICES)
            .map_err(|code| error(ErrorKind::Other, code))?;
        let mut devices = Vec::with_capacity(found.len());
        for device in found {
            // One from the configuration may be found once more.
            if !device.is_empty() && !devices.contains(&device) {
                devices.push(device);
            }
        }
        Ok(devices)
    }

    /// The device, or `None`, for which libnfc gives no reason.
    pub(crate) fn open(&mut self, connection_string: &str) -> Result<Option<nfc1::Device>, Error> {
        let context = self.context()?;
        refuse_high_descriptors()?;
        match context.open_with_connstring(connection_string) {
            Ok(mut device) => {
                // The serial driver says that a device is open even if the chip fell silent half-way; its list of
                // card types is a null pointer then, which libnfc would follow.
                if let Some(code) = device.get_last_error() {
                    return Err(error(ErrorKind::NoReader, code));
                }
                Ok(Some(device))
            }
            Err(nfc1::Error::NoDeviceFound) => Ok(None),
            Err(code) => Err(error(ErrorKind::Other, code)),
        }
    }
}

/// libnfc waits by `select()`, which writes beyond its table for descriptors from 1024 on.
fn refuse_high_descriptors() -> Result<(), Error> {
    use rustix::fs::{Mode, OFlags, open};
    use std::os::fd::AsRawFd;

    let refused = || {
        Error::new(ErrorKind::Other).with_detail(
            "this program has too many open files for libnfc, which can use none numbered 1024 or higher",
        )
    };
    // The system gives the lowest free numbers, and would give these to libnfc.
    let mut opened = Vec::with_capacity(DESCRIPTORS);
    for _ in 0..DESCRIPTORS {
        let file =
            open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(|_| refused())?;
        if file.as_raw_fd() >= FD_SETSIZE {
            return Err(refused());
        }
        opened.push(file);
    }
    Ok(())
}

/// At its level "debug" libnfc writes every byte to and from the card to the standard error stream. When a context is
/// made, the level from libnfc's configuration ends up in the environment too.
fn refuse_to_log_card_data() -> Result<(), Error> {
    let level = env::var("LIBNFC_LOG_LEVEL").unwrap_or_default();
    if logs_card_data(&level) {
        return Err(Error::new(ErrorKind::Other).with_detail(
            "libnfc is set to log everything a card says: lower LIBNFC_LOG_LEVEL, or log_level in its configuration",
        ));
    }
    Ok(())
}

/// The level is a decimal number; each two of its bits are one part's level, and 3 is "debug".
fn logs_card_data(level: &str) -> bool {
    let digits: String = level
        .trim_start()
        .trim_start_matches(['+', '-'])
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    if digits.is_empty() {
        return false;
    }
    // More than the C library's number holds: nobody knows what it makes of it.
    let Ok(level) = digits.parse::<u32>() else {
        return true;
    };
    (0..16).any(|part| (level >> (2 * part)) & 3 == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_that_log_card_data() {
        for level in ["3", "7", " 3", "03", "3x", "12", "3072", "99999999999"] {
            assert!(logs_card_data(level), "{level}");
        }
        for level in ["", "0", "1", "2", "x", "4", "1025"] {
            assert!(!logs_card_data(level), "{level}");
        }
    }
}
