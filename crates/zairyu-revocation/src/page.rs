//! A page as far as the client needs it: its blocks of text and its forms.

use std::{borrow::Cow, cell::RefCell};

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8};
use html5ever::{
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, states::RawKind},
};

use crate::profile::without_spaces;

/// How far into a page its own statement of its encoding is looked for (WHATWG HTML, §13.2.3.2).
const PRESCAN: usize = 1024;

/// How deep elements may nest before a page is none of ours.
const DEEPEST: usize = 256;

/// A page's content. Texts have no white space.
#[derive(Default)]
pub(crate) struct Page {
    /// The visible blocks, in order.
    pub(crate) blocks: Vec<String>,
    /// The visible text of the element that holds answers.
    pub(crate) inside: String,
    /// All text there is: visible, hidden, in scripts, comments and attributes.
    pub(crate) everything: String,
    pub(crate) forms: Vec<Form>,
    /// Where pictures are.
    pub(crate) pictures: Vec<String>,
    /// Whether the end tag of `html` was there.
    pub(crate) is_complete: bool,
    /// Whether the page wants to be replaced by another one, by itself.
    pub(crate) refreshes: bool,
}

#[derive(Default)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) method: String,
    pub(crate) encoding_type: String,
    pub(crate) controls: Vec<Control>,
}

pub(crate) struct Control {
    /// `input`'s type, or `select`, `textarea`, `button`.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Page {
    /// Reads a page; `None` when it nests too deep. `inside` is the `id` of the element that holds answers.
    pub(crate) fn parse(text: &str, inside: Option<&str>) -> Option<Self> {
        let reader = Reader(RefCell::new(State {
            inside,
            ..State::default()
        }));
        let tokenizer = Tokenizer::new(reader, Default::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(text));
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        let mut state = tokenizer.sink.0.into_inner();
        state.end_block();
        let mut page = state.page;
        page.everything = without_spaces(&page.everything);
        (!state.is_too_deep).then_some(page)
    }
}

#[derive(Default)]
struct State<'a> {
    page: Page,
    inside: Option<&'a str>,
    open: Vec<Element>,
    block: String,
    in_form: bool,
    is_too_deep: bool,
}

struct Element {
    name: String,
    is_hidden: bool,
    is_inside: bool,
}

struct Reader<'a>(RefCell<State<'a>>);

impl TokenSink for Reader<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::NullCharacterToken => state.text("\u{FFFD}"),
            Token::CommentToken(text) => state.page.everything.push_str(&text),
            Token::TagToken(tag) => match tag.kind {
                TagKind::StartTag => return state.start(&tag),
                TagKind::EndTag => state.end(&tag.name),
            },
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State<'_> {
    fn text(&mut self, text: &str) {
        self.page.everything.push_str(text);
        if self.open.iter().any(|element| element.is_hidden) {
            return;
        }
        let text = without_spaces(text);
        if self.open.iter().any(|element| element.is_inside) {
            self.page.inside.push_str(&text);
        }
        self.block.push_str(&text);
    }

    fn end_block(&mut self) {
        if !self.block.is_empty() {
            self.page.blocks.push(std::mem::take(&mut self.block));
        }
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        for attribute in &tag.attrs {
            self.page.everything.push_str(&attribute.value);
        }
        if !is_inline(name) {
            self.end_block();
        }
        match name {
            "form" => {
                self.in_form = true;
                self.page.forms.push(Form {
                    action: value(tag, "action"),
                    method: value(tag, "method").to_ascii_lowercase(),
                    encoding_type: value(tag, "enctype").to_ascii_lowercase(),
                    controls: Vec::new(),
                });
            }
            "input" | "select" | "textarea" | "button" => self.control(name, tag),
            "img" => self.page.pictures.push(value(tag, "src")),
            "meta" if value(tag, "http-equiv").eq_ignore_ascii_case("refresh") => self.page.refreshes = true,
            _ => {}
        }
        if !is_void(name) {
            if self.open.len() >= DEEPEST {
                self.is_too_deep = true;
                return TokenSinkResult::Continue;
            }
            self.open.push(Element {
                name: name.to_owned(),
                is_hidden: is_hidden(tag),
                is_inside: self.inside.is_some_and(|id| value(tag, "id") == id),
            });
        }
        match name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    fn control(&mut self, name: &str, tag: &Tag) {
        let kind = match (name, value(tag, "type").to_ascii_lowercase()) {
            ("input", kind) if kind.is_empty() => "text".to_owned(),
            ("input", kind) => kind,
            (other, _) => other.to_owned(),
        };
        let control = Control {
            kind,
            name: value(tag, "name"),
            value: value(tag, "value"),
        };
        if self.in_form
            && let Some(form) = self.page.forms.last_mut()
        {
            form.controls.push(control);
        }
    }

    fn end(&mut self, name: &str) {
        if !is_inline(name) {
            self.end_block();
        }
        match name {
            "form" => self.in_form = false,
            "html" => self.page.is_complete = true,
            _ => {}
        }
        // What was left open inside closes with it. An end tag that closes nothing is passed over, so that a missing
        // end tag can only hide more and never less.
        if let Some(index) = self.open.iter().rposition(|element| element.name == name) {
            self.open.truncate(index);
        }
    }
}

