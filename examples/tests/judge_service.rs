//! `judge_service` over real connections on loopback, kind ones and others.
#![cfg(feature = "service")]
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, thread};

use zairyu::data::CardType;
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard};

const NUMBER: &str = "AB12345678CD";

struct Service {
    program: Child,
    address: SocketAddr,
}

impl Service {
    fn start(arguments: &[&str]) -> Self {
        let test = env::current_exe().unwrap();
        let folder = test.parent().unwrap().parent().unwrap().join("examples");
        let mut program = Command::new(folder.join("judge_service"))
            .args(["--listen", "127.0.0.1:0", "--software-cards"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().strip_prefix("Listening at http://").unwrap();
        Self {
            address: address.parse().unwrap(),
            program,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        // Far longer than anything here takes: the test fails instead of waiting for ever.
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        stream
    }

    /// Sends these bytes on a connection of their own, and returns all that comes back until the service closes it.
    fn send(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        // The service may answer and close before it has taken everything.
        let _ = stream.write_all(request.as_ref());
        rest(stream)
    }

    fn judge(&self, dump: &str) -> String {
        self.send(post(dump, "connection: close\r\n"))
    }

    fn stop(mut self) -> String {
        let id = self.program.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let mut log = String::new();
        self.program
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        assert!(self.program.wait().unwrap().success());
        log
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// What comes until the connection ends, however it ends.
fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn post(body: &str, more_headers: &str) -> String {
    format!(
        "POST /judge HTTP/1.1\r\nhost: judge\r\ncontent-type: application/json\r\n{more_headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn dump(card_type: CardType) -> String {
    let mut card = SoftwareCard::new(Issuer::new().issue(&CardBuilder::new(card_type)).unwrap());
    zairyu::read(&mut card, &NUMBER.parse().unwrap())
        .unwrap()
        .to_dump()
}

fn report(answer: &str) -> serde_json::Value {
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("\r\ncache-control: no-store"), "{head}");
    serde_json::from_str(body).unwrap()
}

#[test]
fn a_dump_of_each_type_is_judged_and_nothing_of_it_is_logged() {
    let service = Service::start(&[]);
    let mut faces = Vec::new();
    for card_type in [
        CardType::FirstResidenceCard,
        CardType::FirstSpecialPermanentResident,
        CardType::SecondResidenceCard,
        CardType::SecondSpecialPermanentResident,
    ] {
        let dump = dump(card_type);
        let report = report(&service.judge(&dump));
        assert_eq!(report["card"]["type_code"], card_type.code());
        assert_eq!(report["authenticity"]["status"], "verified");
        assert_eq!(report["authenticity"]["trust_profile"], "custom");
        faces.push(dump.lines().max_by_key(|line| line.len()).unwrap().to_owned());
    }
    // Somebody puts the number where it does not belong.
    let misplaced = service.send(format!(
        "GET /judge/{NUMBER}?n={NUMBER} HTTP/1.1\r\nhost: {NUMBER}\r\nconnection: close\r\n\r\n"
    ));
    assert!(misplaced.starts_with("HTTP/1.1 404 "), "{misplaced}");
    assert!(!misplaced.contains(NUMBER));

    let log = service.stop();
    assert_eq!(log.matches("judge 200").count(), 4, "{log}");
    assert!(log.contains("none 404"), "{log}");
    assert!(!log.contains(NUMBER), "{log}");
    assert!(faces.iter().all(|face| !log.contains(face.trim())));
}

#[test]
fn what_is_no_dump_is_refused_in_a_sentence() {
    let service = Service::start(&[]);
    let whole = dump(CardType::SecondResidenceCard);
    let damaged = whole.replace(NUMBER, "AB1234567");
    for (body, status) in [
        ("", "422"),
        ("{}", "422"),
        ("[[[[[[[[[[[[[[[[", "422"),
        (whole.get(..whole.len() / 2).unwrap(), "422"),
        (&damaged, "422"),
        (&" ".repeat(70_000), "413"),
    ] {
        let answer = service.judge(body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("{\"error\":\""), "{answer}");
    }
    let close = "connection: close\r\nhost: judge\r\n";
    for (request, status) in [
        (format!("GET /judge HTTP/1.1\r\n{close}\r\n"), "405"),
        (format!("DELETE /healthz HTTP/1.1\r\n{close}\r\n"), "405"),
        (format!("GET / HTTP/1.1\r\n{close}\r\n"), "404"),
        (format!("GET /healthz HTTP/1.1\r\n{close}\r\n"), "200"),
        // Without the type a browser would have to ask for first.
        (
            format!("POST /judge HTTP/1.1\r\n{close}content-length: 2\r\n\r\n{{}}"),
            "415",
        ),
        (
            format!(
                "POST /judge HTTP/1.1\r\n{close}content-type: text/plain\r\ncontent-length: 2\r\n\r\n{{}}"
            ),
            "415",
        ),
        // Announced as endless, and not waited for.
        (
            post("", close).replace("content-length: 0", "content-length: 18446744073709551615"),
            "4",
        ),
        ("no request at all\r\n\r\n".to_owned(), "400"),
        (
            format!("GET /{} HTTP/1.1\r\n{close}\r\n", "a".repeat(70_000)),
            "4",
        ),
        (
            format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(1_000)),
            "431",
        ),
        (
            format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "b".repeat(70_000)),
            "431",
        ),
    ] {
        let answer = service.send(&request);
        let start = request.get(..40.min(request.len())).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{start}: {answer}"
        );
    }
    service.stop();
}

#[test]
fn chunks_and_requests_sent_ahead_are_taken() {
    let service = Service::start(&[]);
    let dump = dump(CardType::SecondResidenceCard);
    let chunked = |chunks: &str| {
        format!(
            "POST /judge HTTP/1.1\r\nhost: judge\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n\
             transfer-encoding: chunked\r\n\r\n{chunks}"
        )
    };
    let (first, second) = dump.split_at(dump.len() / 2);
    let whole = format!(
        "{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    assert_eq!(
        report(&service.send(chunked(&whole)))["authenticity"]["status"],
        "verified"
    );
    // Chunks without end, and chunks that are none.
    let spaces = format!("1000\r\n{}\r\n", " ".repeat(4_096));
    assert!(
        service
            .send(chunked(&spaces.repeat(100)))
            .starts_with("HTTP/1.1 413 ")
    );
    assert!(
        service
            .send(chunked("zz\r\n{}\r\n0\r\n\r\n"))
            .starts_with("HTTP/1.1 400 ")
    );

    let ahead = format!(
        "{}{}GET /healthz HTTP/1.1\r\nhost: judge\r\nconnection: close\r\n\r\n",
        post(&dump, ""),
        post("{}", "")
    );
    let answers = service.send(ahead);
    let statuses: Vec<&str> = answers
        .match_indices("HTTP/1.1 ")
        .filter_map(|(at, _)| answers.get(at + 9..at + 12))
        .collect();
    assert_eq!(statuses, ["200", "422", "200"], "{answers}");
    service.stop();
}

#[test]
fn slow_clients_are_cut_off_and_others_are_served_meanwhile() {
    let service = Service::start(&["--patience", "3"]);
    let dump = dump(CardType::SecondResidenceCard);
    // Says nothing; stops in its header; stops in its body; sends a byte now and then.
    let silent = service.connect();
    let mut in_header = service.connect();
    in_header.write_all(b"POST /judge HTTP/1.1\r\nhost:").unwrap();
    let mut in_body = service.connect();
    let request = post(&dump, "");
    let (most, _) = request.split_at(request.len() - 10);
    in_body.write_all(most.as_bytes()).unwrap();
    let mut dripping = service.connect();
    let mut drips = dripping.try_clone().unwrap();
    let (head, body) = request.split_at(request.len() - dump.len());
    dripping.write_all(head.as_bytes()).unwrap();
    let body = body.to_owned();
    let dripper = thread::spawn(move || {
        for byte in body.as_bytes().chunks(1) {
            if drips.write_all(byte).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
    });

    assert_eq!(
        report(&service.judge(&dump))["authenticity"]["status"],
        "verified"
    );
    assert_eq!(rest(silent), "");
    assert_eq!(rest(in_header), "");
    assert!(rest(in_body).starts_with("HTTP/1.1 408 "));
    assert!(rest(dripping).starts_with("HTTP/1.1 408 "));
    dripper.join().unwrap();
    assert_eq!(
        report(&service.judge(&dump))["authenticity"]["status"],
        "verified"
    );
    service.stop();
}

#[test]
fn connections_beyond_the_limit_are_told_to_come_again() {
    let service = Service::start(&["--connections", "2", "--patience", "60"]);
    let held = [service.connect(), service.connect()];
    // Each is served once, so both have their place.
    for mut stream in &held {
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: judge\r\n\r\n")
            .unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
    }
    let busy = rest(service.connect());
    assert!(busy.starts_with("HTTP/1.1 503 "), "{busy}");
    assert!(busy.contains("retry-after: 1"));
    drop(held);
    // The places become free when the service has seen the connections go.
    let answered = (0..1_000).any(|_| {
        thread::sleep(Duration::from_millis(10));
        service.judge("{}").starts_with("HTTP/1.1 422 ")
    });
    assert!(answered);
    assert!(service.stop().contains("busy 503"));
}

#[test]
fn a_stop_lets_the_request_under_way_finish() {
    let service = Service::start(&["--patience", "60"]);
    let dump = dump(CardType::SecondResidenceCard);
    let mut idle = service.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: judge\r\n\r\n")
        .unwrap();
    let mut start = [0; 12];
    idle.read_exact(&mut start).unwrap();

    let request = post(&dump, "connection: close\r\nexpect: 100-continue\r\n");
    let (head, body) = request.split_at(request.len() - dump.len());
    let mut under_way = service.connect();
    under_way.write_all(head.as_bytes()).unwrap();
    // Says that it has taken the request up, and waits for the body.
    let mut go_on = [0; 25];
    under_way.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let id = service.program.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    // The idle connection is closed at once.
    rest(idle);
    assert!(TcpStream::connect(service.address).is_err());
    under_way.write_all(body.as_bytes()).unwrap();
    assert_eq!(report(&rest(under_way))["authenticity"]["status"], "verified");
    let mut service = service;
    assert!(service.program.wait().unwrap().success());
}
