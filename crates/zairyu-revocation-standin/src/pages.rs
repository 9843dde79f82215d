//! The invented pages and what they say.

use std::collections::BTreeMap;

use encoding_rs::{EUC_JP, SHIFT_JIS};

use crate::{Answer, CODE, Fault, PageEncoding, Request, Script};

pub(crate) const TOP: &str = "/html/top.html";
const NEW_TOP: &str = "/html/new/top.html";
pub(crate) const FORM: &str = "/lookup/form";
const PICTURE: &str = "/lookup/code.svg";
const RESULT: &str = "/lookup/result";
const RESULT_PAGE: &str = "/lookup/shown";

const NOT_LISTED: &str = "照会された番号は、失効番号の一覧にありません。";
const LAPSED: &str = "照会された番号は、失効番号の一覧にあります。";
const NO_MATCH: &str = "番号と有効期間の組合せを確認できません。";
const MAINTENANCE: &str = "ただいまメンテナンス中のため、ご利用いただけません。";
const BUSY: &str = "ただいま混み合っています。しばらくたってからご利用ください。";
const FOREIGN: &str = "海外からはご利用いただけません。";
const ENTRY: &str = "はじめにトップページを開いてください。";
const WRONG_CODE: &str = "画像の文字が一致しません。";
const EXPIRED_CODE: &str = "画像の文字の有効時間が過ぎました。";
const NUMBER: &str = "在留カード等番号の形式が正しくありません。";
const VALIDITY: &str = "在留カード等有効期間の形式が正しくありません。";
const NEW_WORDS: &str = "お問い合わせの番号につきましては窓口にてご案内いたします。";

/// The service's profile, as `zairyu_revocation::Profile` reads it.
pub(crate) fn profile(port: u16, entry_page: &str, is_verified: bool) -> String {
    let sentences = [
        (NOT_LISTED, "not_listed_as_lapsed"),
        (LAPSED, "lapsed"),
        (NO_MATCH, "no_match"),
        (MAINTENANCE, "service_unavailable.maintenance"),
        (BUSY, "service_unavailable.busy"),
        (FOREIGN, "access_refused.foreign_ip"),
        (ENTRY, "access_refused.entry_not_via_top_page"),
        (WRONG_CODE, "challenge_not_passed.wrong"),
        (EXPIRED_CODE, "challenge_not_passed.expired"),
        (NUMBER, "input_rejected.number"),
        (VALIDITY, "input_rejected.validity"),
    ]
    .map(|(text, means)| format!(r#"{{"text": "{text}", "means": "{means}"}}"#))
    .join(",\n        ");
    let verification = if is_verified {
        r#"{"verified_by": "zairyu-revocation-standin", "verified_on": "2026-11-22", "permission": "our own"}"#
    } else {
        "null"
    };
    format!(
        r#"{{
    "schema": "zairyu.service-profile/1",
    "name": "stand-in on loopback",
    "host": "localhost",
    "port": {port},
    "entry_page": "{entry_page}",
    "form": {{
        "page": "{FORM}",
        "action": "{RESULT}",
        "number": "cardNumber",
        "validity": {{"year": "expiryYear", "month": "expiryMonth", "day": "expiryDay"}},
        "picture": "{PICTURE}",
        "picture_code": "code",
        "submit": "send",
        "answer_inside": "result"
    }},
    "sentences": [
        {sentences}
    ],
    "negative_means": "not_on_list",
    "data_age": "unknown",
    "verification": {verification}
}}"#
    )
}

/// A reply before it is written.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Up to where the body goes before the connection breaks, for [`Fault::CutAfterAnswer`].
    pub(crate) is_result: bool,
}

impl Reply {
    fn redirect(status: u16, location: &str) -> Self {
        Self {
            status,
            headers: vec![("Location", location.to_owned())],
            ..Self::empty(status)
        }
    }

    fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: "text/plain".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            is_result: false,
        }
    }
}

/// What the service replies.
pub(crate) fn reply(request: &Request, script: Script, port: u16) -> Reply {
    let path = request.target.split('?').next().unwrap_or_default();
    let message = |text: &str| page(script, &format!("<p>{text}</p>"));
    if script.is_under_maintenance() {
        return message(MAINTENANCE);
    }
    match script.fault {
        Some(Fault::Busy) => return message(BUSY),
        Some(Fault::TooManyRequests) => return Reply::empty(429),
        Some(Fault::ForeignPage) => return message(FOREIGN),
        Some(Fault::ForeignForbidden) => {
            return Reply {
                status: 403,
                ..message(FOREIGN)
            };
        }
        Some(Fault::Forbidden) => return Reply::empty(403),
        Some(Fault::InternalError) => return Reply::empty(500),
        _ => {}
    }
    let has_session = script.fault != Some(Fault::EntryNotViaTopPage)
        && request
            .header("cookie")
            .is_some_and(|cookies| cookies.contains("session=open"));
    match (request.method.as_str(), path) {
        ("GET", TOP) => top(script),
        ("GET", NEW_TOP) => welcome(script),
        (_, FORM | PICTURE | RESULT | RESULT_PAGE) if !has_session => message(ENTRY),
        ("GET", FORM) => form(script, port),
        ("GET", PICTURE) => picture(script),
        ("POST", RESULT) => result(request, script),
        ("GET", RESULT_PAGE) => answer(script, ""),
        _ => Reply::empty(404),
    }
}

