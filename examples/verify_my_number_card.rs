//! Reads one My Number Card (マイナンバーカード) in one mode, and says line by line what could be proved about it.
//!
//! Without options it issues a software card in memory: `cargo run --release --example verify_my_number_card`. With a reader:
//!
//! ```text
//! cargo run --release --example verify_my_number_card --features pcsc -- \
//!     --transport pcsc --mode attributes
//! ```
//!
//! PINs and what the card's front shows are asked for and read from standard input, one a line; never give them as arguments,
//! which other users of the computer can see. The 12-digit My Number is neither read nor shown.
//!
//! `--guidance` tells what to do about a lost card and the like, without any card.
//!
//! Exit status: 0 everything that the mode proves was verified; 1 read, and not everything verified; 2 usage; 3 a wrong or blocked
//! secret, its last try, or a card lost while its secret was checked, which may have cost a try; 4 no reader, no card, card lost at
//! any other time, or another card, as one without a certificate; 5 anything else.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use serde_json::{Map, Value, json};
use zairyu::Timestamp;
use zairyu::data::{CardType, SecureMessagingProfile};
use zairyu::mynumber::{
    self, Application, AttributeKey, AuthPin, BirthDigits, CvAnchors, Error as CardError, GUIDANCE, Guidance,
    JpkiAnchors, LastTry, Mode, NumberB, Policy, Proof, Provenance, ReadError, Reading, Reason, Secret, Sex,
    Situation, Status, TextPin, Tries, YearForm,
};
use zairyu::transport::{ErrorKind, Transport};
use zairyu_mynumber_testcard as testcard;

/// Reads one My Number Card (マイナンバーカード) and says what could be proved about it.
#[derive(Parser)]
#[command(name = "verify_my_number_card")]
struct Options {
    /// What to read and prove
    #[arg(long, value_enum, default_value_t = ModeOption::Face)]
    mode: ModeOption,

    /// Where the card is
    #[arg(long, value_enum, default_value_t = TransportOption::Software)]
    transport: TransportOption,

    /// Which software card
    #[arg(long, value_enum, default_value_t = CardOption::Adult)]
    card: CardOption,

    /// Part of the reader's name
    #[arg(long, value_name = "TEXT")]
    reader: Option<String>,

    /// How long to wait for a card
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,

    /// What opens the four attributes
    #[arg(long, value_enum, default_value_t = KeyOption::Pin)]
    key: KeyOption,

    /// In which calendar the card shows the year of birth: look at the card. There is no default
    #[arg(long, value_enum)]
    year_form: Option<YearFormOption>,

    /// Sends a secret even if one wrong try more would block it
    #[arg(long)]
    use_last_try: bool,

    /// A root certificate of J-LIS to trust, DER; repeatable. Without any, no certificate of a card in a reader is verified,
    /// and a software card's is under its own
    #[arg(long = "anchor", value_name = "FILE")]
    anchors: Vec<PathBuf>,

    /// The time of judgement, such as 2026-11-22T10:00:00+09:00; now if left out
    #[arg(long, value_name = "RFC3339", value_parser = timestamp)]
    at: Option<Timestamp>,

    /// Writes the report as JSON; - for standard output, where then nothing else is printed
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Tells what a person can do who lost the card and the like, and reads no card
    #[arg(long, conflicts_with_all = ["json", "images"])]
    guidance: bool,

