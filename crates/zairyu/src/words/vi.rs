//! Tiếng Việt. Not officially reviewed, as its first line says.

use super::Message as M;

pub(super) const fn text(message: M) -> Option<&'static str> {
    Some(match message {
        M::NotReviewed => "Bản dịch này chưa được cơ quan chính thức kiểm duyệt.",
        M::Title => "Kiểm tra chip của thẻ",
        M::BannerTest => {
            "THỬ NGHIỆM: được xét theo CA thử nghiệm chính thức của Cục Xuất nhập cảnh. Không nói lên điều gì về thẻ thực tế."
        }
        M::BannerCustom => {
            "KHÔNG PHẢI KIỂM TRA THỰC: được xét theo chứng thư CA không phải của Bộ Tư pháp Nhật Bản. Không nói lên điều gì về thẻ thực tế."
        }
        M::Signature => "Chữ ký của chip",
        M::Verified => "Đã xác minh: Bộ Tư pháp Nhật Bản đã ký những mục được đánh dấu bên dưới",
        M::VerifiedElsewhere => "Khớp, nhưng không phải theo CA của Bộ Tư pháp Nhật Bản",
        M::Mismatch => "Không khớp: đừng dựa vào bất cứ nội dung nào của chip",
        M::NotAccepted => "Khớp, nhưng không được chấp nhận",
        M::NoSignature => "Thẻ không có chữ ký nên không ai xác minh được",
        M::NotChecked => "Chưa kiểm tra",
        M::SignatureLimit => {
            "Đây là thẻ gốc chứ không phải bản sao, hoặc người mang thẻ là chủ thẻ. Mục không được đánh dấu là đã ký thì chữ ký không bao gồm."
        }
        M::PrintedDate => "Ngày hết hạn in trên thẻ",
        M::DatePassed => "đã qua",
        M::DateNotPassed => "chưa qua",
        M::DateInPicture => "Chỉ có trong hình ảnh của thẻ: hãy đọc ở đó",
        M::DateLimit => {
            "Hiệu lực của thẻ hay của giấy phép lưu trú: thẻ có thể mất hiệu lực trước ngày này, hoặc được kéo dài khi đang xin gia hạn."
        }
        M::Lookup => "Tra cứu thẻ mất hiệu lực",
        M::NoRecord => "Không có ghi nhận mất hiệu lực",
        M::Lapsed => {
            "Kết quả tra cứu cho thấy số này đã mất hiệu lực; điều đó cũng xảy ra vì những lý do bình thường"
        }
        M::NoMatch => "Nơi tra cứu không nhận ra số này với ngày này; điều đó khác với mất hiệu lực",
        M::NotLookedUp => "Không có kết quả: chưa biết số này đã mất hiệu lực hay chưa",
        M::LookupLimit => "Số này đã từng được cấp, hoặc thẻ này là thẻ được cấp với số đó.",
        M::Scope => "Những gì đã kiểm tra",
        M::ScopeText => "Dữ liệu trên chip và chữ ký của dữ liệu đó",
        M::ScopeLimit => {
            "Bất cứ điều gì về người mang thẻ, mặt in của thẻ, hay việc có được làm một công việc nào đó: hãy tự xem những điều này."
        }
        M::DoesNotProve => "Không chứng minh:",
        M::Next => "Việc cần làm tiếp theo",
        M::CompareFace => "Hãy so sánh ảnh với người trước mặt.",
        M::CompareCard => "Hãy so sánh nội dung ở đây với nội dung in trên thẻ.",
        M::AskLookup => "Hãy tra cứu số thẻ tại trang chính thức:",
        M::AskOffice => {
            "Có điều bất thường. Có thể vì lý do bình thường: hãy hỏi cục xuất nhập cảnh khu vực trước khi quyết định."
        }
        M::NumberDiffers => "Số trong chip khác với số đã dùng để đọc thẻ: đừng chấp nhận thẻ này.",
        _ => return None,
    })
}