fn top(script: Script) -> Reply {
    match script.fault {
        Some(Fault::Moved) => Reply::redirect(301, NEW_TOP),
        Some(Fault::Gone) => Reply::empty(404),
        Some(Fault::RedirectLoop) => Reply::redirect(302, TOP),
        Some(Fault::RedirectOffHost) => Reply::redirect(302, "https://example.invalid/html/top.html"),
        Some(Fault::RedirectToHttp) => Reply::redirect(302, "http://localhost/html/top.html"),
        _ => welcome(script),
    }
}

fn welcome(script: Script) -> Reply {
    let mut reply = page(
        script,
        &format!("<p>試験用の照会ページです。</p><a href=\"{FORM}\">照会へ</a>"),
    );
    reply
        .headers
        .push(("Set-Cookie", "session=open; Path=/; Secure; HttpOnly".to_owned()));
    reply
}

fn form(script: Script, port: u16) -> Reply {
    let is = |fault| script.fault == Some(fault);
    let method = if is(Fault::FormByGet) { "get" } else { "post" };
    let action = match script.fault {
        Some(Fault::FormOffHost) => format!("https://example.invalid{RESULT}"),
        Some(Fault::FormElsewhere) => "/elsewhere".to_owned(),
        // Absolute, as some services write it.
        _ => format!("https://localhost:{port}{RESULT}"),
    };
    let number = if is(Fault::RenamedControl) {
        "number"
    } else {
        "cardNumber"
    };
    let when = |fault, text: &str| if is(fault) { text.to_owned() } else { String::new() };
    let picture = if is(Fault::NoPicture) {
        String::new()
    } else {
        format!("<img src=\"{PICTURE}?1\" alt=\"code\">")
    };
    let extra = when(Fault::ExtraControl, "<input type=text name=agree>");
    let second = when(
        Fault::TwoForms,
        "<form method=post action=/search><input name=q></form>",
    );
    let early = when(
        Fault::AnswerBeforeQuestion,
        &format!("<div id=result><p>{NOT_LISTED}</p></div>"),
    );
    let deep = when(Fault::DeepNesting, &"<div>".repeat(100_000));
    page(
        script,
        &format!(
            "{early}{deep}<form method={method} action=\"{action}\">\
             <input type=hidden name=token value=\"a&amp;b 失効\">\
             <label>在留カード等番号 <input name={number} maxlength=12></label>\
             <input name=expiryYear><input name=expiryMonth><input name=expiryDay>\
             {extra}{picture}<input name=code><input type=submit name=send value=照会></form>{second}"
        ),
    )
}

fn picture(script: Script) -> Reply {
    if script.fault == Some(Fault::PictureIsPage) {
        return page(script, "<p>画像はありません。</p>");
    }
    let body = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"120\" height=\"40\"><text x=\"10\" y=\"30\" \
         font-size=\"28\">{CODE}</text></svg>"
    );
    Reply {
        content_type: "image/svg+xml".to_owned(),
        body: body.into_bytes(),
        ..Reply::empty(200)
    }
}

fn result(request: &Request, script: Script) -> Reply {
    let message = |text: &str| page(script, &format!("<p>{text}</p>"));
    let fields = fields(&request.body, script);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let is_number = field("cardNumber").len() == 12;
    let lengths = ["expiryYear", "expiryMonth", "expiryDay"].map(|name| field(name).len());
    // The hidden value and the button have to come back as they were given.
    if field("token") != "a&b 失効" || field("send") != "照会" {
        return Reply::empty(400);
    }
    match script.fault {
        Some(Fault::WrongCode) => message(WRONG_CODE),
        Some(Fault::ExpiredCode) => message(EXPIRED_CODE),
        Some(Fault::NumberRejected) => message(NUMBER),
        Some(Fault::ValidityRejected) => message(VALIDITY),
        _ if field("code") != CODE => message(WRONG_CODE),
        _ if !is_number => message(NUMBER),
        _ if lengths != [4, 2, 2] => message(VALIDITY),
        Some(Fault::ResultBehindRedirect) => Reply::redirect(303, RESULT_PAGE),
        Some(Fault::RedirectWithNumber) => {
            // Half of it escaped, in small letters.
            let number = field("cardNumber").to_lowercase();
            let (first, rest) = number.split_at_checked(1).unwrap_or_default();
            let first = first.bytes().next().unwrap_or_default();
            Reply::redirect(303, &format!("{RESULT_PAGE}?n=%{first:02x}{rest}"))
        }
        Some(Fault::RepostElsewhere) => Reply::redirect(307, "/elsewhere"),
        _ => answer(script, field("cardNumber")),
    }
}