    /// Writes the verified pictures of the card's face as PNG into this folder
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum ModeOption {
    /// The card's face, by 照合番号B: pictures of name, address and person
    Face,
    /// Name, address, date of birth and sex as text
    Attributes,
    /// The date of birth and nothing else
    Age,
    /// The certificate for user authentication, and its PIN
    JpkiAuth,
    /// How many tries are left
    PinStatus,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TransportOption {
    /// A software card in memory
    Software,
    /// A reader of the system's PC/SC service; build with --features pcsc
    Pcsc,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CardOption {
    Adult,
    Under15,
    AndroidToken,
    /// An adult's that is a specified residence card (特定在留カード) too
    Combined,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KeyOption {
    /// The PIN, which only the holder knows
    Pin,
    /// What the card's front shows (照合番号B)
    NumberB,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum YearFormOption {
    /// The year of the Japanese era (和暦)
    Wareki,
    /// The Gregorian year (西暦)
    Seireki,
}

fn timestamp(text: &str) -> Result<Timestamp, &'static str> {
    text.parse()
        .map_err(|_| "give a time such as 2026-11-22T10:00:00+09:00")
}

/// An exit status and the sentence that goes with it.
struct Failure {
    status: u8,
    sentence: String,
}

const USAGE: u8 = 2;
const SECRET: u8 = 3;
const NO_CARD: u8 = 4;
const OTHER: u8 = 5;

impl Failure {
    fn new(status: u8, sentence: impl ToString) -> Self {
        Self {
            status,
            sentence: sentence.to_string(),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        if let Some(guidance) = error.guidance() {
            show(guidance);
        }
        let status = match &error {
            ReadError::Card(
                CardError::Blocked(_)
                | CardError::LastTry(_)
                | CardError::TriesUnknown { .. }
                | CardError::WrongSecret { .. }
                | CardError::OutcomeUnknown(_),
            )
            | ReadError::OutcomeUnknown { .. } => SECRET,
            ReadError::Card(CardError::NoApplication(_) | CardError::NoAuthCertificate) => NO_CARD,
            ReadError::Transport(error) => match error.kind() {
                ErrorKind::NoService
                | ErrorKind::NotAuthorised
                | ErrorKind::NoReader
                | ErrorKind::NoCard
                | ErrorKind::SeveralCards
                | ErrorKind::CardRemoved
                | ErrorKind::CardReset
                | ErrorKind::InUse
                | ErrorKind::TimedOut => NO_CARD,
                _ => OTHER,
            },
            _ => OTHER,
        };
        Self::new(status, error)
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let result = if options.guidance {
        tell_guidance().map(|()| ExitCode::SUCCESS)
    } else {
        run(&options).map(|report| ExitCode::from(u8::from(!report.is_verified())))
    };
    result.unwrap_or_else(|failure| {
        let ended = failure.sentence.ends_with(['.', '?', '!']);
        eprintln!("{}{}", failure.sentence, if ended { "" } else { "." });
        ExitCode::from(failure.status)
    })
}

fn tell_guidance() -> Result<(), Failure> {
    let texts: Vec<_> = GUIDANCE.iter().map(guidance_text).collect();
    print(&texts.join("\n"))
}

fn run(options: &Options) -> Result<Report, Failure> {
    let report = match options.transport {
        TransportOption::Software => read_software_card(options)?,
        TransportOption::Pcsc => read_with_pcsc(options)?,
    };
    if let Some(folder) = &options.images {
        write_images(&report.images, folder)?;
    }
    match &options.json {
        Some(file) if file == Path::new("-") => print(&format!("{:#}\n", report.to_json()))?,
        Some(file) => {
            write_private(file, format!("{:#}", report.to_json()).as_bytes())?;
            print(&report.to_text())?;
        }
        None => print(&report.to_text())?,
    }
    Ok(report)
}

/// What is known of the card before it is read.
struct Anchors {
    cv: CvAnchors,
    jpki: JpkiAnchors,
    /// What the made-up card's front shows, and its PINs, for whoever only presses Enter.
    made_up: Option<MadeUp>,
}

struct MadeUp {
    birth: String,
    security_code: String,
    expiry_year: u16,
}

fn read_software_card(options: &Options) -> Result<Report, Failure> {
    let failed = |error: &dyn ToString| Failure::new(OTHER, error.to_string());
    let profile = match options.card {
        CardOption::Adult | CardOption::Combined => testcard::Profile::Adult,
        CardOption::Under15 => testcard::Profile::Under15,
        CardOption::AndroidToken => testcard::Profile::AndroidToken,
    };
    let issued = testcard::CardBuilder::new(profile)
        .issue()
        .map_err(|error| failed(&error))?;
    let mut cv = CvAnchors::new();
    for (of, application) in [
        (testcard::Application::Text, Application::Text),
        (testcard::Application::Visual, Application::Visual),
    ] {
        let (id, modulus) = testcard::cv_modulus(of).map_err(|error| failed(&error))?;
        cv.add(application, id, &modulus)
            .map_err(|error| failed(&error))?;
    }
    let mut jpki = roots(options)?;
    if jpki.is_empty() {
        let root = testcard::auth_root(None).map_err(|error| failed(&error))?;
        jpki.add(&root).map_err(|error| failed(&error))?;
    }
    // 照合番号B: six digits of birth, four of expiry, four of the security code; a phone has none.
    let number_b = String::from_utf8_lossy(issued.number_b()).into_owned();
    let made_up = MadeUp {
        birth: number_b.get(..6).unwrap_or("020101").to_owned(),
        expiry_year: number_b
            .get(6..10)
            .and_then(|year| year.parse().ok())
            .unwrap_or(2035),
        security_code: number_b.get(10..).unwrap_or("1234").to_owned(),
    };
    let anchors = Anchors {
        cv,
        jpki,
        made_up: Some(made_up),
    };
    let mut card = testcard::SoftwareCard::new(issued);
    if options.card != CardOption::Combined {
        return read(options, &mut card, &anchors);
    }
    let builder = zairyu_testcard::CardBuilder::new(CardType::SpecifiedResidenceCard)
        .profile(SecureMessagingProfile::measured_relative());
    let residence = zairyu_testcard::Issuer::new()
        .issue(&builder)
        .map_err(|error| failed(&error))?;
    let residence = zairyu_testcard::SoftwareCard::new(residence);
    read(
        options,
        &mut testcard::CombinedCard::new(residence, card),
        &anchors,
    )
}

#[cfg(feature = "pcsc")]
fn read_with_pcsc(options: &Options) -> Result<Report, Failure> {
    let anchors = Anchors {
        cv: CvAnchors::community_supplied().map_err(|error| Failure::new(OTHER, error))?,
        jpki: roots(options)?,
        made_up: None,
    };
    check_year_form(options)?;
    let mut readers = zairyu::pcsc::OpenOptions::new().wait(std::time::Duration::from_secs(options.wait));
    if let Some(name) = &options.reader {
        readers = readers.reader(name);
    }
    let mut card = readers.open().map_err(ReadError::from)?;
    read(options, &mut card, &anchors)
}

#[cfg(not(feature = "pcsc"))]
fn read_with_pcsc(options: &Options) -> Result<Report, Failure> {
    check_year_form(options)?;
    Err(Failure::new(
        USAGE,
        "This program was built without PC/SC: build it with --features pcsc",
    ))
}

/// Asked for before anybody types a date of birth.
fn check_year_form(options: &Options) -> Result<(), Failure> {
    let needed = match options.mode {
        ModeOption::Face | ModeOption::Age => true,
        ModeOption::Attributes => options.key == KeyOption::NumberB,
        ModeOption::JpkiAuth | ModeOption::PinStatus => false,
    };
    if needed && options.year_form.is_none() {
        return Err(year_form_is_missing());
    }
    Ok(())
}

fn year_form_is_missing() -> Failure {
    Failure::new(
        USAGE,
        "The year of birth can be that of the Japanese era or the Gregorian one, and a wrong one costs a try: look at the \
         card and give --year-form wareki or --year-form seireki",
    )
}

fn roots(options: &Options) -> Result<JpkiAnchors, Failure> {
    let mut roots = JpkiAnchors::new();
    for file in &options.anchors {
        let name = file.display();
        let content = fs::read(file).map_err(|error| {
            Failure::new(
                USAGE,
                format!("The root certificate {name} cannot be read ({error}): check the path"),
            )
        })?;
        roots
            .add(&content)
            .map_err(|error| Failure::new(USAGE, format!("{name}: {error}")))?;
    }
    Ok(roots)
}

/// What is shown and kept of a reading.
struct Report {
    mode: Mode,
    judged_at: Timestamp,
    /// Each proof by itself; there is no sum of them.
    lines: Vec<Line>,
    /// What the verified lines say.
    content: Map<String, Value>,
    /// What the chip holds and nobody signed.
    unsigned: Map<String, Value>,
    revocation: Line,
    tries: Vec<(Secret, Tries)>,
    images: Vec<(&'static str, Vec<u8>)>,
    guidance: Vec<&'static Guidance>,
}

/// One question and its answer.
struct Line {
    question: &'static str,
    status: Status,
    reason: Option<(&'static str, String)>,
    anchor: Option<Provenance>,
}

impl Line {
    fn new<T>(question: &'static str, proof: &Proof<T>) -> Self {
        Self {
            question,
            status: proof.status(),
            reason: proof.reason().map(|reason| (reason.as_str(), reason.to_string())),
            anchor: proof.anchor(),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "question": self.question,
            "status": self.status.as_str(),
            "reason": self.reason.as_ref().map(|reason| reason.0),
            "detail": self.reason.as_ref().map(|reason| &reason.1),
            "anchor": self.anchor.map(Provenance::as_str),
        })
    }

    fn to_text(&self) -> String {
        let mut text = format!(
            "{:17} {}",
            self.question,
            self.status.as_str().replace('_', " ").to_uppercase()
        );
        if let Some(anchor) = self.anchor {
            text += &format!(" (anchor: {})", anchor.as_str().replace('_', " "));
        }
        if let Some((_, detail)) = &self.reason {
            text += &format!("\n{:17} {detail}", "");
        }
        text + "\n"
    }
}

impl Report {
    fn new(mode: Mode, judged_at: Timestamp) -> Self {
        Self {
            mode,
            judged_at,
            lines: Vec::new(),
            content: Map::new(),
            unsigned: Map::new(),
            revocation: Line {
                question: "revocation",
                status: Status::NotChecked,
                reason: Some((
                    "no_revocation_information",
                    "There is no revocation information for this application: a lost or replaced card passes too.".to_owned(),
                )),
                anchor: None,
            },
            tries: Vec::new(),
            images: Vec::new(),
            guidance: Vec::new(),
        }
    }

    /// Whether every line that this mode can prove offline is verified.
    fn is_verified(&self) -> bool {
        self.lines.iter().all(|line| line.status == Status::Verified)
    }

    /// What the lines together do not prove.
    fn limit(&self) -> Option<&'static str> {
        (self.mode == Mode::Attributes).then_some(
            "Nothing ties these attributes to this chip: a forger can join them to another card's chip of the same \
             municipality. Mode face proves person and chip together.",
        )
    }

    fn to_json(&self) -> Value {
        let tries = self.tries.iter();
        let tries: Vec<_> = tries
            .map(|(secret, tries)| {
                let left = match tries {
                    Tries::Left(left) => Some(*left),
                    Tries::Blocked => Some(0),
                    _ => None,
                };
                json!({ "secret": secret_name(*secret), "tries": tries.to_string(), "left": left })
            })
            .collect();
        json!({
            "schema": "zairyu.my_number_report/1",
            "mode": self.mode.as_str(),
            "judged_at": self.judged_at.to_string(),
            "proofs": self.lines.iter().map(Line::to_json).collect::<Vec<_>>(),
            "revocation": self.revocation.to_json(),
            "limit": self.limit(),
            "content": self.content,
            "unsigned": self.unsigned,
            "tries": tries,
            "guidance": self.guidance.iter().map(|guidance| json!({
                "as_of": guidance.as_of.to_string(),
                "source": guidance.source,
                "en": guidance.en,
                "ja": guidance.ja,
            })).collect::<Vec<_>>(),
        })
    }

    fn to_text(&self) -> String {
        let mut text = format!("My Number Card (マイナンバーカード), mode {}\n\n", self.mode);
        let made_up = |line: &Line| matches!(line.anchor, Some(Provenance::Test | Provenance::Custom));
        if self.lines.iter().any(made_up) {
            text += "!! This card was judged under keys that are not the issuer's own.\n";
            text += "!! It says nothing about a real card.\n\n";
        }
        for line in &self.lines {
            text += &line.to_text();
        }
        if self.mode != Mode::PinStatus {
            text += &self.revocation.to_text();
        }
        if let Some(limit) = self.limit() {
            text += &format!("\n{limit}\n");
        }
        for (secret, tries) in &self.tries {
            text += &format!("{secret}: {tries}\n");
        }
        for guidance in &self.guidance {
            text += &format!("\n{}", guidance_text(guidance));
        }
        let named = self.content.iter().map(|entry| ("*", entry));
        for (mark, (name, value)) in named.chain(self.unsigned.iter().map(|entry| (" ", entry))) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text += &format!("\n{mark} {:15} {}", name.replace('_', " "), printable(&value));
        }
        if !self.content.is_empty() {
            text += "\n\n* covered by a verified signature; everything else is what the chip says, unproved.";
        }
        text.trim_end().to_owned() + "\n"
    }
}

const fn secret_name(secret: Secret) -> &'static str {
    match secret {
        Secret::AuthPin => "auth_pin",
        Secret::SignPassword => "sign_password",
        Secret::TextPin => "text_pin",
        Secret::TextNumberB => "text_number_b",
        Secret::VisualNumberB => "visual_number_b",
        Secret::DateOfBirth => "date_of_birth",
        _ => "unknown",
    }
}

const fn sex_name(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::NotApplicable => "not_applicable",
        _ => "unknown",
    }
}

/// A card's text must not steer the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}

fn read(options: &Options, card: &mut impl Transport, anchors: &Anchors) -> Result<Report, Failure> {
    let at = options.at.unwrap_or_else(Timestamp::now);
    let mut policy = Policy::default();
    policy.last_try = last_try(options);
    let wrong = |error: &dyn ToString| Failure::new(USAGE, error.to_string());
    let to_start = |error: CardError| Failure::from(ReadError::from(error));
    match options.mode {
        ModeOption::Face => {
            show_tries(options, card, Secret::VisualNumberB)?;
            let number_b = ask_number_b(options, anchors)?;
            let reading = Reading::face(number_b, mynumber::challenge()?, policy).map_err(to_start)?;
            let proofs = mynumber::read(card, reading)?.judge(&anchors.cv);
            let mut report = Report::new(Mode::Face, at);
            report.lines = vec![
                Line::new("issuer", &proofs.issuer),
                Line::new("face", &proofs.face),
                Line::new("chip", &proofs.chip),
            ];
            if let Some(face) = proofs.face.content() {
                let born = face.date_of_birth.digits();
                report.content.insert("date_of_birth".to_owned(), json!(born));
                report.content.insert("sex".to_owned(), json!(sex_name(face.sex)));
                report.images = pictures(face);
            }
            if let Some(expiry) = proofs
                .unsigned
                .as_ref()
                .and_then(|unsigned| unsigned.expiry.as_ref())
            {
                report.unsigned.insert("expiry".to_owned(), json!(expiry));
            }
            Ok(report)
        }
        ModeOption::Attributes => {
            let key = match options.key {
                KeyOption::Pin => {
                    show_tries(options, card, Secret::TextPin)?;
                    let pin = ask_pin(anchors, testcard::TEXT_PIN)?;
                    AttributeKey::Pin(TextPin::new(&pin).map_err(|error| wrong(&error))?)
                }
                KeyOption::NumberB => {
                    show_tries(options, card, Secret::TextNumberB)?;
                    AttributeKey::NumberB(ask_number_b(options, anchors)?)
                }
            };
            let reading = Reading::attributes(key, mynumber::challenge()?, policy).map_err(to_start)?;
            let proofs = mynumber::read(card, reading)?.judge(&anchors.cv);
            let mut report = Report::new(Mode::Attributes, at);
            report.lines = vec![
                Line::new("issuer", &proofs.issuer),
                Line::new("attributes", &proofs.attributes),
                Line::new("card_key", &proofs.card_key),
                Line::new("chip", &proofs.chip),
            ];
            if let Some(attributes) = proofs.attributes.content() {
                for (name, value) in [
                    ("name", attributes.name.clone()),
                    ("address", attributes.address.clone()),
                    ("date_of_birth", attributes.date_of_birth.digits().to_owned()),
                    ("sex", sex_name(attributes.sex).to_owned()),
                ] {
                    report.content.insert(name.to_owned(), json!(value));
                }
            }
            Ok(report)
        }
        ModeOption::Age => {
            show_tries(options, card, Secret::DateOfBirth)?;
            let birth = ask_birth(options, anchors)?;
            let reading = Reading::age(birth, mynumber::challenge()?, policy).map_err(to_start)?;
            let proofs = mynumber::read(card, reading)?.judge(&anchors.cv);
            let mut report = Report::new(Mode::Age, at);
            report.lines = vec![
                Line::new("issuer", &proofs.issuer),
                Line::new("age", &proofs.age),
                Line::new("chip", &proofs.chip),
            ];
            if let Some(born) = proofs.age.content() {
                report
                    .content
                    .insert("date_of_birth".to_owned(), json!(born.digits()));
            }
            Ok(report)
        }
        ModeOption::JpkiAuth => {
            show_tries(options, card, Secret::AuthPin)?;
            let pin = ask_pin(anchors, testcard::AUTH_PIN)?;
            let pin = AuthPin::new(&pin).map_err(|error| wrong(&error))?;
            let holder = Some((pin, mynumber::challenge()?));
            let reading = Reading::jpki_auth(holder, policy).map_err(to_start)?;
            let files = mynumber::read(card, reading)?;
            let missing = files.guidance();
            // No revocation source: this program is no notified or certified verifier.
            let proofs = files.judge(&anchors.jpki, at, None);
            let mut report = Report::new(Mode::JpkiAuth, at);
            report.lines = vec![
                Line::new("certificate", &proofs.certificate),
                Line::new("holder", &proofs.holder),
            ];
            report.revocation = Line::new("revocation", &proofs.revocation);
            report.guidance = proofs
                .certificate
                .reason()
                .and_then(Reason::guidance)
                .into_iter()
                .chain(missing)
                .collect();
            if let Some(facts) = proofs.certificate.content() {
                report
                    .content
                    .insert("not_before".to_owned(), json!(facts.not_before.to_string()));
                report
                    .content
                    .insert("not_after".to_owned(), json!(facts.not_after.to_string()));
            }
            Ok(report)
        }
        ModeOption::PinStatus => {
            let status = mynumber::read(card, Reading::pin_status().map_err(to_start)?)?;
            let mut report = Report::new(Mode::PinStatus, at);
            report.tries = status.iter().collect();
            report.guidance = status.guidance();
            Ok(report)
        }
    }
}

/// The pictures as PNG; those of name and address are PNG on the card.
fn pictures(face: &mynumber::Face) -> Vec<(&'static str, Vec<u8>)> {
    let mut images = vec![("name", face.name.clone()), ("address", face.address.clone())];
    images.retain(|(_, bytes)| bytes.starts_with(b"\x89PNG\r\n\x1A\n"));
    match zairyu::image::decode(&face.photo, &zairyu::image::Budget::default()) {
        Ok(Some(photo)) => images.push(("face", photo.to_png())),
        Ok(None) => {}
        Err(error) => eprintln!("The face image cannot be shown: {error}."),
    }
    images
}

const fn last_try(options: &Options) -> LastTry {
    if options.use_last_try {
        LastTry::Use
    } else {
        LastTry::Refuse
    }
}

/// Asks the card first, which costs nothing, and refuses what would be refused anyway before anybody types a secret.
fn show_tries(options: &Options, card: &mut impl Transport, secret: Secret) -> Result<(), Failure> {
    let tries = mynumber::tries_left(card, secret)?;
    eprintln!("{secret}: {tries}.");
    last_try(options).permits(secret, tries).map_err(|error| {
        let mut failure = Failure::from(ReadError::from(error));
        if matches!(error, CardError::LastTry(_)) {
            failure.sentence += " (--use-last-try)";
        }
        failure
    })
}

/// The scam warning, and then the PIN, from standard input.
fn ask_pin(anchors: &Anchors, made_up: &[u8]) -> Result<String, Failure> {
    if let Some(warning) = Guidance::of(Situation::PinAskedFor) {
        show(warning);
    }
    let own = anchors
        .made_up
        .as_ref()
        .map(|_| String::from_utf8_lossy(made_up).into_owned());
    ask("The PIN, four digits", own)
}

fn ask_number_b(options: &Options, anchors: &Anchors) -> Result<NumberB, Failure> {
    let birth = ask_birth(options, anchors)?;
    let made_up = anchors.made_up.as_ref();
    let year = ask(
        "The card's year of expiry, four digits",
        made_up.map(|made_up| made_up.expiry_year.to_string()),
    )?;
    let year = year.parse().map_err(|_| {
        Failure::new(
            USAGE,
            "The year of expiry has four digits: enter it as the card shows it",
        )
    })?;
    let code = ask(
        "The security code (セキュリティコード), four digits",
        made_up.map(|made_up| made_up.security_code.clone()),
    )?;
    NumberB::new(birth, year, &code).map_err(|error| Failure::new(USAGE, error))
}

fn ask_birth(options: &Options, anchors: &Anchors) -> Result<BirthDigits, Failure> {
    let wrong = |error: &dyn ToString| Failure::new(USAGE, error.to_string());
    let own = anchors.made_up.as_ref().map(|_| String::new());
    let typed = ask("The date of birth, YYYY-MM-DD (Gregorian)", own)?;
    if let Some(made_up) = anchors.made_up.as_ref().filter(|_| typed.is_empty()) {
        return BirthDigits::as_printed(&made_up.birth).map_err(|error| wrong(&error));
    }
    let form = match options.year_form.ok_or_else(year_form_is_missing)? {
        YearFormOption::Wareki => YearForm::Wareki,
        YearFormOption::Seireki => YearForm::Seireki,
    };
    let date = typed.parse().map_err(|_| {
        Failure::new(
            USAGE,
            "The date of birth is entered as YYYY-MM-DD: enter it again",
        )
    })?;
    BirthDigits::of(date, form).map_err(|error| wrong(&error))
}

/// Asks on standard error, so that standard output keeps to the report. `own` is what an empty line stands for.
fn ask(question: &str, own: Option<String>) -> Result<String, Failure> {
    let hint = if own.is_some() {
        " [Enter: the made-up card's own]"
    } else {
        ""
    };
    eprint!("{question}{hint}: ");
    let mut line = String::new();
    io::stdin()
        .read_line(&mut line)
        .map_err(|_| Failure::new(USAGE, "What is on standard input is no text: type it again"))?;
    match (line.trim(), own) {
        ("", Some(own)) => Ok(own),
        ("", None) => Err(Failure::new(
            USAGE,
            "Nothing was entered, and nothing was sent to the card",
        )),
        (typed, _) => Ok(typed.to_owned()),
    }
}

fn show(guidance: &Guidance) {
    eprint!("{}", guidance_text(guidance));
}

fn guidance_text(guidance: &Guidance) -> String {
    let mut text = format!("{}\n{}\n", guidance.en, guidance.ja);
    for phone in guidance.phones {
        text += &format!("  {}  {} / {}\n", phone.number, phone.en, phone.ja);
    }
    text += &format!("({}, as of {}", guidance.source, guidance.as_of);
    if guidance.is_stale(Timestamp::now()) {
        text += ": more than a year ago, look there again";
    }
    text + ")\n"
}

/// A reader of our output that has read enough is no failure; a full disk is.
fn print(text: &str) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(
            OTHER,
            format!("The report cannot be printed ({error}): check where it goes"),
        )),
        _ => Ok(()),
    }
}

fn write_images(images: &[(&'static str, Vec<u8>)], folder: &Path) -> Result<(), Failure> {
    let failed = |error| {
        Failure::new(
            OTHER,
            format!("The images cannot be written ({error}): check the folder"),
        )
    };
    fs::create_dir_all(folder).map_err(failed)?;
    for name in ["face", "name", "address"] {
        // A picture of an earlier card must not stand beside this card's report.
        match fs::remove_file(folder.join(format!("{name}.png"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    for (name, image) in images {
        write_private(&folder.join(format!("{name}.png")), image)?;
    }
    Ok(())
}

/// What is written is personal: nobody but the user may read it.
fn write_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(content))
        .map_err(|error| {
            Failure::new(
                OTHER,
                format!("{} cannot be written ({error}): check the path", path.display()),
            )
        })
}
