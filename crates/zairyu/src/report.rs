//! The report: what a card says, what of it is verified, and what was not checked.
//!
//! Field names are the JSON's (`zairyu.report/1`): names are added freely, and `schema` changes when one changes its
//! meaning.

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Serialize, Serializer};
use zairyu_data::{
    Card, CardDate, CardKind, CommissionerEntry, Error as DataError, File, FirstCard, Generation, ImageValue,
    Labelled, Part, PeriodOfStay, RenewalApplication, SecondCard, StayLength, first::SignedImages,
    second::SignedEntries,
};
use zairyu_image::{Budget, Image};
use zairyu_revocation::{Decision, Lookup, NotAsked};
use zairyu_verify::{Authenticity, Reason, Status, TimeStatus, VerifiedContent};
use zeroize::Zeroize;

use crate::{Reading, reading::path_of};

/// The name of the report's form.
pub const SCHEMA: &str = "zairyu.report/1";

/// Everything that reading and judging one card brought, ready to be shown or serialised.
///
/// `signed` beside a value means: the signature covers it *and was verified*. All else is what some chip said.
/// There is no overall verdict, on purpose.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// When the card was read, in Japan's time.
    #[serde(serialize_with = "japan_time")]
    pub read_at: Timestamp,
    /// The time that certificates were judged at.
    #[serde(serialize_with = "japan_time")]
    pub judged_at: Timestamp,
    /// Which card it is.
    pub card: CardInfo,
    /// What the chip holds as text.
    pub fields: Fields,
    /// What it holds as images.
    pub images: Images,
    /// Whether the signature over it is good.
    pub authenticity: AuthenticityInfo,
    /// Whether the printed expiry date has passed; `None` when only an image holds it.
    pub printed_validity: Option<PrintedValidity>,
    /// The lapse lookup (失効情報照会): not asked, unless [`Report::with_lookup`] was called.
    pub lookup: Lookup,
    /// What a policy makes of signature, lookup, date and work limits together; see [`Report::with_lookup`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Parts of the card that could not be understood.
    pub problems: Vec<Problem>,
}

/// Which card it is.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CardInfo {
    /// カード種別 as on the card: `1`, `2`, `05` to `08`.
    pub type_code: &'static str,
    /// `residence_card` or `special_permanent_resident_certificate`.
    pub kind: &'static str,
    /// `first`, `second` or `specified`.
    pub generation: &'static str,
    /// The specification's version as on the card.
    pub spec_version: Option<String>,
    /// The number that opened the card.
    pub number: String,
    /// Whether the chip states the same number. `None` on the first generation, whose chip states none as text.
    pub number_on_chip_matches: Option<bool>,
    /// `unconfirmed_profile` for specified cards: how they were opened was confirmed by no public source. Not there for the
    /// others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure_messaging: Option<&'static str>,
}

/// The number is wiped.
impl Drop for CardInfo {
    fn drop(&mut self) {
        self.number.zeroize();
    }
}

/// The chip's text fields. `None` where this card has no such field.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "named as in the specification; each type says what it holds"
)]
pub struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_expires_on: Option<DateField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<DateField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<CodeField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<CodeField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residence_status: Option<CodeField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_of_stay: Option<PeriodField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission_type: Option<CodeField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission_date: Option<DateField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_restriction: Option<CodeField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stay_expires_on: Option<DateField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comprehensive_permission: Option<ComprehensiveField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub individual_permission: Option<PermissionField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal_pending: Option<FlagField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commissioner_note: Option<NoteField>,
}

/// A date.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct DateField {
    /// The day; `None` when the card has none there.
    pub value: Option<Date>,
    /// What the card has there instead of a day of the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Verified by the signature.
    pub signed: bool,
}

/// A code with labels, which are `None` when no public table has the code.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CodeField {
    /// As on the card.
    pub code: String,
    /// In Japanese.
    pub ja: Option<&'static str>,
    /// In English.
    pub en: Option<&'static str>,
    /// Verified by the signature.
    pub signed: bool,
}

/// 在留期間.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PeriodField {
    /// As on the card.
    pub code: String,
    /// Years, when it counts years and months.
    pub years: Option<u8>,
    /// Months, when it counts years and months.
    pub months: Option<u8>,
    /// Days, when it counts days.
    pub days: Option<u16>,
    /// 無期限.
    pub indefinite: bool,
    /// Verified by the signature.
    pub signed: bool,
}

