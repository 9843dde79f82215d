use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::VirtualReader;

/// A private `pcscd` for this process, with virtual readers in it.
///
/// The real daemon, started in a mount namespace of its own, so that any number of test processes can have one at the
/// same time and none meets the system's. It needs `pcscd` and `unshare` (Debian: `pcscd`, `util-linux`), and
/// either root or unprivileged user namespaces.
///
/// The daemon ends when the value is dropped, and also when the process ends in any other way: a `static` is
/// fine.
///
/// The PC/SC client library finds the daemon by an environment variable that it reads once. So a process can have
/// one `Pcscd` at a time, and must make the first before its first PC/SC call.
#[derive(Debug)]
pub struct Pcscd {
    directory: PathBuf,
    readers: Vec<(Vec<u8>, VirtualReader)>,
    guardian: Child,
    orders: Mutex<(Option<ChildStdin>, BufReader<ChildStdout>)>,
}

/// Whether this process has a daemon now.
static RUNNING: AtomicBool = AtomicBool::new(false);

/// Starts the daemon, takes orders from the test process, and clears up when that process is gone: its end of the
/// pipe closes however it ends.
const GUARDIAN: &str = r#"
trap '' INT TERM HUP
PATH=$PATH:/usr/sbin:/sbin
directory=$1
# Without the right to make it, /run is covered: in this mount namespace only.
mkdir -p /run/pcscd 2>/dev/null || { mount -t tmpfs tmpfs /run && mkdir -p /run/pcscd; } || exit 1
mount --bind "$directory/run" /run/pcscd || exit 1
# The machine's real readers stay out of the tests.
if [ -d /usr/lib/pcsc/drivers ]; then mount --bind "$directory/empty" /usr/lib/pcsc/drivers || exit 1; fi
# Daemons built with polkit ask it for each client; there is none to answer here.
polkit=$(pcscd --help 2>&1 | grep -o -- --disable-polkit)
start() { pcscd --foreground --error $polkit -c "$directory/readers" >>"$directory/log" 2>&1 & daemon=$!; }
# A paused daemon would not notice that it is to end.
stop() { kill "$daemon" 2>/dev/null; kill -CONT "$daemon" 2>/dev/null; wait "$daemon" 2>/dev/null; rm -f "$directory/run/pcscd.comm"; }
start
echo started
while read -r order; do
    case $order in
    start) start ;;
    stop) stop ;;
    pause) kill -STOP "$daemon" ;;
    resume) kill -CONT "$daemon" ;;
    esac
    echo done
done
stop
rm -rf "$directory"
"#;

