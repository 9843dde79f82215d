//! The system packages that the tests and measurements need, by what they give.

use std::process::Command;

use crate::{Failure, run, succeeds};

/// Debian's name of the package, and a shell command that succeeds where it is not needed any more.
const NEEDED: [(&str, &str); 13] = [
    ("pkg-config", "pkg-config --version"),
    ("libpcsclite-dev", "pkg-config --exists libpcsclite"),
    ("pcscd", "PATH=$PATH:/usr/sbin:/sbin; command -v pcscd"),
    ("libnfc-dev", "pkg-config --exists libnfc"),
    (
        "libclang-dev",
        "ls /usr/lib/llvm-*/lib/libclang.so /usr/lib/*/libclang*.so* 2>/dev/null | grep -q .",
    ),
    ("openssl", "openssl version"),
    ("libtiff-tools", "command -v tiffcp"),
    (
        "libopenjp2-tools",
        "command -v opj_compress && command -v opj_decompress",
    ),
    // What the measurements in benches/ compare with.
    ("libssl-dev", "pkg-config --exists openssl"),
    ("libtiff-dev", "pkg-config --exists libtiff-4"),
    ("util-linux", "command -v unshare"),
    ("chromium", "command -v chromium"),
    ("fonts-noto-cjk", "fc-list 2>/dev/null | grep -qi notosanscjk"),
];

/// Installs what is missing where that is allowed; otherwise says what to run.
pub(crate) fn install_missing() -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(_, test)| !succeeds(Command::new("sh").args(["-c", test])))
        .map(|(package, _)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!(
        "apt-get install --yes --no-install-recommends {}",
        missing.join(" ")
    );
    println!("missing packages: {}", missing.join(" "));
    let can_install = succeeds(Command::new("sh").args(["-c", "command -v apt-get"]));
    let is_root = succeeds(Command::new("sh").args(["-c", "test $(id -u) = 0"]));
    let prefix: &[&str] = if is_root {
        &["env"]
    } else {
        &["sudo", "--non-interactive", "env"]
    };
    if !can_install || (!is_root && !succeeds(Command::new("sudo").args(["--non-interactive", "true"]))) {
        return Err(format!("run this first (names as in Debian): sudo {by_hand}"));
    }
    for arguments in ["apt-get update", &by_hand] {
        let words = prefix
            .iter()
            .copied()
            .chain(["DEBIAN_FRONTEND=noninteractive"])
            .chain(arguments.split(' '));
        let words: Vec<&str> = words.collect();
        if let Some((program, arguments)) = words.split_first() {
            run(Command::new(program).args(arguments))?;
        }
    }
    Ok(())
}
