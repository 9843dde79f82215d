//! What to tell a person, in Japanese and English. Our own words, not the Agency's; programs use the names instead.

use jiff::{Timestamp, civil::DateTime};
use serde::{Deserialize, Serialize};

use crate::{
    AccessRefused, Action, Answer, ChallengeNotPassed, ChipSignature, InputRejected, Lines, Lookup,
    LookupLine, NegativeMeaning, NotAnswered, NotAsked, Notice, Observation, Outcome, PrintedDate, Reason,
    ServiceUnavailable, TopPageError, WorkLimits, lookup::JAPAN,
};

/// A language of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 日本語.
    Ja,
    /// English.
    En,
}

impl Language {
    const fn choose(self, (ja, en): (&'static str, &'static str)) -> &'static str {
        match self {
            Self::Ja => ja,
            Self::En => en,
        }
    }
}

/// What to tell a person of a lookup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wording {
    /// One line: what came of it, and when.
    pub headline: String,
    /// What it means.
    pub meaning: &'static str,
    /// What to do next.
    pub next_step: &'static str,
    /// What it does not mean; always there when the number is not listed as lapsed.
    pub disclaimer: Option<&'static str>,
}

type Pair = (&'static str, &'static str);

impl Lookup {
    /// What to tell a person.
    #[must_use]
    pub fn wording(&self, language: Language) -> Wording {
        let time = time(self.as_of(), language);
        let short = language.choose(short(self.outcome()));
        let headline = match (self.outcome(), language) {
            (Outcome::Answered(_), Language::Ja) => format!("{short}（{time} 照会時点）"),
            (Outcome::Answered(_), Language::En) => format!("{short} (as of {time})"),
            (_, Language::Ja) => format!("未確認（理由: {short}、{time}）"),
            (_, Language::En) => format!("Not checked (reason: {short}, {time})"),
        };
        let (meaning, next_step) = meaning_and_next_step(self.outcome());
        Wording {
            headline,
            meaning: language.choose(meaning),
            next_step: language.choose(next_step),
            disclaimer: match self.outcome() {
                Outcome::Answered(Answer::NotListedAsLapsed) => Some(language.choose(DISCLAIMER)),
                _ => None,
            },
        }
    }

    /// How old the outcome is, in words, such as `3 hours ago`.
    #[must_use]
    pub fn age_label(&self, now: Timestamp, language: Language) -> String {
        let minutes = self.age(now).as_mins();
        let (count, (ja, en)) = match minutes {
            ..0 => {
                return language
                    .choose(("時刻が未来です", "in the future: check the clock"))
                    .to_owned();
            }
            0 => return language.choose(("1分以内", "less than a minute ago")).to_owned(),
            1..60 => (minutes, ("分前", "minute")),
            60..1440 => (minutes / 60, ("時間前", "hour")),
            _ => (minutes / 1440, ("日前", "day")),
        };
        match language {
            Language::Ja => format!("{count}{ja}"),
            Language::En => format!("{count} {en}{} ago", if count == 1 { "" } else { "s" }),
        }
    }
}

/// Japan's time, to the minute.
fn time(at: Timestamp, language: Language) -> String {
    let time: DateTime = JAPAN.to_datetime(at);
    match language {
        Language::Ja => format!(
            "{}年{}月{}日{}時{:02}分",
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.minute()
        ),
        Language::En => format!("{} {:02}:{:02} JST", time.date(), time.hour(), time.minute()),
    }
}

const DISCLAIMER: Pair = (
    "この結果が示すのは、照会先がこの番号を失効として記録していないことだけです。番号が交付されたこと、カードが真正であること、持参した人が名義人であること、記載内容が正しいことは示しません。\
     就労可否は別途確認が必要です。",
    "This shows only that the source has no record of this number as lapsed. It does not show that the \
     number was ever issued, that the card is authentic, that the person holding it is its holder, or that \
     what is printed on it is right. Whether a job is allowed has to be checked separately.",
);

