//! 繁體中文. Not officially reviewed, as its first line says.

use super::Message as M;

pub(super) const fn text(message: M) -> Option<&'static str> {
    Some(match message {
        M::NotReviewed => "本譯文未經官方審核。",
        M::Title => "卡片晶片檢查",
        M::BannerTest => "測試：依據入管廳官方測試用認證機構判定，不能說明任何真實卡片的情況。",
        M::BannerCustom => "並非真實檢查：依據並非日本法務省的認證機構憑證判定，不能說明任何真實卡片的情況。",
        M::Signature => "晶片簽章",
        M::Verified => "已驗證：下方標有簽章的項目由日本法務省簽章",
        M::VerifiedElsewhere => "簽章一致，但不屬於日本法務省的認證機構",
        M::Mismatch => "不一致：請勿相信晶片中的任何內容",
        M::NotAccepted => "簽章一致，但不予接受",
        M::NoSignature => "此卡沒有簽章，任何人都無法驗證",
        M::NotChecked => "未檢查",
        M::SignatureLimit => "此卡是原卡而非複製品，或持卡人就是本人。未標有簽章的項目不在簽章範圍內。",
        M::PrintedDate => "卡面記載的到期日",
        M::DatePassed => "已過",
        M::DateNotPassed => "未過",
        M::DateInPicture => "僅記載於卡面影像中，請在影像中查看",
        M::DateLimit => "卡片或在留許可的效力：卡片可能在到期日之前失效，也可能在更新申請期間繼續使用。",
        M::Lookup => "失效資訊查詢",
        M::NoRecord => "沒有失效紀錄",
        M::Lapsed => "查詢顯示此號碼已失效；非本人過失的原因也會導致失效",
        M::NoMatch => "查詢處未能確認此號碼與日期的組合；這與失效不同",
        M::NotLookedUp => "沒有結果：號碼是否失效尚不清楚",
        M::LookupLimit => "該號碼曾被核發，或此卡就是該號碼的卡片。",
        M::Scope => "檢查的範圍",
        M::ScopeText => "晶片中的資料及其簽章",
        M::ScopeLimit => "有關持卡人、卡片印刷面以及能否從事某項工作的任何事項：請自行確認。",
        M::DoesNotProve => "不能證明：",
        M::Next => "接下來要做的事",
        M::CompareFace => "請將照片與面前的人比對。",
        M::CompareCard => "請將此處顯示的內容與卡面記載的內容比對。",
        M::AskLookup => "請在官方網頁查詢號碼：",
        M::AskOffice => "有異常之處，原因可能與本人無關。作出決定之前，請向地方出入國在留管理局洽詢。",
        M::NumberDiffers => "晶片中的號碼與讀取時使用的號碼不同：請勿接受此卡。",
        _ => return None,
    })
}
