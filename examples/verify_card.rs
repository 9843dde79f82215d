//! Reads, verifies and reports one residence card.
//!
//! Without options it issues a software card in memory, so that the whole job can be seen on a machine without a
//! reader: `cargo run --release --example verify_card`. With a reader:
//!
//! ```text
//! cargo run --release --example verify_card --features pcsc -- \
//!     --transport pcsc --number AB12345678CD --anchor ec_cacert_20260420.crt
//! ```
//!
//! Exit status: 0 the signature was verified; 1 read, and not verified; 2 usage; 3 the number does not match the
//! card; 4 no reader, no card, card lost, or not a residence card; 5 anything else.

use std::io::{self, IsTerminal, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use clap::{Parser, ValueEnum};
use zairyu::data::{CardType, Generation};
use zairyu::protocol::{DeliveryKey, DeliveryKeyForm, SecureMessagingProfile, SpecifiedAccess};
use zairyu::revocation::{
    Assisted, Classification, HandedOver, Language as StaffLanguage, Lookup, LookupSource, Observation,
    Person, Policy, Purpose, TopPage,
};
use zairyu::transport::{ErrorKind, Transport};
use zairyu::{Anchors, CardNumber, HtmlOptions, Language, Progress, ReadError, Reading, Report, Timestamp};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard, delivery_key};

/// Reads, verifies and reports one residence card (在留カード).
#[derive(Parser)]
#[command(name = "verify_card")]
struct Options {
    /// Where the card is
    #[arg(long, value_enum, default_value_t = TransportOption::Software)]
    transport: TransportOption,

    /// Which software card: 1, 2, 05, 06, 07 or 08
    #[arg(long, value_name = "TYPE", default_value = "05", value_parser = card_type)]
    card: CardType,

    /// Part of the reader's name (PC/SC), or a connection string (libnfc)
    #[arg(long, value_name = "TEXT")]
    reader: Option<String>,

    /// How long to wait for a card
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,

    /// The card's number, or - to take it from standard input; the software card's own if left out
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    number: Option<String>,

    /// A CA certificate to trust, DER or PEM; repeatable. Without any, the software card's own CA is trusted
    #[arg(long = "anchor", value_name = "FILE")]
    anchors: Vec<PathBuf>,

    /// The time of judgement, such as 2026-11-22T10:00:00+09:00; now if left out
    #[arg(long, value_name = "RFC3339", value_parser = timestamp)]
    at: Option<Timestamp>,

    /// The lapse lookup (失効情報照会)
    #[arg(long, value_enum, default_value_t = LookupOption::Off)]
    lookup: LookupOption,

    /// Writes the report as JSON; - for standard output, where then nothing else is printed
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Writes the card's images as PNG into this folder
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,

    /// Writes the report as an HTML page
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Your own picture of the physical card (JPEG), to stand beside the chip's in the HTML page
    #[arg(long, value_name = "FILE", requires = "report")]
    card_photo: Option<PathBuf>,

    /// The language: ja, en, vi, zh-Hans, zh-Hant, ne, id, pt-BR or fil; as the locale if left out
    #[arg(long, value_name = "TAG", value_parser = language_of_tag)]
    language: Option<Language>,

    /// Saves the files as read, personal data and all
    #[arg(long, value_name = "FILE", conflicts_with = "from_dump")]
    dump: Option<PathBuf>,

    /// Writes a recording of the reading, without number and content, for a bug report
    #[arg(long, value_name = "FILE", conflicts_with = "from_dump")]
    record: Option<PathBuf>,

