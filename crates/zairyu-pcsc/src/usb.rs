//! Card readers on the USB, as the Linux kernel lists them: to tell a missing driver from a missing reader.

use std::fs;
use std::path::Path;

/// The interface class of card readers (USB CCID, 4.3: "Smart Card Device Class").
const SMART_CARD_CLASS: &str = "0b";

/// Readers of another class: Sony RC-S380/S and RC-S380/P.
const OTHERS: [(&str, &str); 2] = [("054c", "06c1"), ("054c", "06c3")];

/// A device that is, or holds, a card reader.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UsbReader {
    /// Vendor and product, "054c:06c3".
    pub(crate) id: String,
    /// The kernel's own driver that has claimed it.
    pub(crate) kernel_driver: Option<String>,
    /// Whether it has no PC/SC driver outside Windows.
    pub(crate) windows_only: bool,
}

/// The readers below a folder like `/sys/bus/usb/devices`.
pub(crate) fn card_readers(devices: &Path) -> Vec<UsbReader> {
    let mut readers = Vec::new();
    let Ok(entries) = fs::read_dir(devices) else {
        return readers;
    };
    for entry in entries.flatten() {
        // Interfaces are named for their device: "1-4:1.0".
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((device, _)) = name.split_once(':') else {
            continue;
        };
        let value = |path: std::path::PathBuf| {
            let text = fs::read_to_string(path).unwrap_or_default();
            text.trim().to_lowercase()
        };
        let class = value(entry.path().join("bInterfaceClass"));
        let vendor = value(devices.join(device).join("idVendor"));
        let product = value(devices.join(device).join("idProduct"));
        let windows_only = OTHERS.contains(&(&vendor, &product));
        if class != SMART_CARD_CLASS && !windows_only {
            continue;
        }
        let driver = fs::read_link(entry.path().join("driver")).ok();
        let kernel_driver = driver
            .as_deref()
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy().into_owned())
            // That of programs, like pcscd.
            .filter(|name| name != "usbfs");
        readers.push(UsbReader {
            id: format!("{vendor}:{product}"),
            kernel_driver,
            windows_only,
        });
    }
    readers.sort_unstable();
    readers.dedup();
    readers
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn readers_are_found_by_class_and_by_name() {
        let root = std::env::temp_dir().join(format!("zairyu-pcsc-usb-{}", std::process::id()));
        let device = |name: &str, vendor: &str, product: &str, class: &str, driver: Option<&str>| {
            let interface = root.join(format!("{name}:1.0"));
            fs::create_dir_all(root.join(name)).unwrap();
            fs::create_dir_all(&interface).unwrap();
            fs::write(root.join(name).join("idVendor"), format!("{vendor}\n")).unwrap();
            fs::write(root.join(name).join("idProduct"), format!("{product}\n")).unwrap();
            fs::write(interface.join("bInterfaceClass"), format!("{class}\n")).unwrap();
            if let Some(driver) = driver {
                symlink(Path::new("../../drivers").join(driver), interface.join("driver")).unwrap();
            }
        };
        device("1-1", "072f", "2200", "0b", Some("pn533_usb"));
        device("1-2", "054c", "06c3", "ff", None);
        device("1-3", "054c", "0dc8", "0b", Some("usbfs"));
        device("1-4", "046d", "c31c", "03", Some("usbhid"));
        let found = card_readers(&root);
        fs::remove_dir_all(&root).unwrap();
        let reader = |id: &str, kernel_driver: Option<&str>, windows_only| UsbReader {
            id: id.to_owned(),
            kernel_driver: kernel_driver.map(str::to_owned),
            windows_only,
        };
        assert_eq!(
            found,
            [
                reader("054c:06c3", None, true),
                reader("054c:0dc8", None, false),
                reader("072f:2200", Some("pn533_usb"), false),
            ]
        );
        assert!(card_readers(Path::new("/no/such/folder")).is_empty());
    }
}
