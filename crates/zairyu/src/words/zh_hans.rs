//! 简体中文. Not officially reviewed, as its first line says.

use super::Message as M;

pub(super) const fn text(message: M) -> Option<&'static str> {
    Some(match message {
        M::NotReviewed => "本译文未经官方审核。",
        M::Title => "卡片芯片检查",
        M::BannerTest => "测试：依据入管厅官方测试用认证机构判定，不能说明任何真实卡片的情况。",
        M::BannerCustom => "并非真实检查：依据并非日本法务省的认证机构证书判定，不能说明任何真实卡片的情况。",
        M::Signature => "芯片签名",
        M::Verified => "已验证：下方标有签名的项目由日本法务省签名",
        M::VerifiedElsewhere => "签名一致，但不属于日本法务省的认证机构",
        M::Mismatch => "不一致：请勿相信芯片中的任何内容",
        M::NotAccepted => "签名一致，但不予接受",
        M::NoSignature => "此卡没有签名，任何人都无法验证",
        M::NotChecked => "未检查",
        M::SignatureLimit => "此卡是原卡而非复制品，或持卡人就是本人。未标有签名的项目不在签名范围内。",
        M::PrintedDate => "卡面记载的到期日",
        M::DatePassed => "已过",
        M::DateNotPassed => "未过",
        M::DateInPicture => "仅记载在卡面图像中，请在图像中查看",
        M::DateLimit => "卡片或在留许可的效力：卡片可能在到期日之前失效，也可能在更新申请期间继续使用。",
        M::Lookup => "失效信息查询",
        M::NoRecord => "没有失效记录",
        M::Lapsed => "查询显示此号码已失效；非本人过失的原因也会导致失效",
        M::NoMatch => "查询处未能确认此号码与日期的组合；这与失效不同",
        M::NotLookedUp => "没有结果：号码是否失效尚不清楚",
        M::LookupLimit => "该号码曾被签发，或此卡就是该号码的卡片。",
        M::Scope => "检查的范围",
        M::ScopeText => "芯片中的数据及其签名",
        M::ScopeLimit => "有关持卡人、卡片印刷面以及能否从事某项工作的任何事项：请自行确认。",
        M::DoesNotProve => "不能证明：",
        M::Next => "接下来要做的事",
        M::CompareFace => "请将照片与面前的人比对。",
        M::CompareCard => "请将此处显示的内容与卡面记载的内容比对。",
        M::AskLookup => "请在官方网页查询号码：",
        M::AskOffice => "有异常之处，原因可能与本人无关。作出决定之前，请向地方出入国在留管理局咨询。",
        M::NumberDiffers => "芯片中的号码与读取时使用的号码不同：请勿接受此卡。",
        _ => return None,
    })
}
