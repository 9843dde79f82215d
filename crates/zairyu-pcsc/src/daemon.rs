//! What can be learnt of pcscd beside its client library, which says no more than "no service".
//!
//! Source: pcsc-lite's `winscard_msg.h` (`CMD_VERSION`) and `winscard_svc.c`: the client's first message says which
//! version of the protocol it speaks, and the daemon answers with its own.

use std::env;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

const CMD_VERSION: u32 = 0x11;

/// The version of pcscd 1.8.24 to 2.2; later ones speak it too.
const MAJOR: i32 = 4;
const MINOR: i32 = 4;

/// How the daemon behaves to somebody who knocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Daemon {
    /// Its socket is not there: it never ran, or not in this container.
    NoSocket,
    /// Its socket is there, and nobody listens.
    NotListening,
    /// The file system does not let us at its socket.
    SocketForbidden,
    /// It hangs up on us: polkit says no.
    Refuses,
    /// It listens and says nothing.
    Silent,
    /// It answers, in this version of the protocol.
    Speaks { major: i32, minor: i32 },
}

/// Where the client library looks for the daemon.
pub(crate) fn socket() -> PathBuf {
    env::var_os("PCSCLITE_CSOCK_NAME").map_or_else(|| PathBuf::from("/run/pcscd/pcscd.comm"), PathBuf::from)
}

/// Knocks at the daemon's socket.
pub(crate) fn knock(patience: Duration) -> Daemon {
    let mut stream = match UnixStream::connect(socket()) {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                ErrorKind::NotFound => Daemon::NoSocket,
                ErrorKind::PermissionDenied => Daemon::SocketForbidden,
                _ => Daemon::NotListening,
            };
        }
    };
    // A time-out of zero would be none.
    let patience = patience.max(Duration::from_millis(1));
    let limited = stream
        .set_read_timeout(Some(patience))
        .and_then(|()| stream.set_write_timeout(Some(patience)));
    if limited.is_err() {
        return Daemon::Silent;
    }
    let mut question = Vec::new();
    question.extend(12u32.to_ne_bytes());
    question.extend(CMD_VERSION.to_ne_bytes());
    question.extend(MAJOR.to_ne_bytes());
    question.extend(MINOR.to_ne_bytes());
    question.extend(0u32.to_ne_bytes());
    let mut answer = [0; 12];
    match stream
        .write_all(&question)
        .and_then(|()| stream.read_exact(&mut answer))
    {
        Ok(()) => {
            let [a, b, c, d, e, f, g, h, ..] = answer;
            Daemon::Speaks {
                major: i32::from_ne_bytes([a, b, c, d]),
                minor: i32::from_ne_bytes([e, f, g, h]),
            }
        }
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Daemon::Silent,
            _ => Daemon::Refuses,
        },
    }
}
