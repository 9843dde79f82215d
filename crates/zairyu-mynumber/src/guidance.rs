//! What a person can do: telephone numbers, windows, resets. Only data to be shown; nothing is done or called.

use alloc::vec::Vec;

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};

use crate::{
    application::Secret,
    error::Error,
    files::{Device, JpkiFiles, PinStatus},
    jpki::CertificateFault,
    proof::Reason,
    tries::Tries,
};

/// A situation that somebody else than this program resolves.
///
/// Most follow from what a reading says ([`Error::guidance`], [`Reason::guidance`], [`JpkiFiles::guidance`],
/// [`PinStatus::guidance`]). No chip knows that it was lost or found, that its holder's stay was extended, or that
/// somebody asks for a PIN: whoever hears it asks by name for [`CardLost`](Self::CardLost), [`CardFound`](Self::CardFound),
/// [`Reissue`](Self::Reissue), [`PhoneLost`](Self::PhoneLost), [`StayExtended`](Self::StayExtended) and
/// [`PinAskedFor`](Self::PinAskedFor).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Situation {
    /// The card was lost or stolen.
    CardLost,
    /// A lost card was found again.
    CardFound,
    /// A new card is needed.
    Reissue,
    /// A phone with certificates was lost.
    PhoneLost,
    /// The PIN of the certificate for user authentication is blocked.
    AuthPinBlocked,
    /// The password of the certificate for signing is blocked.
    SignPasswordBlocked,
    /// The PIN of the text application is blocked.
    TextPinBlocked,
    /// The number from the card's front, or the date of birth, is blocked.
    NumberBlocked,
    /// One try is left.
    LastTry,
    /// A certificate has expired.
    CertificateExpired,
    /// A certificate was revoked.
    CertificateRevoked,
    /// A certificate is suspended.
    CertificateSuspended,
    /// The card has no certificate for signing.
    NoSignCertificate,
    /// The card has no certificate for user authentication.
    NoAuthCertificate,
    /// A foreign resident's period of stay was extended.
    StayExtended,
    /// Somebody asks for a PIN.
    PinAskedFor,
}

/// What to show in a situation. Facts change: show [`Self::as_of`] with them, and not for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guidance {
    /// When it applies.
    pub situation: Situation,
    /// The day on which it was looked up.
    pub as_of: Date,
    /// The official site on which it stands.
    pub source: &'static str,
    /// In Japanese.
    pub ja: &'static str,
    /// In English.
    pub en: &'static str,
    /// Telephone numbers that it names.
    pub phones: &'static [Phone],
}

/// A telephone number of an official line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Phone {
    /// The number, with hyphens, as dialled in Japan.
    pub number: &'static str,
    /// Whose it is, in Japanese.
    pub ja: &'static str,
    /// Whose it is, in English.
    pub en: &'static str,
}

const AS_OF: Date = date(2026, 11, 22);
const CARD_SITE: &str = "https://www.kojinbango-card.go.jp/";
const JPKI_SITE: &str = "https://www.jpki.go.jp/";
const IMMIGRATION_SITE: &str = "https://www.moj.go.jp/isa/";

/// The lines on which a card is suspended, and those that tell more.
const LINES: [Phone; 7] = [
    Phone {
        number: "0120-95-0178",
        ja: "マイナンバー総合フリーダイヤル（一時利用停止は2番、24時間365日。その他は平日9:30～20:00、土日祝9:30～17:30）",
        en: "My Number toll-free line (option 2 suspends the card, 24 hours every day; other questions on weekdays 9:30 to \
             20:00, on weekends and holidays 9:30 to 17:30)",
    },
    Phone {
        number: "0120-0178-27",
        ja: "紛失・盗難の外国語窓口（英語・中国語・韓国語・スペイン語・ポルトガル語）",
        en: "loss and theft in English, Chinese, Korean, Spanish, Portuguese",
    },
    Phone {
        number: "0570-783-578",
        ja: "個人番号カードコールセンター（有料）",
        en: "My Number Card call centre (charged)",
    },
    Phone {
        number: "050-3818-1250",
        ja: "IP電話など",
        en: "from IP telephones",
    },
    Phone {
        number: "03-6734-0170",
        ja: "国外から",
        en: "from abroad",
    },
    Phone {
        number: "0120-0178-26",
        ja: "制度についての外国語窓口",
        en: "questions about the system in foreign languages",
    },
    Phone {
        number: "0120-601-785",
        ja: "ファクス",
        en: "fax",
    },
];