/// 資格外活動許可, 包括許可: as text on the first generation, as a code on the second.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct ComprehensiveField {
    /// The second generation's code.
    pub code: Option<String>,
    /// Its meaning in Japanese.
    pub ja: Option<&'static str>,
    /// Its meaning in English.
    pub en: Option<&'static str>,
    /// The first generation's text; empty when nothing is permitted.
    pub text: Option<String>,
    /// 包括許可の期限 (second generation).
    pub until: Option<Date>,
    /// Verified by the signature: never.
    pub signed: bool,
}

/// 資格外活動許可, 個別許可.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PermissionField {
    /// The second generation's code.
    pub code: Option<String>,
    /// Its meaning in Japanese.
    pub ja: Option<&'static str>,
    /// Its meaning in English.
    pub en: Option<&'static str>,
    /// The first generation's text; empty when nothing is permitted.
    pub text: Option<String>,
    /// Verified by the signature: never.
    pub signed: bool,
}

/// A code that says yes or no.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct FlagField {
    /// As on the card.
    pub code: String,
    /// What it says; `None` for a code that the specification does not list.
    pub value: Option<bool>,
    /// Verified by the signature: never.
    pub signed: bool,
}

/// 住居地（裏面追記） of the first generation.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct AddressField {
    /// The address; empty when none was added.
    pub text: String,
    /// 市町村コード.
    pub municipality_code: Option<String>,
    /// 追記書き込み年月日.
    pub recorded_on: Option<Date>,
    /// Verified by the signature: never.
    pub signed: bool,
}

/// その他 of the second generation.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct NoteField {
    /// As on the card.
    pub code: String,
    /// Whether the Commissioner recorded something.
    pub value: Option<bool>,
    /// What.
    pub text: String,
    /// Verified by the signature: never.
    pub signed: bool,
}

/// The card's images, `None` where it has none.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Images {
    /// 券面（表）イメージ (first generation).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub front: Option<ImageInfo>,
    /// 顔画像.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face: Option<ImageInfo>,
    /// 氏名イメージ (second generation).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<ImageInfo>,
    /// 住居地イメージ (second generation).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<ImageInfo>,
}

impl Images {
    /// All images that the card has, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &ImageInfo)> {
        let all = [
            ("front", &self.front),
            ("face", &self.face),
            ("name", &self.name),
            ("address", &self.address),
        ];
        all.into_iter()
            .filter_map(|(name, image)| Some((name, image.as_ref()?)))
    }
}

/// One image.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct ImageInfo {
    /// `tiff_g4`, `jp2`, `j2k` or `jpeg`; `None` when it is none of these.
    pub format: Option<&'static str>,
    /// Pixels across; `None` when the header cannot be read.
    pub width: Option<u32>,
    /// Pixels down.
    pub height: Option<u32>,
    /// Verified by the signature.
    pub signed: bool,
    /// The bytes as on the card, padding included.
    #[serde(skip)]
    pub raw: ImageValue,
}

impl ImageInfo {
    /// The pixels, within the default [`Budget`].
    ///
    /// # Errors
    ///
    /// When the bytes are no image that fits the budget.
    pub fn decode(&self) -> Result<Option<Image>, zairyu_image::Error> {
        zairyu_image::decode(self.raw.bytes(), &Budget::default())
    }
}

/// The answer to "is the chip's data authentic?", from [`zairyu_verify::Authenticity`].
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct AuthenticityInfo {
    /// `verified`, `failed`, `not_verifiable` or `not_checked`.
    pub status: &'static str,
    /// Why it is not `verified`.
    pub reason: Option<&'static str>,
    /// The same as a sentence.
    pub detail: Option<String>,
    /// `production`, `official_test` or `custom`; `None` when no anchor matched.
    pub trust_profile: Option<&'static str>,
    /// The matching anchor's digest.
    pub anchor_sha256: Option<String>,
    /// The signature's own result, whatever came of the certificates: `None` when it could not be tried.
    pub signature_matches: Option<bool>,
    /// How the signature is encoded, if it matched.
    pub signature_encoding: Option<&'static str>,
    /// What the signature of such a card covers.
    pub covers: Vec<&'static str>,
    /// What it does not cover.
    pub does_not_cover: Vec<&'static str>,
    /// Whether the card-signing certificate was valid at the time of judgement.
    pub certificate_time: Option<TimeInfo>,
    /// Whether the anchor was.
    pub anchor_time: Option<TimeInfo>,
    /// Oddities of the certificate that were tolerated.
    pub tolerated: Vec<&'static str>,
    /// Whether such a holder's card should carry a signature, as far as the chip tells.
    pub signature_expected: Option<bool>,
}