    /// Judges saved files instead of a card
    #[arg(long, value_name = "FILE")]
    from_dump: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TransportOption {
    /// A software card in memory
    Software,
    /// A reader of the system's PC/SC service; build with --features pcsc
    Pcsc,
    /// A reader of libnfc; build with --features libnfc
    Libnfc,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LookupOption {
    Off,
    Assisted,
}

fn card_type(code: &str) -> Result<CardType, String> {
    CardType::from_code(code.as_bytes()).ok_or_else(|| "use 1, 2, 05, 06, 07 or 08".to_owned())
}

fn language_of_tag(tag: &str) -> Result<Language, &'static str> {
    Language::from_tag(tag).ok_or("use ja, en, vi, zh-Hans, zh-Hant, ne, id, pt-BR or fil")
}

fn language(options: &Options) -> Language {
    options.language.unwrap_or_else(locale)
}

/// The language of the POSIX locale: the first of these that is set decides.
fn locale() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty());
    locale
        .and_then(|locale| Language::from_tag(&locale))
        .unwrap_or_default()
}

fn timestamp(text: &str) -> Result<Timestamp, &'static str> {
    text.parse()
        .map_err(|_| "give a time such as 2026-11-22T10:00:00+09:00")
}

/// An exit status and the sentence that goes with it.
struct Failure {
    status: u8,
    sentence: String,
    /// Has its sentence in other languages too.
    error: Option<ReadError>,
}

const USAGE: u8 = 2;
const WRONG_NUMBER: u8 = 3;
const NO_CARD: u8 = 4;
const OTHER: u8 = 5;