/// In a few words.
const fn short(outcome: Outcome) -> Pair {
    match outcome {
        Outcome::Answered(Answer::NotListedAsLapsed) => ("失効情報なし", "No record of lapse"),
        Outcome::Answered(Answer::Lapsed) => (
            "照会で「失効」と表示されました",
            "The lookup shows this number as lapsed",
        ),
        Outcome::Answered(Answer::NoMatch) => (
            "照会先は番号と有効期間の組合せを確認できませんでした",
            "The source did not recognise this number with this date",
        ),
        Outcome::NotAnswered(cause) => match cause {
            NotAnswered::ServiceUnavailable(ServiceUnavailable::Maintenance) => {
                ("メンテナンス", "maintenance")
            }
            NotAnswered::ServiceUnavailable(ServiceUnavailable::Timeout) => {
                ("時間内に応答なし", "no reply in time")
            }
            NotAnswered::ServiceUnavailable(ServiceUnavailable::ServerError) => {
                ("照会先の不具合", "fault of the service")
            }
            NotAnswered::ServiceUnavailable(ServiceUnavailable::Busy) => ("混雑", "the service is busy"),
            NotAnswered::AccessRefused(AccessRefused::ForeignIp) => {
                ("海外からの接続", "connection from abroad")
            }
            NotAnswered::AccessRefused(AccessRefused::EntryNotViaTopPage) => {
                ("トップページを経由していない", "not entered through the top page")
            }
            NotAnswered::AccessRefused(AccessRefused::Blocked) => ("接続拒否", "connection refused"),
            NotAnswered::ChallengeNotPassed(ChallengeNotPassed::Wrong) => {
                ("画像認証の文字が不一致", "picture code did not match")
            }
            NotAnswered::ChallengeNotPassed(ChallengeNotPassed::Expired) => {
                ("画像認証の時間切れ", "picture code ran out of time")
            }
            NotAnswered::ChallengeNotPassed(ChallengeNotPassed::Abandoned) => {
                ("画像認証の中止", "picture code not typed")
            }
            NotAnswered::InputRejected(InputRejected::Number) => ("番号を受け付けない", "number not taken"),
            NotAnswered::InputRejected(InputRejected::Validity) => {
                ("有効期間を受け付けない", "validity date not taken")
            }
            NotAnswered::UnrecognisedPage => ("未知の画面", "page not known"),
            NotAnswered::OperatorUnsure => ("画面の判断がつかない", "page not understood"),
        },
        Outcome::NotAsked(reason) => match reason {
            NotAsked::NoNumber => ("番号なし", "no number"),
            NotAsked::NoValidity => ("有効期間なし", "no validity date"),
            NotAsked::MalformedInput => ("番号か有効期間の形式", "form of number or date"),
            NotAsked::ConsentMissing => ("同意の記録なし", "consent not noted"),
            NotAsked::PolicyDisabled => ("照会しない設定", "lookup switched off"),
            NotAsked::Offline => ("ネットワークなし", "no network"),
            NotAsked::Deferred => ("後で照会", "put off"),
        },
    }
}

/// What it means and what to do next.
const fn meaning_and_next_step(outcome: Outcome) -> (Pair, Pair) {
    const NOTHING_KNOWN: Pair = (
        "照会の結果は得られていません。失効の有無は分かりません。",
        "There is no result. Whether the number has lapsed is not known.",
    );
    const NOTHING_ASKED: Pair = (
        "照会していません。失効の有無は分かりません。",
        "Nothing was asked. Whether the number has lapsed is not known.",
    );
    match outcome {
        Outcome::Answered(Answer::NotListedAsLapsed) => (
            (
                "照会先に、この番号の失効は記録されていません。",
                "The source has no record of this number as lapsed.",
            ),
            (
                "ICチップの署名、顔写真と本人、就労制限をそれぞれ確認してください。",
                "Check the chip's signature, the photo against the person, and the work limits, each by \
                 itself.",
            ),
        ),
        Outcome::Answered(Answer::Lapsed) => (
            (
                "番号は、新しいカードの交付など、本人に問題がない理由でも失効します。",
                "A number also lapses for innocent reasons, such as a newer card.",
            ),
            (
                "番号と有効期間をカードで確かめて、もう一度だけ照会してください。結果が同じなら新しいカードの提示を求め、それでも分からないときは地方出入国在留管理官署に問い合わせてください。",
                "Compare number and date with the card and look up once more. If the result stays, ask for \
                 a newer card; if that does not settle it, ask the regional immigration office.",
            ),
        ),
        Outcome::Answered(Answer::NoMatch) => (
            (
                "失効とは異なります。入力の誤りか、交付されて間もないカードであることが考えられます。",
                "This is not the same as lapsed. A typing mistake is likely, or a card issued days ago.",
            ),
            (
                "番号と、在留期間ではなくカードの有効期間を確かめて、もう一度照会してください。交付直後なら翌開庁日に照会してください。\
                 結果が変わらないときは地方出入国在留管理官署に問い合わせてください。",
                "Check the number, and that the date is the card's own and not the end of the stay, and \
                 look up again; for a card just issued, on the next working day. If the result stays, ask \
                 the regional immigration office.",
            ),
        ),
        Outcome::NotAnswered(cause) => (NOTHING_KNOWN, next_step_without_answer(cause)),
        Outcome::NotAsked(reason) => (NOTHING_ASKED, next_step_without_question(reason)),
    }
}

