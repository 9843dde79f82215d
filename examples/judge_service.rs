//! A small HTTP service that judges dumps: `POST /judge` takes what `Reading::to_dump` saved, and answers with the report.
//!
//! ```text
//! cargo run --release --example judge_service --features service -- --anchor ec_cacert_20260420.crt
//! curl --data-binary @dump.json --header 'content-type: application/json' http://127.0.0.1:8080/judge
//! ```
//!
//! It keeps nothing between two requests, so it scales by copies behind any balancer; `GET /healthz` is for that one.
//! The CA certificates are loaded at the start. It speaks plain HTTP on loopback and knows no users: TLS and who may ask are
//! the business of what stands before it.
//!
//! # Limits
//!
//! | what | limit | what happens then |
//! |---|---|---|
//! | body | 65,536 bytes ([`Reading::MAX_DUMP_LEN`]), announced or chunked | 413 |
//! | header | 16 KiB, 64 fields | 431 |
//! | time for a header, and between requests | `--patience`, 10 s | the connection is closed |
//! | time for a body and its judgement | `--patience` | 408 |
//! | connections at a time | `--connections`, 256 | 503 |
//! | age of a connection | 60 s | closed after the request under way |
//! | judgements at a time | one for each processor; the others wait their turn | – |
//!
//! A browser cannot be made to post here unasked: only `content-type: application/json` is taken.
//!
//! # Privacy
//!
//! A line of the log holds the time, the route, the status, the answer's length and the milliseconds: no path, no number, no
//! image, no address. The answer holds what the card says, for the one who sent the card's files, and is marked `no-store`.
//!
//! # Why hyper
//!
//! It is the HTTP/1 under most Rust services, well kept and fuzzed, and every limit above is a setting of it or of tokio, for some
//! 20 packages more. axum stands on it and brings routing that two routes do not need; `tiny_http`, last
//! released in 2022, has no settings for slow clients.
//!
//! How much it carries was measured: `docs/guide/service.md`.

use std::convert::Infallible;
use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use zairyu::data::Generation;
use zairyu::{Anchors, Reading, Timestamp};
use zairyu_testcard::Issuer;

/// A connection that lives longer is closed after its request, so that a balancer can spread the load anew.
const LONGEST_CONNECTION: Duration = Duration::from_secs(60);

/// The bytes of a header, or of requests sent ahead.
const HEADER_BUFFER_LEN: usize = 16 * 1024;

const MOST_HEADERS: usize = 64;

/// What the connections beyond the limit get, without their request being read.
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Judges dumps of residence cards (在留カード) over HTTP.
#[derive(Parser)]
#[command(name = "judge_service")]
struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// A CA certificate to trust, DER or PEM; repeatable
    #[arg(
        long = "anchor",
        value_name = "FILE",
        required_unless_present = "software_cards"
    )]
    anchors: Vec<PathBuf>,

    /// Trusts the CA of this workspace's software cards too, to try it out: their reports say so
    #[arg(long)]
    software_cards: bool,

    /// How long a client may take to send something, and how long a stop waits for requests under way
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    patience: u64,

    /// How many connections there may be at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 256)]
    connections: u32,
}

fn main() -> ExitCode {
    match serve(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let _ = writeln!(io::stderr(), "{sentence}.");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &Options) -> Result<(), String> {
    let judge = Judge {
        anchors: load_anchors(options)?,
        patience: Duration::from_secs(options.patience),
    };
    // Judging is computing: more of it at a time than there are processors would only make all of it slower.
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(processors)
        .max_blocking_threads(processors)
        .enable_all()
        .build()
        .map_err(|error| format!("The threads cannot be started ({error}): check the system's limits"))?;
    runtime.block_on(accept(options, Arc::new(judge)))
}

fn load_anchors(options: &Options) -> Result<Anchors, String> {
    let mut anchors = Anchors::new();
    for file in &options.anchors {
        let name = file.display();
        let content = fs::read(file)
            .map_err(|error| format!("The CA certificate {name} cannot be read ({error}): check the path"))?;
        anchors
            .add(&content)
            .map_err(|error| format!("{name}: {error}"))?;
    }
    if options.software_cards {
        for generation in [Generation::First, Generation::Second] {
            let issued = Issuer::new().ca_certificate(generation);
            let certificate = issued.map_err(|error| error.to_string())?;
            anchors.add(&certificate).map_err(|error| error.to_string())?;
        }
    }
    Ok(anchors)
}

/// Takes connections until the system asks to stop.
async fn accept(options: &Options, judge: Arc<Judge>) -> Result<(), String> {
    let cannot_listen = |error| {
        format!(
            "{} cannot be listened at ({error}): choose another",
            options.listen
        )
    };
    let listener = TcpListener::bind(options.listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    let _ = writeln!(io::stdout(), "Listening at http://{address}");

    let places = Arc::new(Semaphore::new(usize::try_from(options.connections).unwrap_or(1)));
    let (stop, stopping) = watch::channel(false);
    let mut asked_to_stop = pin!(asked_to_stop());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut asked_to_stop => break,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, or a client that left already: neither is helped by trying again at once.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            // A new connection's send buffer takes these few bytes without waiting.
            let _ = stream.into_std().and_then(|mut stream| stream.write(BUSY));
            log("busy", StatusCode::SERVICE_UNAVAILABLE, 0, Duration::ZERO);
            continue;
        };
        let (judge, stopping) = (Arc::clone(&judge), stopping.clone());
        tokio::spawn(async move {
            serve_connection(stream, judge, stopping).await;
            drop(place);
        });
    }
    // No new connections from here on; those there are finish the request under way.
    drop(listener);
    let _ = stop.send(true);
    let all_ended = places.acquire_many(options.connections);
    let _ = timeout(judge.patience, all_ended).await;
    Ok(())
}