const fn row(
    situation: Situation,
    source: &'static str,
    phones: &'static [Phone],
    ja: &'static str,
    en: &'static str,
) -> Guidance {
    Guidance {
        situation,
        as_of: AS_OF,
        source,
        ja,
        en,
        phones,
    }
}

/// Everything there is, one row a situation.
pub const GUIDANCE: [Guidance; 16] = [
    row(
        Situation::CardLost,
        CARD_SITE,
        &LINES,
        "マイナンバー総合フリーダイヤル 0120-95-0178（2番、24時間365日）に電話し、カードの一時利用停止を申し出てください。警察に遺失届または\
         盗難届を出して受理番号を控え、市区町村の窓口に届け出てください。",
        "Call the My Number toll-free line 0120-95-0178 (option 2, 24 hours every day) and have the card suspended. Report the \
         loss or theft to the police, keep the receipt number, and go to the municipal office.",
    ),
    row(
        Situation::CardFound,
        CARD_SITE,
        &[],
        "一時利用停止の解除は、本人が市区町村の窓口で行います。署名用電子証明書は失効しているため、再発行が必要です。",
        "The suspension is lifted only in person at the municipal office. The certificate for signing was revoked and has to be \
         issued again.",
    ),
    row(
        Situation::Reissue,
        CARD_SITE,
        &[],
        "再交付は市区町村の窓口で申請します。手数料は1,000円（カード800円、電子証明書200円）、特急発行はおよそ2,000円です。",
        "Apply for a new card at the municipal office. It costs 1,000 yen (card 800, certificates 200); express issue costs about \
         2,000 yen.",
    ),
    row(
        Situation::PhoneLost,
        CARD_SITE,
        &LINES,
        "マイナンバー総合フリーダイヤル 0120-95-0178（2番）に電話し、スマホ用電子証明書の一時利用停止を申し出てください。解除は\
         マイナポータルアプリで行い、署名用電子証明書は再発行が必要です。",
        "Call the My Number toll-free line 0120-95-0178 (option 2) and have the phone's certificates suspended. The suspension is \
         lifted in the Mynaportal app; the certificate for signing has to be issued again.",
    ),
    row(
        Situation::AuthPinBlocked,
        JPKI_SITE,
        &[],
        "カードの暗証番号は、市区町村の窓口で再設定できます。署名用の暗証番号がわかり、両方の電子証明書が有効なら、JPKI暗証番号リセットアプリで手続きし、24時間\
         以内に対応するコンビニ等（セブン‐イレブン、イオングループ、フジ）のキオスク端末（6:30～23:00、無料）で再設定できます。",
        "The municipal office can set a new PIN for a card. If the password for signing is known and both certificates are valid, use the \
         JPKI PIN reset app, and within 24 hours a kiosk at a shop that takes part (Seven-Eleven, Aeon group, Fuji; 6:30 to \
         23:00, free of charge).",
    ),
    row(
        Situation::SignPasswordBlocked,
        JPKI_SITE,
        &[],
        "カードの暗証番号は、市区町村の窓口で再設定できます。利用者証明用の暗証番号がわかり、両方の電子証明書が有効なら、JPKI暗証番号リセットアプリで手続きし、24時間\
         以内に対応するコンビニ等（セブン‐イレブン、ローソン、ファミリーマート、ミニストップ、一部のダイエー）のキオスク端末（6:30～23:00、無料）で\
         再設定できます。",
        "The municipal office can set a new password for a card. If the PIN for user authentication is known and both certificates are \
         valid, use the JPKI PIN reset app, and within 24 hours a kiosk at a shop that takes part (Seven-Eleven, Lawson, \
         FamilyMart, Ministop, some Daiei; 6:30 to 23:00, free of charge).",
    ),
    row(
        Situation::TextPinBlocked,
        CARD_SITE,
        &[],
        "券面事項入力補助用の暗証番号は、市区町村の窓口でのみ再設定できます。",
        "Only the municipal office can set a new PIN of the text application.",
    ),
    row(
        Situation::NumberBlocked,
        CARD_SITE,
        &[],
        "照合番号の間違いが続いたため使えなくなりました。市区町村の窓口でのみ解除できます。",
        "Too many wrong entries have blocked the number from the card's front. Only the municipal office can unblock it.",
    ),
    row(
        Situation::LastTry,
        CARD_SITE,
        &[],
        "次に間違えると使えなくなり、市区町村の窓口での手続きが必要になることがあります。確かでなければ、入力せずに窓口で確認してください。",
        "One more wrong entry blocks it, and the municipal office may have to unblock it. If you are not sure, do not enter it; \
         ask at the municipal office.",
    ),
    row(
        Situation::CertificateExpired,
        JPKI_SITE,
        &[],
        "電子証明書の有効期限が切れています。市区町村の窓口で更新してください。有効期限の3か月前から更新できます。",
        "The certificate has expired. Renew it at the municipal office; this is possible from three months before it expires.",
    ),
    row(
        Situation::CertificateRevoked,
        JPKI_SITE,
        &LINES,
        "この電子証明書は失効していて、もう使えません。カードの電子証明書は、市区町村の窓口で発行を受け直してください。スマホ用電子証明書などについては、\
         マイナンバー総合フリーダイヤル 0120-95-0178 に問い合わせてください。",
        "The certificate was revoked and cannot be used any more. One on a card is issued again at the municipal office. About one \
         on a phone, ask on the My Number toll-free line 0120-95-0178.",
    ),
    row(
        Situation::CertificateSuspended,
        JPKI_SITE,
        &LINES,
        "この電子証明書は一時利用停止中です。カードの一時利用停止は、本人が市区町村の窓口で解除します。スマホ用電子証明書の一時利用停止は、マイナポータルアプリで\
         解除します。署名用電子証明書は再発行が必要です。わからないときは、マイナンバー総合フリーダイヤル 0120-95-0178 に問い合わせてください。",
        "The certificate is suspended. The suspension of a card is lifted only in person at the municipal office, that of a phone's \
         certificates in the Mynaportal app; the certificate for signing has to be issued again. If in doubt, ask on the My Number toll-free line 0120-95-0178.",
    ),
    row(
        Situation::NoSignCertificate,
        JPKI_SITE,
        &[],
        "このカードには署名用電子証明書がありません。15歳未満の方には発行されません。それ以外の方は市区町村の窓口で発行を受けられます。",
        "This card has no certificate for signing. None is issued to children under 15; everybody else can get one at the \
         municipal office.",
    ),
    row(
        Situation::NoAuthCertificate,
        JPKI_SITE,
        &[],
        "利用者証明用電子証明書がありません。カードなら、市区町村の窓口で発行を受けられます。",
        "There is no certificate for user authentication. For a card, the municipal office issues one.",
    ),
    row(
        Situation::StayExtended,
        IMMIGRATION_SITE,
        &[],
        "在留期間を更新しても、マイナンバーカードの有効期限は自動では延びません。期限が切れる前に市区町村の窓口で手続きしてください。特定在留カードでは、\
         入管での手続きと一体です。",
        "An extended period of stay does not extend the My Number Card by itself. Go to the municipal office before the card \
         expires. For a specified residence card (特定在留カード) the two procedures are one, at Immigration.",
    ),
    row(
        Situation::PinAskedFor,
        CARD_SITE,
        &[],
        "行政機関の職員が、電話やメール、チャットで暗証番号を聞くことはありません。",
        "No official body asks for a PIN by telephone, mail or chat.",
    ),
];