const fn next_step_without_answer(cause: NotAnswered) -> Pair {
    match cause {
        NotAnswered::ServiceUnavailable(ServiceUnavailable::Maintenance) => (
            "翌朝に照会してください。夕方や年末年始は停止していることがあります。",
            "Look up the next morning. Evenings and the turn of the year are usual times for maintenance.",
        ),
        NotAnswered::ServiceUnavailable(ServiceUnavailable::Timeout | ServiceUnavailable::ServerError) => (
            "時間をおいて照会してください。続くときはブラウザーで照会先のトップページを開いて確かめてください。",
            "Look up later. If it goes on, open the service's top page in a browser to see what it says.",
        ),
        NotAnswered::ServiceUnavailable(ServiceUnavailable::Busy) => {
            ("時間をおいて照会してください。", "Look up later.")
        }
        NotAnswered::AccessRefused(AccessRefused::ForeignIp) => (
            "日本国内の接続から照会してください。海外のVPNや海外のサーバーを経由していないか確かめてください。",
            "Look up from a connection in Japan. See whether it goes through a VPN or a server abroad.",
        ),
        NotAnswered::AccessRefused(AccessRefused::EntryNotViaTopPage) => (
            "古いブックマークや検索結果からではなく、トップページから入り直してください。",
            "Start again from the top page, not from an old bookmark or a search result.",
        ),
        NotAnswered::AccessRefused(AccessRefused::Blocked) => (
            "日本国内の接続か、社内のフィルターで止められていないかを確かめて、照会し直してください。",
            "See whether the connection is in Japan and whether a filter of your own network stops it, and \
             look up again.",
        ),
        NotAnswered::ChallengeNotPassed(ChallengeNotPassed::Wrong) => (
            "新しい画像の文字を入力して、照会し直してください。",
            "Look up again and type the characters of the new picture.",
        ),
        NotAnswered::ChallengeNotPassed(ChallengeNotPassed::Expired) => (
            "トップページから入り直し、時間をおかずに画像の文字を入力してください。",
            "Start again from the top page and type the picture's characters without delay.",
        ),
        NotAnswered::ChallengeNotPassed(ChallengeNotPassed::Abandoned) => (
            "照会するときは、画像の文字を人が入力してください。",
            "To look up, a person has to type the picture's characters.",
        ),
        NotAnswered::InputRejected(InputRejected::Number) => (
            "番号（英字2・数字8・英字2）をカードで確かめて、照会し直してください。",
            "Compare the number with the card (two letters, eight digits, two letters) and look up again.",
        ),
        NotAnswered::InputRejected(InputRejected::Validity) => (
            "在留期間ではなく、カードの有効期間を確かめて、照会し直してください。",
            "Check that the date is the card's own and not the end of the stay, and look up again.",
        ),
        NotAnswered::UnrecognisedPage => (
            "画面が変わった可能性があります。ブラウザーで照会先のトップページから照会し、表示された内容を記録してください。",
            "The service's pages may have changed. Look up in a browser from the top page and note what it \
             shows.",
        ),
        NotAnswered::OperatorUnsure => (
            "表示された文をそのまま記録し、分かる人に見てもらってから照会し直してください。",
            "Note the sentence as it is shown, have somebody else look at it, and look up again.",
        ),
    }
}