/// Ends when the system asks the program to stop: Ctrl-C, or SIGTERM.
async fn asked_to_stop() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = ctrl_c => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    ctrl_c.await;
}

async fn serve_connection(stream: TcpStream, judge: Arc<Judge>, mut stopping: watch::Receiver<bool>) {
    let patience = judge.patience;
    let service = service_fn(move |request| {
        let judge = Arc::clone(&judge);
        async move { Ok::<_, Infallible>(judge.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(HEADER_BUFFER_LEN)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // Whatever went wrong, the client has left or is cut off: there is nobody to tell.
        _ = &mut connection => return,
        _ = stopping.wait_for(|stop| *stop) => {}
        () = sleep(LONGEST_CONNECTION) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(patience, connection).await;
}

struct Judge {
    anchors: Anchors,
    patience: Duration,
}

type Answer = Response<Full<Bytes>>;

impl Judge {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        let started = Instant::now();
        let (route, answer) = match (request.uri().path(), request.method()) {
            ("/judge", &Method::POST) => {
                let patience = self.patience;
                let judged = timeout(patience, self.judge(request)).await;
                (
                    "judge",
                    judged.unwrap_or_else(|_| error(StatusCode::REQUEST_TIMEOUT, TOO_SLOW)),
                )
            }
            ("/healthz", &Method::GET) => ("healthz", json(StatusCode::OK, r#"{"status":"ok"}"#.to_owned())),
            ("/judge", _) => ("judge", not_allowed("POST")),
            ("/healthz", _) => ("healthz", not_allowed("GET")),
            // The path may hold anything, a card number too: it is not repeated.
            _ => (
                "none",
                error(StatusCode::NOT_FOUND, "There are POST /judge and GET /healthz"),
            ),
        };
        let len = answer.body().size_hint().exact().unwrap_or_default();
        log(route, answer.status(), len, started.elapsed());
        answer
    }

    async fn judge(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        if !is_json(request.headers().get(CONTENT_TYPE)) {
            let wanted = "Send the dump with content-type: application/json";
            return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, wanted);
        }
        if request.body().size_hint().lower() > Reading::MAX_DUMP_LEN as u64 {
            return error(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE);
        }
        let body = match Limited::new(request.into_body(), Reading::MAX_DUMP_LEN)
            .collect()
            .await
        {
            Ok(body) => body.to_bytes(),
            Err(failure) if failure.is::<LengthLimitError>() => {
                return error(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE);
            }
            Err(_) => return error(StatusCode::BAD_REQUEST, "The body broke off: send it again"),
        };
        let judged = tokio::task::spawn_blocking(move || {
            let text = std::str::from_utf8(&body).map_err(|_| "The dump is not UTF-8 text".to_owned())?;
            let reading = Reading::from_dump(text).map_err(|error| error.to_string())?;
            Ok::<_, String>(reading.judge(&self.anchors, Timestamp::now()).to_json())
        });
        match judged.await {
            Ok(Ok(report)) => json(StatusCode::OK, report),
            // The sentences of `DumpError` repeat nothing of the dump.
            Ok(Err(sentence)) => error(StatusCode::UNPROCESSABLE_ENTITY, &sentence),
            Err(_) => error(StatusCode::INTERNAL_SERVER_ERROR, "The judgement was broken off"),
        }
    }
}

const TOO_LARGE: &str = "The dump is longer than any card's: is it the right file?";
const TOO_SLOW: &str = "The dump took too long to arrive or to be judged: send it again";

/// Whether it is `application/json`, with parameters or without.
fn is_json(content_type: Option<&HeaderValue>) -> bool {
    let text = content_type.and_then(|value| value.to_str().ok());
    let media_type = text.and_then(|text| text.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

fn json(status: StatusCode, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn error(status: StatusCode, sentence: &str) -> Answer {
    json(status, serde_json::json!({ "error": sentence }).to_string())
}

fn not_allowed(allowed: &'static str) -> Answer {
    let mut answer = error(
        StatusCode::METHOD_NOT_ALLOWED,
        "There are POST /judge and GET /healthz",
    );
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(allowed));
    answer
}

/// A log that cannot be written is no reason to stop serving.
fn log(route: &str, status: StatusCode, len: u64, took: Duration) {
    let now = Timestamp::now();
    let _ = writeln!(
        io::stderr(),
        "{now:.0} {route} {} {len} bytes {} ms",
        status.as_u16(),
        took.as_millis()
    );
}
