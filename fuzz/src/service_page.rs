//! A byte for what the service says of its encoding, then a page, as the lookup's web client reads it.
//!
//! A page that is cut never answers; memory is bounded.

use std::sync::LazyLock;

use zairyu_revocation::{Observation, Profile, fuzzing::what_a_page_says};

use crate::{
    input::Input,
    memory::{self, KIB},
};

const CONTENT_TYPES: [Option<&str>; 5] = [
    None,
    Some("text/html; charset=utf-8"),
    Some("text/html; charset=Shift_JIS"),
    Some("text/html; charset=EUC-JP"),
    Some("application/pdf"),
];

/// The sentences of a made-up service.
pub(crate) static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    serde_json::from_str(
        r#"{"schema":"zairyu.service-profile/1","name":"n","host":"h","entry_page":"/","form":{"action":"/a",
        "number":"n","validity":{"field":"d","separator":""},"picture":"/p","picture_code":"c",
        "answer_inside":"result"},
        "sentences":[{"text":"照会された番号は、失効番号の一覧にありません。","means":"not_listed_as_lapsed"},
        {"text":"照会された番号は、失効番号の一覧にあります。","means":"lapsed"},
        {"text":"メンテナンス中です。","means":"service_unavailable.maintenance"}],"negative_means":"not_on_list",
        "data_age":"unknown","verification":{"verified_by":"t","verified_on":"2026-11-01","permission":"t"}}"#,
    )
    .expect("a profile")
});

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let content_type = input.choose(&CONTENT_TYPES);
    let page = input.0;
    // A page's text, decoded and taken apart: its blocks, and all of it again.
    let says = memory::within(64 * KIB + 64 * page.len(), || {
        what_a_page_says(&PROFILE, page, content_type)
    });
    if let Some(Observation::Answer(_)) = says {
        let text = String::from_utf8_lossy(page).to_lowercase();
        assert!(text.contains("</html"), "a page without end answers");
        let end = text.rfind("</html").unwrap_or_default().min(page.len());
        let cut = what_a_page_says(&PROFILE, &page[..end / 2], content_type);
        assert!(!matches!(cut, Some(Observation::Answer(_))) || text[..end / 2].contains("</html"));
    }
}