const fn next_step_without_question(reason: NotAsked) -> Pair {
    match reason {
        NotAsked::NoNumber => (
            "カードの右上にある在留カード等番号を入力してください。",
            "Type the card number, at the card's top right.",
        ),
        NotAsked::NoValidity => (
            "カードの下部にある有効期間（このカードは…まで）を入力してください。",
            "Type the card's own validity date, at the bottom of its front.",
        ),
        NotAsked::MalformedInput => (
            "番号（英字2・数字8・英字2）と有効期間をカードで確かめてください。ICチップの番号と異なるときは、カードを確認してください。",
            "Compare the number (two letters, eight digits, two letters) and the date with the card. If \
             the chip states another number, look at the card again.",
        ),
        NotAsked::ConsentMissing => (
            "本人に目的を説明し、同意を得てから照会してください。",
            "Tell the holder what it is for, and look up once the holder agrees.",
        ),
        NotAsked::PolicyDisabled => (
            "必要なときは設定で照会を有効にするか、トップページで照会してください。",
            "If it is needed, switch the lookup on or use the service's top page.",
        ),
        NotAsked::Offline => (
            "ネットワークに接続してから照会してください。",
            "Look up once there is a network.",
        ),
        NotAsked::Deferred => ("都合のよいときに照会してください。", "Look up when it suits."),
    }
}

impl Observation {
    /// For a menu: what a person saw.
    #[must_use]
    pub const fn label(self, language: Language) -> &'static str {
        language.choose(match self {
            Self::Answer(Answer::NotListedAsLapsed) => (
                "「失効していない」という意味の表示",
                "The page says that the number has not lapsed",
            ),
            Self::Answer(Answer::Lapsed) => (
                "「失効している」という意味の表示",
                "The page says that the number has lapsed",
            ),
            Self::Answer(Answer::NoMatch) => (
                "「番号と有効期間の組合せがない」という意味の表示",
                "The page says that it does not know this number with this date",
            ),
            Self::NoAnswer(cause) => short(Outcome::NotAnswered(cause)),
        })
    }
}

impl NegativeMeaning {
    /// What "not lapsed" means at a source.
    #[must_use]
    pub const fn text(self, language: Language) -> &'static str {
        language.choose(match self {
            Self::NotOnList => (
                "失効した番号の一覧に載っていないことを示します。交付された番号かどうかは示しません。",
                "The number is not on the list of lapsed ones. It need not ever have been issued.",
            ),
            Self::IssuedAndNotLapsed => (
                "交付され、失効していない番号であることを示します。手元のカードについては示しません。",
                "The number was issued and has not lapsed. That says nothing of the card in the hand.",
            ),
            Self::IssuedToThisPerson => (
                "確認された本人に交付され、失効していない番号であることを示します。手元のカードについては示しません。",
                "The number was issued to the person who was identified and has not lapsed. That says \
                 nothing of the card in the hand.",
            ),
        })
    }
}

impl Notice {
    /// What to tell the person.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        let text = match self {
            Self::StartAtTopPage => (
                "トップページから入り、画像の文字はご自身で入力してください。",
                "Enter by the top page and type the picture's characters yourself.",
            ),
            Self::AddressVerifiedOn(day) => {
                return match language {
                    Language::Ja => format!("アドレスの最終確認日: {day}"),
                    Language::En => format!("The address was last seen to be right on {day}."),
                };
            }
            Self::AddressNotVerified => (
                "このアドレスは確認されていません。開けないときは出入国在留管理庁のサイトからたどってください。",
                "Nobody noted that this address is right. If it does not open, start from the Immigration \
                 Services Agency's site.",
            ),
            Self::ComputerLooksAbroad => (
                "この端末の時間帯は日本ではありません。海外からの接続は照会先に拒否されます。",
                "This computer's time zone is not Japan's. The service refuses connections from abroad.",
            ),
            Self::ClipboardMayKeep => (
                "コピーした番号は、クリップボードの履歴に残ることがあります。",
                "A copied number can stay in the clipboard's history.",
            ),
        };
        language.choose(text).to_owned()
    }
}