impl Guidance {
    /// The row of a situation.
    #[must_use]
    pub fn of(situation: Situation) -> Option<&'static Self> {
        GUIDANCE.iter().find(|row| row.situation == situation)
    }

    /// What a person can do about a secret with so many tries left, where somebody else resolves it.
    #[must_use]
    pub fn of_tries(secret: Secret, tries: Tries) -> Option<&'static Self> {
        Self::of(match (tries, secret) {
            (Tries::Blocked, Secret::AuthPin) => Situation::AuthPinBlocked,
            (Tries::Blocked, Secret::SignPassword) => Situation::SignPasswordBlocked,
            (Tries::Blocked, Secret::TextPin) => Situation::TextPinBlocked,
            (Tries::Blocked, Secret::TextNumberB | Secret::VisualNumberB | Secret::DateOfBirth) => {
                Situation::NumberBlocked
            }
            (Tries::Left(1), _) => Situation::LastTry,
            _ => return None,
        })
    }

    /// Whether it was looked up more than a year before this time, and should be looked up again.
    #[must_use]
    pub fn is_stale(&self, at: Timestamp) -> bool {
        let year_later = Date::new(
            self.as_of.year().saturating_add(1),
            self.as_of.month(),
            self.as_of.day(),
        );
        year_later.is_ok_and(|limit| TimeZone::UTC.to_datetime(at).date() > limit)
    }
}

