//! Devices by their connection strings: taking one for ourselves, and what stands in the way when libnfc does not say.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use zairyu_transport::{Error, ErrorKind};

use crate::usb;

/// libnfc's connection strings are C strings of at most so many bytes.
const LONGEST: usize = 1023;

/// The device node of a reader at a port, held for ourselves as long as it lives.
///
/// libnfc means to mark a serial port as taken, by a bit that the GNU C library drops: two programs get the same one and
/// garble each other's exchange. So it is locked here.
pub(crate) struct Port(OwnedFd);

impl Port {
    /// Locks the node in the connection string; `None` for the drivers that have none.
    ///
    /// # Errors
    ///
    /// `NoReader` when it is not there, `NotAuthorised` without rights, `InUse` when another program has locked it.
    pub(crate) fn lock(connection_string: &str) -> Result<Option<Self>, Error> {
        let Some(path) = node(connection_string) else {
            return Ok(None);
        };
        let node = rustix::fs::open(
            &path,
            OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .map_err(|errno| hindrance(&path, errno))?;
        match flock(&node, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => Err(hindrance(&path, Errno::BUSY)),
            // Where there are no locks, nobody else has one.
            _ => Ok(Some(Self(node))),
        }
    }

    /// Has the system refuse it to programs that do not ask for the lock. To be called when libnfc has opened it too.
    pub(crate) fn refuse_others(&self) {
        // Only serial ports can.
        let _ = rustix::termios::ioctl_tiocexcl(&self.0);
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        let _ = rustix::termios::ioctl_tiocnxcl(&self.0);
    }
}

fn hindrance(port: &Path, errno: Errno) -> Error {
    let port = port.display();
    let (kind, detail) = match errno {
        Errno::ACCESS | Errno::PERM => (
            ErrorKind::NotAuthorised,
            format!("no access to {port}: on Debian, the group dialout has it"),
        ),
        Errno::BUSY => (ErrorKind::InUse, format!("another program has {port}")),
        Errno::NOENT | Errno::NXIO | Errno::NODEV | Errno::NOTDIR => {
            (ErrorKind::NoReader, format!("there is no {port}"))
        }
        errno => (ErrorKind::NoReader, format!("{port}: {errno}")),
    };
    Error::new(kind).with_detail(detail)
}

/// Refuses what cannot be a connection string.
pub(crate) fn check(connection_string: &str) -> Result<(), Error> {
    let is_sound = !connection_string.is_empty()
        && connection_string.len() <= LONGEST
        && !connection_string.contains('\0');
    if is_sound {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::NoReader).with_detail("this is no libnfc connection string"))
    }
}

/// Why libnfc could not open this device, as far as the system knows.
pub(crate) fn why_not(connection_string: &str) -> Error {
    let driver = connection_string.split(':').next().unwrap_or_default();
    let reason = if driver == "usb" || driver.ends_with("_usb") {
        usb::why_not()
    } else {
        None
    };
    reason.unwrap_or_else(|| {
        Error::new(ErrorKind::NoReader).with_detail(match node(connection_string) {
            Some(node) => format!("no NFC chip answers at {}", node.display()),
            None => format!("libnfc cannot open {connection_string}"),
        })
    })
}

/// The device node in the connection string, for the drivers that use one.
fn node(connection_string: &str) -> Option<PathBuf> {
    let mut parts = connection_string.split(':');
    let driver = parts.next()?;
    let is_at_a_node = matches!(
        driver,
        "pn532_uart" | "acr122s" | "arygon" | "pn532_i2c" | "pn532_spi"
    );
    parts
        .next()
        .filter(|node| is_at_a_node && node.starts_with('/'))
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_strings() {
        assert!(check("pn532_uart:/dev/ttyUSB0:115200").is_ok());
        assert!(check(&"x".repeat(1023)).is_ok());
        for nonsense in ["", "pn532_uart:\0", &"x".repeat(1024)] {
            assert_eq!(check(nonsense).unwrap_err().kind(), ErrorKind::NoReader);
        }
    }

    #[test]
    fn nodes_in_connection_strings() {
        for (text, expected) in [
            ("pn532_uart:/dev/ttyUSB0:115200", Some("/dev/ttyUSB0")),
            ("pn532_uart:/dev/ttyUSB0", Some("/dev/ttyUSB0")),
            ("arygon:/dev/ttyS1:9600", Some("/dev/ttyS1")),
            ("pn532_i2c:/dev/i2c-1", Some("/dev/i2c-1")),
            ("pn532_uart", None),
            ("pn532_uart:ttyUSB0", None),
            ("pn53x_usb:001:002", None),
            ("", None),
        ] {
            assert_eq!(node(text), expected.map(PathBuf::from), "{text}");
        }
    }

    #[test]
    fn hindrances_by_the_systems_error() {
        for (errno, kind) in [
            (Errno::ACCESS, ErrorKind::NotAuthorised),
            (Errno::BUSY, ErrorKind::InUse),
            (Errno::NOENT, ErrorKind::NoReader),
            (Errno::IO, ErrorKind::NoReader),
        ] {
            assert_eq!(hindrance(Path::new("/dev/x"), errno).kind(), kind);
        }
    }

    #[test]
    fn a_lock_keeps_others_out_until_it_ends() {
        let path = std::env::temp_dir().join(format!("zairyu-libnfc-lock-{}", std::process::id()));
        std::fs::write(&path, "").unwrap();
        let text = format!("pn532_uart:{}:115200", path.display());
        let kind =
            |result: Result<Option<Port>, Error>| result.map(|port| port.is_some()).map_err(|e| e.kind());
        let port = Port::lock(&text).unwrap();
        assert_eq!(kind(Port::lock(&text)), Err(ErrorKind::InUse));
        drop(port);
        assert_eq!(kind(Port::lock(&text)), Ok(true));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(kind(Port::lock(&text)), Err(ErrorKind::NoReader));
        assert_eq!(kind(Port::lock("pn53x_usb:001:002")), Ok(false));
    }
}