impl Pcscd {
    /// Starts the daemon with one virtual reader for each name. They are empty at first.
    ///
    /// PC/SC shows a reader by its name and two numbers, "Toy Reader 00 00". A name need not be UTF-8.
    ///
    /// # Errors
    ///
    /// A sentence that says what is missing: the packages, the right to make a namespace, this crate's driver
    /// library, or a second daemon was asked for in the same process.
    pub fn start<N: AsRef<[u8]>>(readers: &[N]) -> io::Result<Self> {
        if RUNNING.swap(true, Ordering::SeqCst) {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "this process has a pcscd already: the PC/SC library can talk to one only",
            ));
        }
        Self::start_only(readers).inspect_err(|_| RUNNING.store(false, Ordering::SeqCst))
    }

    fn start_only<N: AsRef<[u8]>>(names: &[N]) -> io::Result<Self> {
        let driver = driver()?;
        let directory = Self::claim_directory()?;
        for part in ["run", "readers", "empty"] {
            // A second daemon in this process finds them there.
            fs::create_dir_all(directory.join(part))?;
        }
        let mut configuration = Vec::new();
        let mut readers = Vec::new();
        for (number, name) in names.iter().enumerate() {
            let socket = directory.join(format!("reader{number}"));
            let name = name.as_ref();
            configuration.extend_from_slice(&[b"FRIENDLYNAME \"", name, b"\"\n"].concat());
            writeln!(
                configuration,
                "DEVICENAME unix:{}\nLIBPATH {}\nCHANNELID {number}\n",
                socket.display(),
                driver.display(),
            )?;
            readers.push((name.to_vec(), VirtualReader::bind(&socket)?));
        }
        fs::write(directory.join("readers/virtual"), configuration)?;

        let mut guardian = Command::new("unshare")
            .args(namespace()?)
            .args(["sh", "-c", GUARDIAN, "sh"])
            .arg(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(directory.join("log"))?)
            .spawn()?;
        let (Some(orders), Some(reports)) = (guardian.stdin.take(), guardian.stdout.take()) else {
            return Err(io::Error::other("no pipe to the daemon's guardian"));
        };
        let daemon = Self {
            directory,
            readers,
            guardian,
            orders: Mutex::new((Some(orders), BufReader::new(reports))),
        };
        daemon.report()?;
        daemon.wait_until_it_listens()?;
        Ok(daemon)
    }

    /// This process's own directory, and the client library pointed at it. The same for every daemon of the process,
    /// since the library remembers it.
    fn claim_directory() -> io::Result<PathBuf> {
        // Short, because a socket's path ends at 107 bytes.
        let directory = PathBuf::from(format!("/tmp/zairyu-pcscd-{}", std::process::id()));
        fs::create_dir_all(&directory)?;
        // SAFETY: the standard library guards its own accesses. Others in this process read the environment when the
        // PC/SC library does, at its first call, which by this type's contract comes later.
        unsafe { std::env::set_var("PCSCLITE_CSOCK_NAME", socket(&directory)) };
        Ok(directory)
    }

    /// The reader of this name.
    ///
    /// # Panics
    ///
    /// If the daemon was started without it: the test is wrong.
    #[must_use]
    #[expect(clippy::panic, reason = "tests only")]
    pub fn reader(&self, name: impl AsRef<[u8]>) -> &VirtualReader {
        let name = name.as_ref();
        match self.readers.iter().find(|(known, _)| known == name) {
            Some((_, reader)) => reader,
            None => panic!(
                "the daemon was started without a reader named {}",
                name.escape_ascii()
            ),
        }
    }

    /// Ends the daemon, as an administrator who stops the service does. The readers keep their cards.
    ///
    /// # Errors
    ///
    /// When its guardian is gone.
    pub fn stop(&self) -> io::Result<()> {
        self.order("stop")
    }

    /// Starts a stopped daemon again, with the readers that are plugged in by now.
    ///
    /// # Errors
    ///
    /// When it does not come up.
    pub fn restart(&self) -> io::Result<()> {
        self.order("start")?;
        self.wait_until_it_listens()
    }

    /// Makes the daemon hang: it is there, takes connections and answers nothing (`SIGSTOP`).
    ///
    /// # Errors
    ///
    /// When its guardian is gone.
    pub fn pause(&self) -> io::Result<()> {
        self.order("pause")
    }

    /// Lets a paused daemon go on.
    ///
    /// # Errors
    ///
    /// When its guardian is gone.
    pub fn resume(&self) -> io::Result<()> {
        self.order("resume")
    }

    /// The socket at which the client library of this process looks for its daemon. While the daemon is stopped a test
    /// can listen there in its place.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        socket(&self.directory)
    }

    fn order(&self, order: &str) -> io::Result<()> {
        if let Some(orders) = &mut lock(&self.orders).0 {
            writeln!(orders, "{order}")?;
        }
        self.report()
    }

    fn report(&self) -> io::Result<()> {
        let mut report = String::new();
        if lock(&self.orders).1.read_line(&mut report)? == 0 {
            return Err(self.failure("pcscd could not be started"));
        }
        Ok(())
    }

    fn wait_until_it_listens(&self) -> io::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        while UnixStream::connect(self.socket()).is_err() {
            if Instant::now() > deadline {
                return Err(self.failure("pcscd does not listen"));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn failure(&self, what: &str) -> io::Error {
        let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        io::Error::other(format!("{what} (Debian: apt-get install pcscd); it said:\n{log}"))
    }
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        // Closing the pipe is the order to clear up.
        lock(&self.orders).0.take();
        // The guardian is not waited for in vain: it only ever waits for the daemon it kills.
        let _ = self.guardian.wait();
        RUNNING.store(false, Ordering::SeqCst);
    }
}

fn socket(directory: &Path) -> PathBuf {
    directory.join("run/pcscd.comm")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The driver library that cargo built together with this crate.
///
/// Cargo builds all crate types of a dependency, and puts a shared library into `deps` beside the test programs.
fn driver() -> io::Result<PathBuf> {
    const NAME: &str = "libzairyu_virtual_reader.so";
    let program = std::env::current_exe()?;
    let beside = program.parent().unwrap_or(Path::new("/"));
    // Tests are in `deps`; programs and examples in `deps`' parent or beside it.
    [beside.to_owned(), beside.join("deps"), beside.join("../deps")]
        .into_iter()
        .map(|directory| directory.join(NAME))
        .find(|driver| driver.is_file())
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                format!(
                    "{NAME} is not beside {}: run the test through cargo",
                    program.display()
                ),
            )
        })
}

/// The arguments by which `unshare` gives us a mount namespace here: as root, or as root of a new user namespace.
fn namespace() -> io::Result<&'static [&'static str]> {
    let candidates: [&[&str]; 2] = [&["--mount"], &["--mount", "--map-root-user"]];
    for arguments in candidates {
        let allowed = Command::new("unshare")
            .args(arguments)
            .arg("true")
            .stderr(Stdio::null())
            .status()?;
        if allowed.success() {
            return Ok(arguments);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        "no mount namespace could be made: run as root, or allow unprivileged user namespaces",
    ))
}