impl TopPageError {
    /// What to tell a person who brought such an address.
    #[must_use]
    pub const fn text(self, language: Language) -> &'static str {
        language.choose(match self {
            Self::Retired => (
                "2026年1月の更新で使われなくなったアドレスです。トップページから入り直してください。",
                "This address was given up when the service was renewed in January 2026. Start from its \
                 top page.",
            ),
            Self::NotOfficial => (
                "照会先は https://lapse-immi.moj.go.jp/ だけです。",
                "The lookup is only at https://lapse-immi.moj.go.jp/.",
            ),
            Self::NotPlain => (
                "トップページのアドレスに、番号などの入力を含めることはできません。",
                "A top page's address can carry no input, such as a number.",
            ),
        })
    }
}

impl Action {
    /// What to do next, in a few words.
    #[must_use]
    pub const fn text(self, language: Language) -> &'static str {
        language.choose(match self {
            Self::Proceed => (
                "次へ進む: 顔写真と就労制限を人が確認",
                "Proceed: a person checks the face and the work limits",
            ),
            Self::Hold => (
                "保留: 確認できるまで待つ（本人の不利益にしない）",
                "Hold: wait until it is settled, with no disadvantage to the holder",
            ),
            Self::Stop => ("停止: 担当者が確認する", "Stop: a person in charge reviews it"),
        })
    }
}

impl Reason {
    /// Why, and what to do about it.
    #[must_use]
    pub const fn text(self, language: Language) -> &'static str {
        language.choose(match self {
            Self::HumanChecksRemain => (
                "ICチップの署名が確認され、番号の失効は記録されていません。顔写真と本人、就労制限の確認が残っています。",
                "The chip's signature is verified and no lapse is on record. The face and the work limits \
                 remain to be checked.",
            ),
            Self::ListedAsLapsed => (
                "番号が「失効」と表示されました。もう一度だけ照会し、新しいカードの提示を求め、それでも分からないときは地方出入国在留管理官署に問い合わせてください。",
                "The number is shown as lapsed. Look up once more, ask for a newer card, and if that does \
                 not settle it ask the regional immigration office.",
            ),
            Self::PairNotRecognised => (
                "番号と有効期間の組合せが確認されませんでした。入力を確かめ、交付直後なら翌開庁日に照会してください。",
                "Number and date were not recognised together. Check the typing; for a card just issued, \
                 look up on the next working day.",
            ),
            Self::LookupNotAnswered => (
                "照会の結果が得られていません。未確認として扱い、照会し直す予定を立ててください。",
                "The lookup brought no result. Treat it as not checked and plan another one.",
            ),
            Self::LookupNotAsked => (
                "照会していません。未確認として扱い、照会の予定を立ててください。",
                "The number was not looked up. Treat it as not checked and plan a lookup.",
            ),
            Self::LookupIsOld => (
                "照会の結果が当日のものではありません。照会し直してください。",
                "The lookup's result is not of today. Look up again.",
            ),
            Self::CurrentNumberOnUnauthenticatedCard => (
                "番号の失効は記録されていませんが、カードは認証されていません。実在の番号が別のカードに写されることがあります。",
                "No lapse is on record, and the card is not authenticated. Numbers of existing cards get \
                 copied onto others.",
            ),
            Self::SignatureFailed => (
                "ICチップの署名が一致しません。読み直しても同じなら、地方出入国在留管理官署に問い合わせてください。",
                "The chip's signature does not match. If reading again changes nothing, ask the regional \
                 immigration office.",
            ),
            Self::ChipUnreadable => (
                "ICチップを読み取れません。読み直しても同じなら、地方出入国在留管理官署に問い合わせてください。",
                "The chip cannot be read. If reading again changes nothing, ask the regional immigration \
                 office.",
            ),
            Self::NoSignatureOnCard => (
                "このカードには署名がありません。券面のホログラムなどを確認してください。",
                "This card carries no signature. Look at the security features of its face.",
            ),
            Self::ChipNotRead => (
                "ICチップを確認していません。番号だけでは十分な確認になりません。",
                "The chip was not checked. The number alone is weak evidence.",
            ),
            Self::GracePeriodPossible => (
                "カードの日付は過ぎていますが、失効は記録されていません。特例期間の可能性があります。更新・変更の申請の受付を示すもの（受付メール、裏面の記載など）の提示を求めてください。",
                "The card's date has passed and no lapse is on record. It may be the grace period (特例期間): \
                 ask for the receipt of the pending application (the e-mail, or the note on the card's \
                 back).",
            ),
            Self::PrintedDatePassed => (
                "カードの日付は過ぎています。日付だけでは失効とはいえません。",
                "The card's date has passed. The date alone does not mean that the number has lapsed.",
            ),
            Self::PrintedDateUnknown => (
                "カードの有効期間を確認していません。",
                "The card's validity date was not looked at.",
            ),
            Self::InputsNotFromChip => (
                "照会した番号と有効期間は、ICチップから読んだものではありません。カードと見比べてください。",
                "Number and date of the lookup were not read from the chip. Compare them with the card.",
            ),
            Self::WorkLimitsNotChecked => (
                "就労制限の有無を確認していません。就労可否は別途確認が必要です。",
                "The work limits were not looked at. Whether the job is allowed has to be checked separately.",
            ),
            Self::WorkIsLimited => (
                "就労に制限があります。仕事の内容と在留資格・指定書を見比べてください。",
                "Work is limited. Compare the job with the status of residence and the designation paper \
                 (指定書).",
            ),
            Self::WorkPermissionNeeded => (
                "就労不可と記載されています。資格外活動許可の有無と範囲を確認してください。",
                "The card says that work is not permitted (就労不可). Ask for the permission (資格外活動許可) and its \
                 extent.",
            ),
        })
    }
}