impl Error {
    /// What a person can do about it, where somebody else resolves it.
    #[must_use]
    pub fn guidance(&self) -> Option<&'static Guidance> {
        match *self {
            Self::Blocked(secret) => Guidance::of_tries(secret, Tries::Blocked),
            Self::LastTry(secret) => Guidance::of_tries(secret, Tries::Left(1)),
            Self::WrongSecret { secret, tries } | Self::TriesUnknown { secret, tries } => {
                Guidance::of_tries(secret, tries)
            }
            Self::NoAuthCertificate => Guidance::of(Situation::NoAuthCertificate),
            _ => None,
        }
    }
}

impl Reason {
    /// What a person can do about it, where somebody else resolves it.
    #[must_use]
    pub fn guidance(&self) -> Option<&'static Guidance> {
        match self {
            Self::Certificate(CertificateFault::Expired) => Guidance::of(Situation::CertificateExpired),
            Self::Revoked => Guidance::of(Situation::CertificateRevoked),
            Self::Suspended => Guidance::of(Situation::CertificateSuspended),
            _ => None,
        }
    }
}

impl JpkiFiles {
    /// What a person can do if the card says that it has no certificate for signing. Of a phone nothing is said: its
    /// certificates are got in another way.
    #[must_use]
    pub fn guidance(&self) -> Option<&'static Guidance> {
        let lacks = self.presence.is_some_and(|presence| !presence.sign);
        let is_card = matches!(self.device, Device::MyNumberCard | Device::Unknown);
        (lacks && is_card)
            .then(|| Guidance::of(Situation::NoSignCertificate))
            .flatten()
    }
}

impl PinStatus {
    /// What a person can do about secrets that are blocked, nearly blocked, or not there: each row once.
    #[must_use]
    pub fn guidance(&self) -> Vec<&'static Guidance> {
        let has = |secret| self.tries(secret).is_some_and(|tries| tries != Tries::Absent);
        // A phone has no text application, and a card without the other certificate may have been issued with none.
        let lacks_sign = self.tries(Secret::SignPassword) == Some(Tries::Absent)
            && has(Secret::AuthPin)
            && has(Secret::TextPin);
        let of_tries = self
            .iter()
            .filter_map(|(secret, tries)| Guidance::of_tries(secret, tries));
        let missing = lacks_sign
            .then(|| Guidance::of(Situation::NoSignCertificate))
            .flatten();
        let mut rows = Vec::new();
        for row in of_tries.chain(missing) {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::CertificatePresence;

    #[test]
    fn each_situation_has_one_row_with_a_source_and_two_languages() {
        for (index, row) in GUIDANCE.iter().enumerate() {
            // `PinAskedFor` is the last, so none is left out.
            assert_eq!(row.situation as usize, index);
            assert_eq!(Guidance::of(row.situation), Some(row));
            assert!(row.source.starts_with("https://") && row.source.contains(".go.jp/"));
            assert!(row.ja.ends_with('。') && !row.ja.is_ascii());
            assert!(row.en.ends_with('.') && !row.en.contains('。'));
            // Continued lines leave no gap.
            assert!(
                !row.ja.contains(' ') || row.ja.contains("0120-95-0178"),
                "{}",
                row.ja
            );
            assert!(!row.en.contains("  "));
            // Numbers in the text are among those listed.
            assert_eq!(row.ja.contains("0120"), !row.phones.is_empty());
        }
        assert_eq!(GUIDANCE.len(), Situation::PinAskedFor as usize + 1);
        assert_eq!(LINES[0].number, "0120-95-0178");
        for phone in LINES {
            assert!(
                phone
                    .number
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'-')
            );
        }
    }