impl Failure {
    fn new(status: u8, sentence: impl ToString) -> Self {
        Self {
            status,
            sentence: sentence.to_string(),
            error: None,
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        use zairyu::protocol::Error as CardError;
        let status = match &error {
            ReadError::Card(CardError::NumberMismatch { .. }) => WRONG_NUMBER,
            ReadError::Card(
                CardError::NoResidenceApplication
                | CardError::NotAResidenceCard
                | CardError::SpecifiedCard { .. }
                | CardError::UnknownCardType,
            ) => NO_CARD,
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
        Self {
            error: Some(error.clone()),
            ..Self::new(status, error)
        }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(report) => ExitCode::from(u8::from(!report.is_signature_verified())),
        Err(failure) => {
            let sentence = failure
                .error
                .map_or(failure.sentence, |error| error.text(language(&options)));
            let ended = sentence.ends_with(['.', '?', '!', '。']);
            eprintln!("{sentence}{}", if ended { "" } else { "." });
            ExitCode::from(failure.status)
        }
    }
}

fn run(options: &Options) -> Result<Report, Failure> {
    let page = page_options(options)?;
    let number = number(options)?;
    let mut anchors = load_anchors(&options.anchors)?;
    let reading = match (&options.from_dump, options.transport) {
        (Some(file), _) => from_dump(file, number.as_ref())?,
        (None, TransportOption::Software) => read_software_card(options, number, &mut anchors)?,
        (None, TransportOption::Pcsc) => read_with_pcsc(options, &required(number)?)?,
        (None, TransportOption::Libnfc) => read_with_libnfc(options, &required(number)?)?,
    };
    if let Some(file) = &options.dump {
        write_private(file, reading.to_dump().as_bytes())?;
    }
    let mut report = reading.judge(&anchors, options.at.unwrap_or_else(Timestamp::now));
    if options.lookup == LookupOption::Assisted {
        report = look_up(&reading, report);
    }
    if let Some(folder) = &options.images {
        write_images(&report, folder)?;
    }
    if let Some(file) = &options.report {
        write_private(file, report.to_html(&page).as_bytes())?;
    }
    let text = || report.to_text(language(options));
    match &options.json {
        Some(file) if file == Path::new("-") => print(&format!("{}\n", report.to_json()))?,
        Some(file) => {
            write_private(file, report.to_json().as_bytes())?;
            print(&text())?;
        }
        None => print(&text())?,
    }
    if report.card.number_on_chip_matches == Some(false) {
        return Err(Failure::new(
            WRONG_NUMBER,
            "The chip states another number than the one that opens it: do not accept this card",
        ));
    }
    Ok(report)
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

fn number(options: &Options) -> Result<Option<CardNumber>, Failure> {
    let typed = match options.number.as_deref() {
        Some("-") => {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map_err(|_| {
                Failure::new(
                    USAGE,
                    "The card number on standard input is no text: type it again",
                )
            })?;
            line
        }
        Some(typed) => typed.to_owned(),
        None => return Ok(None),
    };
    CardNumber::parse(&typed)
        .map(Some)
        .map_err(|error| Failure::new(USAGE, error))
}

fn required(number: Option<CardNumber>) -> Result<CardNumber, Failure> {
    let missing =
        "A card in a reader opens only with its number: give it with --number, or --number - to type it";
    number.ok_or_else(|| Failure::new(USAGE, missing))
}

/// A file of at most one byte more than it may have: enough to be refused as too long.
fn read_file(file: &Path, longest: usize) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let longest = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    fs::File::open(file)?.take(longest).read_to_end(&mut content)?;
    Ok(content)
}

/// The longest picture of a physical card that is taken: what a phone's camera makes fits well.
const MAX_PHOTO_LEN: usize = 16 << 20;

fn page_options(options: &Options) -> Result<HtmlOptions, Failure> {
    let page = HtmlOptions::new().language(language(options));
    let Some(file) = &options.card_photo else {
        return Ok(page);
    };
    let refused = |error: &dyn ToString| {
        let name = file.display();
        let error = error.to_string();
        Failure::new(
            USAGE,
            format!("The picture {name} cannot be used ({error}): give a JPEG file"),
        )
    };
    let content = read_file(file, MAX_PHOTO_LEN).map_err(|error| refused(&error))?;
    if zairyu::image::detect(&content) != Some(zairyu::image::Format::Jpeg) {
        return Err(refused(&"it is no JPEG"));
    }
    let mut budget = zairyu::image::Budget::default();
    budget.max_bytes = MAX_PHOTO_LEN;
    budget.max_width = 4096;
    budget.max_height = 4096;
    match zairyu::image::decode(&content, &budget) {
        Ok(Some(photo)) => Ok(page.card_photo(photo.shrunk(1000))),
        Ok(None) => Err(refused(&"it is empty")),
        Err(error) => Err(refused(&error)),
    }
}

fn load_anchors(files: &[PathBuf]) -> Result<Anchors, Failure> {
    let mut anchors = Anchors::new();
    for file in files {
        let name = file.display();
        let content = read_file(file, zairyu::verify::MAX_FILE_LEN).map_err(|error| {
            Failure::new(
                USAGE,
                format!("The CA certificate {name} cannot be read ({error}): check the path"),
            )
        })?;
        anchors
            .add(&content)
            .map_err(|error| Failure::new(USAGE, format!("{name}: {error}")))?;
    }
    Ok(anchors)
}

fn from_dump(file: &Path, number: Option<&CardNumber>) -> Result<Reading, Failure> {
    let name = file.display();
    let content = read_file(file, Reading::MAX_DUMP_LEN).map_err(|error| {
        Failure::new(
            USAGE,
            format!("The dump {name} cannot be read ({error}): check the path"),
        )
    })?;
    let text = String::from_utf8_lossy(&content);
    let reading =
        Reading::from_dump(&text).map_err(|error| Failure::new(OTHER, format!("{name}: {error}")))?;
    if number.is_some_and(|number| number != reading.number()) {
        return Err(Failure::new(
            WRONG_NUMBER,
            "The card number is not the one that the saved card was read with",
        ));
    }
    Ok(reading)
}

fn read_software_card(
    options: &Options,
    number: Option<CardNumber>,
    anchors: &mut Anchors,
) -> Result<Reading, Failure> {
    let failed = |error: &dyn ToString| Failure::new(OTHER, error.to_string());
    let issuer = Issuer::new();
    let mut builder = CardBuilder::new(options.card);
    let is_specified = options.card.generation() == Generation::Specified;
    if is_specified {
        builder = builder.profile(made_up_profile());
    }
    let issued = issuer.issue(&builder).map_err(|error| failed(&error))?;
    let own_number = issued.number().clone();
    let mut card = SoftwareCard::new(issued);
    if anchors.is_empty() {
        let certificate = issuer
            .ca_certificate(options.card.generation())
            .map_err(|error| failed(&error))?;
        anchors.add(&certificate).map_err(|error| failed(&error))?;
    }
    let number = number.unwrap_or(own_number);
    if !is_specified || options.record.is_some() {
        return read(options, &mut card, &number);
    }
    let key = delivery_key().map_err(|error| failed(&error))?;
    let key =
        DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &key).map_err(|error| failed(&error))?;
    let access = SpecifiedAccess::new(made_up_profile(), key).map_err(|error| failed(&error))?;
    Ok(zairyu::read_specified(&mut card, &number, &access, |progress| {
        show_progress(options, progress)
    })?)
}

/// How a software card of type 07 or 08 secures its commands. Made up: it is what was measured on another application of the
/// My Number Card, and nobody has confirmed it for real specified cards. So no card in a reader is read with it.
fn made_up_profile() -> SecureMessagingProfile {
    SecureMessagingProfile::measured_relative()
}

fn read(options: &Options, card: &mut impl Transport, number: &CardNumber) -> Result<Reading, Failure> {
    let Some(file) = &options.record else {
        return Ok(zairyu::read_with_progress(card, number, |progress| {
            show_progress(options, progress)
        })?);
    };
    let (result, recording) = zairyu::read_recorded(card, number)?;
    write_private(file, recording.to_text().as_bytes())?;
    Ok(result?)
}

/// The lapse lookup: a person does it at the official page, and says here what the page said. Nothing is sent.
fn look_up(reading: &Reading, report: Report) -> Report {
    eprintln!("The lapse lookup (失効情報照会). What is it for?");
    let purposes = [
        (Purpose::Hiring, "hiring"),
        (Purpose::Contract, "a contract"),
        (Purpose::IdentityCheck, "an identity check"),
        (Purpose::OwnCard, "my own card"),
    ];
    let purpose = choose(purposes);
    let mut inputs = reading.lookup_inputs(&report);
    let mut valid_until = None;
    if let Some(purpose) = purpose.filter(|purpose| has_consent(*purpose)) {
        inputs = inputs.consent(purpose);
        if report.printed_validity.is_none() {
            let question = "The card's own validity date (このカードは…まで有効です), as YYYY-MM-DD";
            inputs = inputs.typed_valid_until(&ask(question).unwrap_or_default());
            valid_until = inputs.clone().check().ok().map(|inquiry| inquiry.valid_until());
        }
    }
    let lookup = match inputs.check() {
        Ok(inquiry) => Assisted::new(TopPage::default(), Terminal).look_up(&inquiry),
        Err(reason) => Lookup::not_asked(reason, Timestamp::now()),
    };
    let purpose = purpose.unwrap_or(Purpose::IdentityCheck);
    report.with_lookup(lookup, purpose, valid_until, &Policy::default())
}

fn has_consent(purpose: Purpose) -> bool {
    let agreed = || ask("Did the holder agree to the lookup? (yes/no)").is_some_and(|answer| answer == "yes");
    purpose == Purpose::OwnCard || agreed()
}

/// The person at this terminal.
struct Terminal;

impl Person for Terminal {
    fn look_up(&mut self, there: &HandedOver) -> Option<Classification> {
        for notice in there.notices(None) {
            eprintln!("- {}", notice.text(StaffLanguage::En));
        }
        eprintln!("Open {} and enter there:", there.url());
        eprintln!(
            "    {}  {}",
            there.inquiry().number().expose(),
            there.inquiry().valid_until()
        );
        eprintln!("What does the page say? (Enter puts it off.)");
        let observed =
            Observation::all().map(|observation| (observation, observation.label(StaffLanguage::En)));
        choose(observed).map(Classification::by_person)
    }
}

/// Shows numbered choices and takes one; `None` for anything else.
fn choose<T: Copy>(choices: impl IntoIterator<Item = (T, &'static str)>) -> Option<T> {
    let choices: Vec<_> = choices.into_iter().collect();
    for (number, (_, words)) in (1..).zip(&choices) {
        eprintln!("{number:3} {words}");
    }
    let typed: usize = ask("Number")?.parse().ok()?;
    choices.get(typed.checked_sub(1)?).map(|(choice, _)| *choice)
}

/// Asks on standard error, so that standard output keeps to the report.
fn ask(question: &str) -> Option<String> {
    eprint!("{question}: ");
    let mut line = String::new();
    io::stdin()
        .read_line(&mut line)
        .ok()
        .filter(|&length| length > 0)?;
    Some(line.trim().to_owned())
}

#[cfg(feature = "pcsc")]
fn read_with_pcsc(options: &Options, number: &CardNumber) -> Result<Reading, Failure> {
    let mut readers = zairyu::pcsc::OpenOptions::new().wait(std::time::Duration::from_secs(options.wait));
    if let Some(name) = &options.reader {
        readers = readers.reader(name);
    }
    let mut card = match readers.open() {
        // Several readers hold a card: is just one of them a residence card?
        Err(error) if error.kind() == ErrorKind::SeveralCards => readers.open_if(is_residence_card),
        opened => opened,
    }
    .map_err(ReadError::from)?;
    read(options, &mut card, number)
}

#[cfg(feature = "pcsc")]
fn is_residence_card(card: &mut zairyu::pcsc::Session) -> Result<bool, zairyu::transport::Error> {
    match zairyu::holds_residence_card(card) {
        Err(ReadError::Transport(error)) => Err(error),
        result => Ok(result.unwrap_or(false)),
    }
}

#[cfg(not(feature = "pcsc"))]
fn read_with_pcsc(_options: &Options, _number: &CardNumber) -> Result<Reading, Failure> {
    Err(Failure::new(
        USAGE,
        "This program was built without PC/SC: build it with --features pcsc",
    ))
}

#[cfg(feature = "libnfc")]
fn read_with_libnfc(options: &Options, number: &CardNumber) -> Result<Reading, Failure> {
    let mut readers = zairyu::libnfc::OpenOptions::new().wait(std::time::Duration::from_secs(options.wait));
    if let Some(connection) = &options.reader {
        readers = readers.reader(connection);
    }
    let mut card = readers.open().map_err(ReadError::from)?;
    read(options, &mut card, number)
}

#[cfg(not(feature = "libnfc"))]
fn read_with_libnfc(_options: &Options, _number: &CardNumber) -> Result<Reading, Failure> {
    Err(Failure::new(
        USAGE,
        "This program was built without libnfc: build it with --features libnfc",
    ))
}

fn show_progress(options: &Options, progress: Progress) -> ControlFlow<()> {
    if io::stderr().is_terminal() && progress.bytes_total > 0 {
        let percent = progress.bytes_done.saturating_mul(100) / progress.bytes_total;
        match language(options) {
            Language::Ja => eprint!("\r読取り中: {percent:3} %。カードを動かさないでください。"),
            _ => eprint!("\rReading: {percent:3} %, keep the card still. "),
        }
        if progress.bytes_done >= progress.bytes_total {
            eprintln!();
        }
    }
    ControlFlow::Continue(())
}

fn write_images(report: &Report, folder: &Path) -> Result<(), Failure> {
    let failed = |error| {
        Failure::new(
            OTHER,
            format!("The images cannot be written ({error}): check the folder"),
        )
    };
    fs::create_dir_all(folder).map_err(failed)?;
    for name in ["front", "face", "name", "address"] {
        // A picture of an earlier card must not stand beside this card's report.
        match fs::remove_file(folder.join(format!("{name}.png"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    for (name, image) in report.images.iter() {
        match image.decode() {
            Ok(Some(decoded)) => write_private(&folder.join(format!("{name}.png")), &decoded.to_png())?,
            Ok(None) => {}
            Err(error) => eprintln!("The {name} image cannot be shown: {error}."),
        }
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