fn answer(script: Script, number: &str) -> Reply {
    let sentence = match script.answer {
        Answer::NotListed => NOT_LISTED,
        Answer::Lapsed => LAPSED,
        Answer::NoMatch => NO_MATCH,
    };
    // White space within a sentence, as pages have it.
    let sentence = sentence.replacen("、", "、\n      ", 1);
    let result = |inner: &str| {
        format!("<h1>照会結果</h1><p>照会番号 {number}</p><div id=\"result\"><p>{inner}</p></div>")
    };
    let content = match script.fault {
        Some(Fault::Reworded) => result("この番号については、一覧にはございませんでした。"),
        Some(Fault::Negated) => result(&format!("「{sentence}」とは限りません。")),
        Some(Fault::NegatedInline) => result(&format!("<b>{sentence}</b><span>とは限りません。</span>")),
        Some(Fault::HiddenAnswer) => result(&format!("{NEW_WORDS}</p><p style=\"display: none\">{sentence}")),
        Some(Fault::AnswerInScript) => result(&format!(
            "{NEW_WORDS}<script>show(\"<p>{sentence}</p>\")</script>"
        )),
        Some(Fault::AnswerInHelp) => format!("{}<div><p>{sentence}</p></div>", result(NEW_WORDS)),
        Some(Fault::BothAnswers) => format!("{}<!-- {LAPSED} -->", result(&sentence)),
        Some(Fault::AnswerThenRefresh) => {
            format!("<meta http-equiv=Refresh content=0>{}", result(&sentence))
        }
        _ => result(&sentence),
    };
    let mut reply = page(script, &content);
    reply.is_result = true;
    match script.fault {
        Some(Fault::InternalErrorWithAnswer) => reply.status = 500,
        Some(Fault::AnswerAsPlainText) => reply.content_type = "text/plain; charset=UTF-8".to_owned(),
        _ => {}
    }
    reply
}

fn fields(body: &[u8], script: Script) -> BTreeMap<String, String> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let digits: Vec<u8> = rest.by_ref().take(2).collect();
                    let digits = String::from_utf8_lossy(&digits).into_owned();
                    bytes.push(u8::from_str_radix(&digits, 16).unwrap_or_default());
                }
                byte => bytes.push(byte),
            }
        }
        match script.encoding {
            PageEncoding::ShiftJis => SHIFT_JIS.decode(&bytes).0.into_owned(),
            PageEncoding::EucJpInMeta => EUC_JP.decode(&bytes).0.into_owned(),
            _ => String::from_utf8_lossy(&bytes).into_owned(),
        }
    };
    String::from_utf8_lossy(body)
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// A page in the script's encoding.
fn page(script: Script, content: &str) -> Reply {
    let (label_in_page, label_in_header) = match script.encoding {
        PageEncoding::Utf8 => (None, Some("UTF-8")),
        PageEncoding::ShiftJis | PageEncoding::Utf8MarkedSaidShiftJis | PageEncoding::Utf8SaidShiftJis => {
            (None, Some("Shift_JIS"))
        }
        PageEncoding::EucJpInMeta => (Some("EUC-JP"), None),
        PageEncoding::ShiftJisSaidUtf8 => (None, Some("UTF-8")),
        PageEncoding::EucJpSaidShiftJis => (Some("Shift_JIS"), None),
        PageEncoding::Iso2022Jp => (None, Some("ISO-2022-JP")),
        PageEncoding::Utf16 => (None, None),
        PageEncoding::UnknownLabel => (None, Some("x-nobody-knows")),
    };
    let meta = label_in_page
        .map(|label| format!("<meta charset=\"{label}\">"))
        .unwrap_or_default();
    let text = format!(
        "<!DOCTYPE html>\n<html lang=ja><head>{meta}<title>試験用 番号照会</title></head>\n\
         <body>{content}</body></html>\n"
    );
    let body = match script.encoding {
        PageEncoding::ShiftJis | PageEncoding::ShiftJisSaidUtf8 => SHIFT_JIS.encode(&text).0.into_owned(),
        PageEncoding::EucJpInMeta | PageEncoding::EucJpSaidShiftJis => EUC_JP.encode(&text).0.into_owned(),
        PageEncoding::Iso2022Jp => encoding_rs::ISO_2022_JP.encode(&text).0.into_owned(),
        PageEncoding::Utf16 => [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect(),
        PageEncoding::Utf8MarkedSaidShiftJis => format!("\u{FEFF}{text}").into_bytes(),
        PageEncoding::Utf8 | PageEncoding::Utf8SaidShiftJis | PageEncoding::UnknownLabel => text.into_bytes(),
    };
    Reply {
        content_type: match label_in_header {
            Some(label) => format!("text/html; charset={label}"),
            None => "text/html".to_owned(),
        },
        body,
        ..Reply::empty(200)
    }
}