impl Lines {
    /// The four lines in words: chip, lookup, printed date, work limits.
    #[must_use]
    pub const fn texts(&self, language: Language) -> [&'static str; 4] {
        let chip = match self.chip_signature {
            ChipSignature::Verified => ("ICチップの署名: 確認", "Chip signature: verified"),
            ChipSignature::Failed => ("ICチップの署名: 不一致", "Chip signature: does not match"),
            ChipSignature::Unreadable => ("ICチップの署名: 読取不能", "Chip signature: chip cannot be read"),
            ChipSignature::NotVerifiable => (
                "ICチップの署名: 署名のないカード",
                "Chip signature: this card carries none",
            ),
            ChipSignature::NotRead => ("ICチップの署名: 未確認", "Chip signature: not checked"),
        };
        let lookup = match self.lookup {
            LookupLine::NotListedAsLapsed => ("失効照会: 失効情報なし", "Lapse lookup: no record of lapse"),
            LookupLine::NotListedAsLapsedEarlier => (
                "失効照会: 失効情報なし（当日の照会ではない）",
                "Lapse lookup: no record of lapse, on another day",
            ),
            LookupLine::Lapsed => ("失効照会: 「失効」と表示", "Lapse lookup: shown as lapsed"),
            LookupLine::NoMatch => (
                "失効照会: 組合せが確認されない",
                "Lapse lookup: number and date not recognised",
            ),
            LookupLine::NotAnswered => (
                "失効照会: 未確認（結果なし）",
                "Lapse lookup: not checked (no result)",
            ),
            LookupLine::NotAsked => (
                "失効照会: 未確認（照会せず）",
                "Lapse lookup: not checked (not asked)",
            ),
        };
        let date = match self.printed_date {
            PrintedDate::NotPassed => ("カードの日付: 過ぎていない", "Printed date: not passed"),
            PrintedDate::Passed => ("カードの日付: 過ぎている", "Printed date: passed"),
            PrintedDate::Unknown => ("カードの日付: 未確認", "Printed date: not checked"),
        };
        let work = match self.work_limits {
            WorkLimits::NotRelevant => ("就労制限: 対象外", "Work limits: not asked for"),
            WorkLimits::NotChecked => ("就労制限: 未確認", "Work limits: not checked"),
            WorkLimits::NoLimits => (
                "就労制限: 「就労制限なし」の記載",
                "Work limits: the card states none",
            ),
            WorkLimits::Limited => ("就労制限: 制限の記載あり", "Work limits: the card states limits"),
            WorkLimits::NoWork => (
                "就労制限: 「就労不可」の記載",
                "Work limits: the card states no work",
            ),
        };
        [
            language.choose(chip),
            language.choose(lookup),
            language.choose(date),
            language.choose(work),
        ]
    }
}