    #[test]
    fn blocked_secrets_lead_to_who_can_unblock_them() {
        for secret in Secret::ALL {
            assert!(
                Error::Blocked(secret)
                    .guidance()
                    .unwrap()
                    .en
                    .contains("unicipal office")
            );
            assert_eq!(
                Error::LastTry(secret).guidance().unwrap().situation,
                Situation::LastTry
            );
        }
        assert!(Error::ReadLength.guidance().is_none());
        let expired = Reason::Certificate(CertificateFault::Expired);
        assert_eq!(
            expired.guidance().unwrap().situation,
            Situation::CertificateExpired
        );
        assert!(Reason::HashMismatch.guidance().is_none());
    }

    #[test]
    fn what_a_reading_says_leads_to_its_row() {
        let situation = |row: Option<&Guidance>| row.map(|row| row.situation);
        for (reason, expected) in [
            (Reason::Revoked, Situation::CertificateRevoked),
            (Reason::Suspended, Situation::CertificateSuspended),
        ] {
            assert_eq!(situation(reason.guidance()), Some(expected));
        }
        let missing = Some(Situation::NoSignCertificate);
        for (device, sign, expected) in [
            (Device::MyNumberCard, true, None),
            (Device::MyNumberCard, false, missing),
            (Device::Unknown, false, missing),
            (Device::AndroidPhone, false, None),
            (Device::IPhone, false, None),
        ] {
            let mut files = JpkiFiles::new(Vec::new(), None);
            files.device = device;
            files.presence = Some(CertificatePresence { sign, auth: true });
            assert_eq!(situation(files.guidance()), expected, "{device:?}");
            files.presence = None;
            assert_eq!(situation(files.guidance()), None);
        }
        assert_eq!(
            situation(Error::NoAuthCertificate.guidance()),
            Some(Situation::NoAuthCertificate)
        );
        for secret in Secret::ALL {
            assert_eq!(situation(Guidance::of_tries(secret, Tries::Left(2))), None);
            assert_eq!(situation(Guidance::of_tries(secret, Tries::Absent)), None);
            for (tries, same) in [
                (Tries::Blocked, Error::Blocked(secret)),
                (Tries::Left(1), Error::LastTry(secret)),
            ] {
                let wrong = Error::WrongSecret { secret, tries };
                assert_eq!(wrong.guidance(), same.guidance());
            }
        }
    }

    #[test]
    fn all_tries_together_lead_to_each_row_once() {
        let rows = |tries: &[(Secret, Tries)]| {
            let rows = PinStatus(tries.to_vec()).guidance();
            rows.iter().map(|row| row.situation).collect::<Vec<_>>()
        };
        let (auth, sign, text) = (Secret::AuthPin, Secret::SignPassword, Secret::TextPin);
        let full = Tries::Left(3);
        let childs = [(auth, full), (sign, Tries::Absent), (text, full)];
        assert_eq!(rows(&childs), [Situation::NoSignCertificate]);
        let blocked = [
            (auth, Tries::Blocked),
            (sign, Tries::Left(1)),
            (text, Tries::Left(1)),
        ];
        assert_eq!(rows(&blocked), [Situation::AuthPinBlocked, Situation::LastTry]);
        // A phone, a card without certificates, and one that was not asked for everything.
        let absent = Tries::Absent;
        assert!(rows(&[(auth, full), (sign, absent), (text, absent)]).is_empty());
        assert!(rows(&[(auth, absent), (sign, absent), (text, full)]).is_empty());
        assert!(rows(&[(sign, absent)]).is_empty());
        assert!(rows(&[(auth, full), (text, full)]).is_empty());
    }

    /// Fails a year after the rows were looked up: look them up again, and set `AS_OF`.
    #[test]
    fn nothing_is_stale_today() {
        extern crate std;
        let since_1970 = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        let now = Timestamp::from_second(since_1970.as_secs().try_into().unwrap()).unwrap();
        for row in GUIDANCE {
            assert!(!row.is_stale(now), "{:?}", row.situation);
        }
    }

    #[test]
    fn a_year_makes_it_stale() {
        let row = Guidance::of(Situation::CardLost).unwrap();
        let is_stale = |time: &str| row.is_stale(time.parse().unwrap());
        assert!(!is_stale("2026-11-22T12:00:00Z"));
        assert!(!is_stale("2027-11-22T23:59:59Z"));
        assert!(is_stale("2027-11-23T00:00:00Z"));
    }
}