/// A certificate's validity at the time of judgement.
#[derive(Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct TimeInfo {
    /// `valid`, `expired` or `not_yet_valid`.
    pub status: &'static str,
}

/// The printed expiry date: a date, never a verdict.
#[derive(Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct PrintedValidity {
    /// カード有効期間満了日.
    pub expires_on: Date,
    /// Whether that day is over in Japan.
    pub passed: bool,
}

/// A part of the card that could not be understood.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The file's place on the card, such as `DF2/EF01`.
    pub file: String,
    /// What is wrong, as a sentence.
    pub detail: String,
}

pub(crate) const JAPAN: Offset = Offset::constant(9);

fn japan_time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    // Whole seconds: nobody needs more, and readers of the form need not be asked to take more.
    let seconds = Timestamp::from_second(time.as_second()).unwrap_or(*time);
    serializer.collect_str(&seconds.display_with_offset(JAPAN))
}

impl Report {
    pub(crate) fn new(reading: &Reading, authenticity: &Authenticity, at: Timestamp) -> Self {
        let files = reading.files();
        let mut parts = Parts {
            card_type: files.card_type(),
            problems: Vec::new(),
        };
        let card = Card::parse(files);
        let (fields, images, spec_version, number_on_chip_matches) = match card {
            Card::First(card) => {
                let verified = match authenticity.content() {
                    Some(VerifiedContent::First(images)) => Some(&**images),
                    _ => None,
                };
                let (fields, images) = first(&mut parts, &card, verified);
                (fields, images, parts.take(card.specification_version), None)
            }
            Card::Second(card) => {
                let verified = match authenticity.content() {
                    Some(VerifiedContent::Second(entries)) => Some(&**entries),
                    _ => None,
                };
                let (fields, images) = second(&mut parts, &card, verified);
                // Cloned, since what is moved out of a box stays behind in it and is not wiped.
                let matches = parts
                    .take(card.number.clone())
                    .map(|number| number == *reading.number());
                if matches == Some(false) {
                    parts.problem(
                        File::CardNumber,
                        "The chip states another number than the one that opens it",
                    );
                }
                (fields, images, parts.take(card.specification_version), matches)
            }
        };
        let card_type = files.card_type();
        Self {
            schema: SCHEMA,
            read_at: reading.read_at(),
            judged_at: at,
            card: CardInfo {
                type_code: card_type.code(),
                kind: match card_type.kind() {
                    CardKind::ResidenceCard => "residence_card",
                    CardKind::SpecialPermanentResidentCertificate => "special_permanent_resident_certificate",
                },
                generation: match card_type.generation() {
                    Generation::First => "first",
                    Generation::Second => "second",
                    Generation::Specified => "specified",
                },
                spec_version,
                number: reading.number().expose().to_owned(),
                number_on_chip_matches,
                secure_messaging: (card_type.generation() == Generation::Specified)
                    .then_some("unconfirmed_profile"),
            },
            printed_validity: fields.card_expires_on.as_ref().and_then(|field| field.value).map(
                |expires_on| PrintedValidity {
                    expires_on,
                    passed: JAPAN.to_datetime(at).date() > expires_on,
                },
            ),
            fields,
            images,
            authenticity: AuthenticityInfo::new(authenticity),
            lookup: Lookup::not_asked(NotAsked::PolicyDisabled, at),
            decision: None,
            problems: parts.problems,
        }
    }

    /// Whether the signature over the chip's data is good. Not whether the card is: see `authenticity.does_not_cover`
    /// and `lookup`.
    #[must_use]
    pub fn is_signature_verified(&self) -> bool {
        self.authenticity.status == Status::Verified.as_str()
    }