fn value(tag: &Tag, name: &str) -> String {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| attribute.value.to_string())
        .unwrap_or_default()
}

fn is_inline(name: &str) -> bool {
    // `br` too: a line within a paragraph is a part of its sentence.
    const INLINE: [&str; 17] = [
        "a", "abbr", "b", "br", "em", "font", "i", "mark", "rp", "rt", "ruby", "small", "span", "strong",
        "sub", "u", "wbr",
    ];
    INLINE.contains(&name)
}

fn is_void(name: &str) -> bool {
    const VOID: [&str; 13] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    ];
    VOID.contains(&name)
}

fn is_hidden(tag: &Tag) -> bool {
    // `del` and `s` strike out; the text of the others is not shown, or not as the page's own words.
    const HIDDEN: [&str; 18] = [
        "audio", "datalist", "del", "dialog", "head", "iframe", "noembed", "noframes", "noscript", "object",
        "option", "s", "script", "select", "style", "template", "textarea", "title",
    ];
    let style = without_spaces(&value(tag, "style")).to_ascii_lowercase();
    HIDDEN.contains(&&*tag.name)
        || tag
            .attrs
            .iter()
            .any(|attribute| &*attribute.name.local == "hidden")
        || value(tag, "aria-hidden").eq_ignore_ascii_case("true")
        || ["display:none", "visibility:hidden", "opacity:0", "line-through"]
            .iter()
            .any(|hiding| style.contains(hiding))
}

/// A page's text and its encoding, as a browser would take it (byte order mark, then HTTP header, then the page itself,
/// then UTF-8), but `None` for bytes that are wrong in it and for encodings no Japanese service uses.
pub(crate) fn decode<'a>(
    bytes: &'a [u8],
    content_type: Option<&str>,
) -> Option<(Cow<'a, str>, &'static Encoding)> {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..)?),
        None => {
            let head = bytes.get(..PRESCAN.min(bytes.len()))?;
            let label = content_type
                .and_then(charset)
                .or_else(|| charset(&String::from_utf8_lossy(head)));
            let encoding = match label {
                Some(label) => Encoding::for_label(label.as_bytes())?,
                None => UTF_8,
            };
            (encoding, bytes)
        }
    };
    if ![UTF_8, SHIFT_JIS, EUC_JP].contains(&encoding) {
        return None;
    }
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some((text, encoding))
}

