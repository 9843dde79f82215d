//! Connections: TLS, one request each, and the faults that are below a page.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

use crate::{
    Fault, Request, Shared,
    pages::{self, Reply},
};

/// No visitor is waited for longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// More is no request of ours.
const LONGEST_REQUEST: u64 = 64 * 1024;

/// The certificates that the service can show.
pub(crate) struct Certificates {
    pub(crate) ca: Vec<u8>,
    right: Arc<ServerConfig>,
    unknown_ca: Arc<ServerConfig>,
    other_host: Arc<ServerConfig>,
}

impl Certificates {
    pub(crate) fn new() -> io::Result<Self> {
        let ca = issuer().map_err(io::Error::other)?;
        let unknown = issuer().map_err(io::Error::other)?;
        Ok(Self {
            ca: ca.der().to_vec(),
            right: config(&ca, "localhost")?,
            unknown_ca: config(&unknown, "localhost")?,
            other_host: config(&ca, "elsewhere.invalid")?,
        })
    }

    fn of(&self, fault: Option<Fault>) -> Arc<ServerConfig> {
        Arc::clone(match fault {
            Some(Fault::UnknownCa) => &self.unknown_ca,
            Some(Fault::OtherHost) => &self.other_host,
            _ => &self.right,
        })
    }
}

fn issuer() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "zairyu-revocation-standin test CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn config(issuer: &CertifiedIssuer<'_, KeyPair>, host: &str) -> io::Result<Arc<ServerConfig>> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let params = CertificateParams::new(vec![host.to_owned()]).map_err(io::Error::other)?;
    let certificate = params.signed_by(&key, issuer).map_err(io::Error::other)?;
    let chain = vec![CertificateDer::from(certificate)];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(io::Error::other)?;
    Ok(Arc::new(config))
}

/// Serves until told to stop. Each visitor has a thread, which a broken connection ends.
pub(crate) fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for visitor in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        if let Ok(visitor) = visitor {
            let shared = Arc::clone(shared);
            std::thread::spawn(move || {
                // A visitor who leaves in the middle is no concern of ours.
                let _ = serve(visitor, &shared);
            });
        }
    }
}

fn serve(visitor: TcpStream, shared: &Shared) -> io::Result<()> {
    visitor.set_read_timeout(Some(PATIENCE))?;
    visitor.set_write_timeout(Some(PATIENCE))?;
    let fault = shared.script().fault;
    match fault {
        Some(Fault::Reset) => return reset(&visitor),
        Some(Fault::Silent) => return hold(visitor, shared),
        _ => {}
    }
    let connection = ServerConnection::new(shared.certificates.of(fault)).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, visitor);
    let Some(request) = read_request(&mut stream)? else {
        return Ok(());
    };
    shared.note(request.clone());
    let reply = pages::reply(&request, shared.script(), shared.address.port());
    let cut = if reply.is_result { fault } else { None };
    match (cut, fault) {
        (Some(Fault::ShortOfLength), _) => {
            head(
                &mut stream,
                &reply,
                &format!("Content-Length: {}", reply.body.len()),
            )?;
            stream.write_all(up_to_answer(&reply.body))?;
            stream.flush()
        }
        (Some(Fault::ShortOfChunk), _) => {
            head(&mut stream, &reply, "Transfer-Encoding: chunked")?;
            write!(stream, "{:x}\r\n", reply.body.len())?;
            stream.write_all(up_to_answer(&reply.body))?;
            stream.flush()
        }
        (Some(Fault::CutAfterAnswer), _) => {
            head(&mut stream, &reply, "X-Length: none")?;
            stream.write_all(up_to_answer(&reply.body))?;
            stream.flush()
        }
        (Some(Fault::HangUpAtResult), _) => stream.sock.shutdown(Shutdown::Both),
        (_, Some(Fault::NotHttp)) => {
            stream.write_all(b"220 mail.invalid ESMTP\r\n")?;
            stream.flush()
        }
        (_, Some(Fault::HugePage)) => {
            head(&mut stream, &reply, "Content-Length: 67108864")?;
            flood(&mut stream, b"<p>", 64 << 20)
        }
        (_, Some(Fault::HugeHeaders)) => {
            write!(stream, "HTTP/1.1 200 OK\r\n")?;
            flood(&mut stream, b"X-More: of this\r\n", 64 << 20)
        }
        (_, Some(Fault::Trickle)) => {
            head(&mut stream, &reply, "Content-Length: 1000000")?;
            while !shared.stopped.load(Ordering::SeqCst) {
                stream.write_all(b" ")?;
                stream.flush()?;
                std::thread::sleep(Duration::from_millis(20));
            }
            Ok(())
        }
        _ => {
            head(
                &mut stream,
                &reply,
                &format!("Content-Length: {}", reply.body.len()),
            )?;
            stream.write_all(&reply.body)?;
            stream.conn.send_close_notify();
            stream.flush()
        }
    }
}

/// Closing with bytes unread makes the system send a reset.
fn reset(visitor: &TcpStream) -> io::Result<()> {
    visitor.peek(&mut [0])?;
    Ok(())
}

/// Keeps the connection and says nothing, until the visitor leaves.
fn hold(mut visitor: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut buffer = [0; 512];
    loop {
        if shared.stopped.load(Ordering::SeqCst) || visitor.read(&mut buffer)? == 0 {
            return Ok(());
        }
    }
}

fn flood(stream: &mut impl Write, piece: &[u8], length: usize) -> io::Result<()> {
    let block = piece.repeat(1024);
    let mut left = length;
    while left > 0 {
        stream.write_all(&block)?;
        left = left.saturating_sub(block.len());
    }
    stream.flush()
}

/// The page up to the end of the paragraph with the answer.
fn up_to_answer(body: &[u8]) -> &[u8] {
    let end = b"</div>";
    let position = body.windows(end.len()).position(|window| window == end);
    let end = position.map_or(0, |position| position.saturating_add(end.len()));
    body.get(..end).unwrap_or_default()
}

fn head(stream: &mut impl Write, reply: &Reply, length: &str) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {} Stand-in\r\nContent-Type: {}\r\nConnection: close\r\n{length}\r\n",
        reply.status, reply.content_type
    )?;
    for (name, value) in &reply.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "\r\n")
}

/// One request; `None` when the visitor only knocked.
fn read_request(stream: &mut impl Read) -> io::Result<Option<Request>> {
    let mut stream = BufReader::new(stream.take(LONGEST_REQUEST));
    let mut line = || -> io::Result<String> {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: Vec::new(),
    };
    let length = request
        .header("content-length")
        .and_then(|value| value.parse().ok())
        .unwrap_or(0);
    stream.take(length).read_to_end(&mut request.body)?;
    Ok(Some(request))
}
