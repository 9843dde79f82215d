//! Why libnfc finds or opens no USB reader, as far as Linux knows. libnfc passes over readers that it may not use.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use zairyu_transport::{Error, ErrorKind};

/// Vendor and product of the readers that libnfc 1.8.0 drives over USB (`pn53x_usb.c`, `acr122_usb.c`).
const READERS: [(&str, &str); 10] = [
    ("04cc", "0531"),
    ("04cc", "2533"),
    ("04e6", "5591"),
    ("04e6", "5594"),
    ("054c", "0193"),
    ("054c", "02e1"),
    ("072f", "2200"),
    ("072f", "2214"),
    ("072f", "90cc"),
    ("1fd3", "0608"),
];

/// What stands in the way of the first known reader that has something in its way; `None` when there is no such reader.
pub(crate) fn why_not() -> Option<Error> {
    find(Path::new("/sys/bus/usb/devices"), Path::new("/dev/bus/usb"))
}

fn find(devices: &Path, nodes: &Path) -> Option<Error> {
    let mut paths: Vec<PathBuf> = fs::read_dir(devices)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths.iter().find_map(|device| hindrance(device, devices, nodes))
}

fn hindrance(device: &Path, devices: &Path, nodes: &Path) -> Option<Error> {
    let attribute = |name| Some(fs::read_to_string(device.join(name)).ok()?.trim().to_owned());
    let (vendor, product) = (attribute("idVendor")?, attribute("idProduct")?);
    if !READERS.contains(&(&vendor, &product)) {
        return None;
    }
    let number = |name| attribute(name)?.parse::<u32>().ok();
    let node = nodes.join(format!("{:03}/{:03}", number("busnum")?, number("devnum")?));
    let opened = rustix::fs::open(&node, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty());
    if let Err(Errno::ACCESS | Errno::PERM) = opened {
        return Some(Error::new(ErrorKind::NotAuthorised).with_detail(format!(
            "no access to the reader {vendor}:{product} at {}: on Debian, install libnfc6 and join the group plugdev",
            node.display()
        )));
    }
    drop(opened);
    // The reader's first interface, beside it: "1-2:1.0".
    let mut interface = device.file_name()?.to_owned();
    interface.push(":1.0");
    let driver = fs::read_link(devices.join(interface).join("driver")).ok()?;
    let detail = match driver.file_name()?.to_str()? {
        "usbfs" => format!("another program has the reader {vendor}:{product}; pcscd is one that takes it"),
        driver => format!(
            "the kernel's driver {driver} has the reader {vendor}:{product}: blacklist it, or remove it with modprobe -r"
        ),
    };
    Some(Error::new(ErrorKind::InUse).with_detail(detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A made-up `/sys` and `/dev` with one reader in it.
    struct Machine(PathBuf);

    impl Machine {
        fn with(name: &str, vendor: &str, driver: Option<&str>) -> Self {
            let root = std::env::temp_dir().join(format!("zairyu-libnfc-usb-{}-{name}", std::process::id()));
            let device = root.join("sys/1-2");
            fs::create_dir_all(&device).unwrap();
            for (attribute, value) in [
                ("idVendor", vendor),
                ("idProduct", "2200"),
                ("busnum", "1"),
                ("devnum", "7"),
            ] {
                fs::write(device.join(attribute), format!("{value}\n")).unwrap();
            }
            fs::create_dir_all(root.join("dev/001")).unwrap();
            fs::write(root.join("dev/001/007"), "").unwrap();
            let interface = root.join("sys/1-2:1.0");
            fs::create_dir_all(&interface).unwrap();
            if let Some(driver) = driver {
                symlink(format!("../../drivers/{driver}"), interface.join("driver")).unwrap();
            }
            Self(root)
        }

        fn find(&self) -> Option<Error> {
            find(&self.0.join("sys"), &self.0.join("dev"))
        }
    }

    impl Drop for Machine {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_free_reader_and_another_device_are_in_nobodys_way() {
        assert_eq!(Machine::with("free", "072f", None).find(), None);
        assert_eq!(Machine::with("other", "1234", Some("usbfs")).find(), None);
        assert_eq!(find(Path::new("/nonesuch"), Path::new("/nonesuch")), None);
    }

    #[test]
    fn a_reader_that_another_has_is_in_use() {
        for (driver, said) in [
            ("usbfs", "another program"),
            ("pn533_usb", "kernel's driver pn533_usb"),
        ] {
            let error = Machine::with(driver, "072f", Some(driver)).find().unwrap();
            assert_eq!(error.kind(), ErrorKind::InUse);
            assert!(error.detail().unwrap().contains(said), "{error}");
        }
    }
}