    /// The report as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings, numbers and structs: serialising them cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl AuthenticityInfo {
    fn new(authenticity: &Authenticity) -> Self {
        let time = |time: TimeStatus| TimeInfo {
            status: time.as_str(),
        };
        Self {
            status: authenticity.status().as_str(),
            reason: authenticity.reason().map(Reason::as_str),
            detail: authenticity.reason().map(ToString::to_string),
            trust_profile: authenticity
                .trust_profile()
                .map(zairyu_verify::TrustProfile::as_str),
            anchor_sha256: authenticity.anchor_sha256().map(|digest| hex(&digest)),
            signature_matches: match authenticity.reason() {
                Some(Reason::SignatureMismatch) => Some(false),
                _ => authenticity.signature_encoding().map(|_| true),
            },
            signature_encoding: authenticity
                .signature_encoding()
                .map(zairyu_verify::SignatureEncoding::as_str),
            covers: authenticity
                .covers()
                .iter()
                .map(|region| region.as_str())
                .collect(),
            does_not_cover: authenticity
                .does_not_cover()
                .iter()
                .map(|region| region.as_str())
                .collect(),
            certificate_time: authenticity.certificate_time().map(time),
            anchor_time: authenticity.anchor_time().map(time),
            tolerated: authenticity
                .tolerated()
                .iter()
                .map(|oddity| oddity.as_str())
                .collect(),
            signature_expected: authenticity.signature_expected(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes parts out of their results, and notes those that could not be understood.
struct Parts {
    card_type: zairyu_data::CardType,
    problems: Vec<Problem>,
}

impl Parts {
    fn take<T>(&mut self, part: Part<T>) -> Option<T> {
        part.unwrap_or_else(|error| {
            self.note(error);
            None
        })
    }

    fn note(&mut self, error: DataError) {
        self.problem(error.file(), &error.to_string());
    }

    fn problem(&mut self, file: File, detail: &str) {
        let file = path_of(self.card_type, file).unwrap_or_else(|| file.name().to_owned());
        self.problems.push(Problem {
            file,
            detail: detail.to_owned(),
        });
    }

    /// An image, and a problem if its header cannot be read.
    fn image(&mut self, file: File, name: &str, raw: &ImageValue, signed: bool) -> ImageInfo {
        let header = zairyu_image::read_header(raw.bytes()).unwrap_or_else(|error| {
            self.problem(file, &format!("The {name} image cannot be shown: {error}"));
            None
        });
        ImageInfo {
            format: zairyu_image::detect(raw.bytes()).map(zairyu_image::Format::name),
            width: header.map(|header| header.width),
            height: header.map(|header| header.height),
            signed,
            raw: raw.clone(),
        }
    }

    /// What is shown of the signed part: out of the verified bytes if there are any, else as the chip said it.
    fn signed<'a, T>(
        &mut self,
        verified: Option<&'a T>,
        unverified: &'a Result<T, DataError>,
    ) -> Option<&'a T> {
        verified.or_else(|| unverified.as_ref().map_err(|error| self.note(*error)).ok())
    }
}

fn first(parts: &mut Parts, card: &FirstCard, verified: Option<&SignedImages>) -> (Fields, Images) {
    let signed = verified.is_some();
    let content = parts.signed(verified, &card.signed);
    let permission =
        |part: Option<zairyu_data::first::PermissionText>| part.map(|text| text.as_str().to_owned());
    let fields = Fields {
        comprehensive_permission: permission(parts.take(card.comprehensive_permission.clone())).map(|text| {
            ComprehensiveField {
                code: None,
                ja: None,
                en: None,
                text: Some(text),
                until: None,
                signed: false,
            }
        }),
        individual_permission: permission(parts.take(card.individual_permission.clone())).map(|text| {
            PermissionField {
                code: None,
                ja: None,
                en: None,
                text: Some(text),
                signed: false,
            }
        }),
        renewal_pending: parts
            .take(card.renewal_application.clone())
            .map(|code| renewal(&code)),
        address: parts.take(card.address.clone()).map(|address| AddressField {
            text: address.text,
            municipality_code: address.municipality_code.map(|code| code.as_str().to_owned()),
            recorded_on: address.recorded_on.day(),
            signed: false,
        }),
        ..Fields::default()
    };
    let images = Images {
        front: content
            .and_then(SignedImages::front)
            .map(|image| parts.image(File::FrontImage, "front", image, signed)),
        face: content
            .and_then(SignedImages::face)
            .map(|image| parts.image(File::FaceImage, "face", image, signed)),
        ..Images::default()
    };
    (fields, images)
}

fn second(parts: &mut Parts, card: &SecondCard, verified: Option<&SignedEntries>) -> (Fields, Images) {
    let signed = verified.is_some();
    let content = parts.signed(verified, &card.signed);
    let date = |date: &CardDate| DateField {
        value: date.day(),
        text: match date {
            CardDate::Other(text) => Some(text.clone()),
            _ => None,
        },
        signed,
    };
    let mut fields = content
        .map(SignedEntries::entries)
        .map_or_else(Fields::default, |entries| Fields {
            card_expires_on: entries.card_expires_on.as_ref().map(date),
            date_of_birth: entries.date_of_birth.as_ref().map(date),
            sex: entries.sex.as_ref().map(|code| labelled(code, signed)),
            nationality: entries.nationality.as_ref().map(|code| labelled(code, signed)),
            residence_status: entries
                .residence_status
                .as_ref()
                .map(|code| labelled(code, signed)),
            period_of_stay: entries
                .period_of_stay
                .as_ref()
                .map(|period| period_of_stay(period, signed)),
            permission_type: entries
                .permission_type
                .as_ref()
                .map(|code| labelled(code, signed)),
            permission_date: entries.permission_date.as_ref().map(date),
            work_restriction: entries
                .work_restriction
                .as_ref()
                .map(|code| labelled(code, signed)),
            stay_expires_on: entries.stay_expires_on.as_ref().map(date),
            ..Fields::default()
        });
    if let Some(permissions) = parts.take(card.permissions.clone()) {
        let comprehensive = labelled(&permissions.comprehensive, false);
        fields.comprehensive_permission = Some(ComprehensiveField {
            code: Some(comprehensive.code),
            ja: comprehensive.ja,
            en: comprehensive.en,
            text: None,
            until: permissions.comprehensive_until.day(),
            signed: false,
        });
        let individual = labelled(&permissions.individual, false);
        fields.individual_permission = Some(PermissionField {
            code: Some(individual.code),
            ja: individual.ja,
            en: individual.en,
            text: None,
            signed: false,
        });
    }
    fields.renewal_pending = parts
        .take(card.renewal_application.clone())
        .map(|code| renewal(&code));
    fields.commissioner_note = parts.take(card.commissioner_note.clone()).map(|note| NoteField {
        code: note.entry.code().to_owned(),
        value: match note.entry {
            CommissionerEntry::None => Some(false),
            CommissionerEntry::Recorded => Some(true),
            _ => None,
        },
        text: note.text,
        signed: false,
    });
    let address = parts.take(card.address_image.clone());
    let images = Images {
        front: None,
        face: content
            .and_then(SignedEntries::face)
            .map(|image| parts.image(File::NameAndFaceImage, "face", image, signed)),
        name: content
            .and_then(SignedEntries::name)
            .map(|image| parts.image(File::NameAndFaceImage, "name", image, signed)),
        address: address.map(|image| parts.image(File::AddressImage, "address", &image, false)),
    };
    (fields, images)
}

fn labelled(code: &impl Labelled, signed: bool) -> CodeField {
    CodeField {
        code: code.code().to_owned(),
        ja: code.ja(),
        en: code.en(),
        signed,
    }
}

fn period_of_stay(period: &PeriodOfStay, signed: bool) -> PeriodField {
    let (years, months, days, indefinite) = match period.length() {
        StayLength::Indefinite => (None, None, None, true),
        StayLength::YearsAndMonths { years, months } => (Some(years), Some(months), None, false),
        StayLength::Days(days) => (None, None, Some(days), false),
        _ => (None, None, None, false),
    };
    PeriodField {
        code: period.code().to_owned(),
        years,
        months,
        days,
        indefinite,
        signed,
    }
}

fn renewal(code: &RenewalApplication) -> FlagField {
    let value = match code {
        RenewalApplication::None => Some(false),
        RenewalApplication::Pending => Some(true),
        _ => None,
    };
    FlagField {
        code: code.code().to_owned(),
        value,
        signed: false,
    }
}

/// Everything in it is personal.
impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Report(type {}, {})",
            self.card.type_code, self.authenticity.status
        )
    }
}