/// The label after `charset=`.
fn charset(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (_, after) = text.split_once("charset=")?;
    let label: String = after
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|character| character.is_ascii_alphanumeric() || "-_:".contains(*character))
        .collect();
    Some(label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Answer, Observation, Profile};

    const SENTENCE: &str = "照会された番号は、失効番号の一覧にありません。";
    const PAGE: &str = "<!DOCTYPE html><html lang=ja><head><meta charset=utf-8><title>照会</title></head>\
        <body><h1>結果</h1>\
        <div id=result><p>照会された番号は、\n  失効番号の一覧にありません。</p></div><p>戻る</p></body></html>";

    fn profile() -> Profile {
        serde_json::from_str(
            r#"{"schema":"zairyu.service-profile/1","name":"n","host":"h","entry_page":"/","form":{"action":"/a",
            "number":"n","validity":{"field":"d","separator":""},"picture":"/p","picture_code":"c",
            "answer_inside":"result"},
            "sentences":[{"text":"照会された番号は、失効番号の一覧にありません。","means":"not_listed_as_lapsed"},
            {"text":"照会された番号は、失効番号の一覧にあります。","means":"lapsed"}],"negative_means":"not_on_list",
            "data_age":"unknown","verification":{"verified_by":"t","verified_on":"2026-11-01","permission":"t"}}"#,
        )
        .expect("a profile")
    }

    fn says(bytes: &[u8], content_type: Option<&str>) -> Option<Observation> {
        let (text, _) = decode(bytes, content_type)?;
        let page = Page::parse(&text, Some("result"))?;
        let says = profile().recognise(&[page.inside], &page.everything)?;
        (page.is_complete && !page.refreshes).then_some(says)
    }

    const NOT_LISTED: Option<Observation> = Some(Observation::Answer(Answer::NotListedAsLapsed));

    #[test]
    fn the_page_itself_answers() {
        assert_eq!(
            says(PAGE.as_bytes(), Some("text/html; charset=\"utf-8\"")),
            NOT_LISTED
        );
        assert_eq!(says(PAGE.as_bytes(), None), NOT_LISTED);
    }

    #[test]
    fn no_prefix_of_it_does() {
        for length in 0..PAGE.len() - ">".len() {
            assert_eq!(says(&PAGE.as_bytes()[..length], None), None, "{length}");
        }
    }

    #[test]
    fn what_hides_the_answer_takes_it_away() {
        for (from, to) in [
            ("<p>照", "<p hidden>照"),
            ("<p>照", "<p style='Display : None'>照"),
            ("<p>照", "<p aria-hidden=true>照"),
            ("<p>照", "<del>照"),
            ("<p>照", "<s>照"),
            ("<p>照", "<template>照"),
            ("<p>照", "<noscript>照"),
            ("<p>照", "<textarea>照"),
            ("<p>照", "<select><option>照"),
            ("<p>照", "<!-- 照"),
            ("<p>照", "<input value=照"),
            ("<div id", "<div hidden id"),
            ("<body>", "<body hidden>"),
            ("</head>", ""),
            ("id=result", "id=results"),
            ("<p>戻る", "<p id=result>戻る"),
            ("</div>", ""),
            ("ません。", "ません。？"),
            ("ありません", "あり<!-- -->ませんん"),
            ("<meta ", "<meta http-equiv=refresh content=9><meta "),
            ("charset=utf-8", "charset=iso-2022-jp"),
            ("戻る", "照会された番号は、失効番号の一覧にあります。"),
            (
                "<p>戻る",
                "<p title=照会された番号は、失効番号の一覧にあります。>",
            ),
        ] {
            let changed = PAGE.replacen(from, to, 1);
            assert_ne!(changed, PAGE, "{from}");
            assert_eq!(says(changed.as_bytes(), None), None, "{from} -> {to}");
        }
    }

    proptest! {
        /// A page with bytes replaced, dropped or added answers only while the whole sentence is in it.
        #[test]
        fn damage_never_makes_an_answer(
            edits in prop::collection::vec((0..PAGE.len(), 0_usize..4, prop::collection::vec(any::<u8>(), 0..4)), 1..4),
            content_type in prop::option::of("text/html; charset=(utf-8|shift_jis|euc-jp|x)"),
        ) {
            let mut bytes = PAGE.as_bytes().to_vec();
            for (start, dropped, added) in edits {
                let start = start.min(bytes.len());
                let end = (start + dropped).min(bytes.len());
                bytes.splice(start..end, added);
            }
            let says = says(&bytes, content_type.as_deref());
            if says.is_some() {
                prop_assert_eq!(says, NOT_LISTED);
                let mut text = without_spaces(&String::from_utf8_lossy(&bytes));
                // Tags and comments within it are passed over.
                while let Some((before, (_, after))) = text
                    .split_once('<')
                    .and_then(|(before, rest)| Some((before, rest.split_once('>')?)))
                {
                    text = format!("{before}{after}");
                }
                prop_assert!(text.contains(SENTENCE), "{}", text);
                prop_assert!(!text.contains("失効番号の一覧にあります。"));
            }
        }

        /// No page makes the reader panic or run on.
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
            prop_assert_eq!(says(&bytes, None), None);
        }

        /// Nor does any heap of tags and words.
        #[test]
        fn any_tags_are_read(pieces in prop::collection::vec(prop::sample::select(vec![
            "<p>", "</p>", "<div id=result>", "</div>", "<form method=post>", "</form>", "<input name=a>",
            "<select>",
            "<script>", "</script>", "<!--", "-->", "<style>", "</style>", "<title>", "<html>", "</html>",
            "<a href='",
            "'>", "一覧に", "ありません。", "<template>", "<plaintext>", "<svg>", "<![CDATA[", "]]>", "&#x", "&amp",
        ]), 0..40)) {
            prop_assert_eq!(says(pieces.concat().as_bytes(), None), None);
        }
    }
}
