//! 日本語.

use zairyu_protocol::Error as CardError;
use zairyu_transport::ErrorKind;

use super::Message as M;
use crate::read::ReadError;

pub(super) const fn text(message: M) -> &'static str {
    match message {
        M::NotReviewed => "",
        M::Title => "カードのICチップの確認",
        M::BannerTest => {
            "テスト: 入管庁の公式テスト用認証局で判定しました。実際のカードについては何も示しません。"
        }
        M::BannerCustom => {
            "実際の確認ではありません: 法務省のものではない認証局証明書で判定しました。実際のカードについては何も示しません。"
        }
        M::Signature => "ICチップの署名",
        M::Verified => "確認: 下で「署名あり」とした項目に法務省の署名があります",
        M::VerifiedElsewhere => "一致しましたが、法務省の認証局の署名ではありません",
        M::Mismatch => "不一致: ICチップの内容を信用しないでください",
        M::NotAccepted => "一致しましたが、受け入れられません",
        M::NoSignature => "署名のないカードのため、誰にも検証できません",
        M::NotChecked => "未確認",
        M::SignatureLimit => {
            "複製ではない元のカードであること、持参した人が名義人であること。「署名あり」のない項目は署名の対象ではありません。"
        }
        M::PrintedDate => "カードの有効期間満了日",
        M::DatePassed => "過ぎています",
        M::DateNotPassed => "過ぎていません",
        M::DateInPicture => "券面の画像にだけ記載されています。画像で確認してください",
        M::DateLimit => {
            "カードや在留許可の効力。満了日より前に失効することも、更新申請中で続いていることもあります。"
        }
        M::Lookup => "失効情報照会",
        M::NoRecord => "失効情報なし",
        M::Lapsed => "照会で「失効」と表示されました。本人に問題のない理由でも失効します",
        M::NoMatch => "照会先は番号と有効期間の組合せを確認できませんでした。失効とは異なります",
        M::NotLookedUp => "結果なし: 失効の有無は分かりません",
        M::LookupLimit => "番号が交付されたこと、このカードがその番号のカードであること。",
        M::Scope => "確認した範囲",
        M::ScopeText => "ICチップの内容とその署名",
        M::ScopeLimit => "本人、カードの券面、個々の仕事に就けるかどうか。これらは人が確認してください。",
        M::Next => "次にすること",
        M::CompareFace => "写真と目の前の人を見比べてください。",
        M::CompareCard => "ここに表示された内容とカードの券面を見比べてください。",
        M::AskLookup => "公式ページで番号を照会してください:",
        M::AskOffice => {
            "通常と異なる点があります。本人に問題のない理由かもしれません。判断する前に地方出入国在留管理官署に問い合わせてください。"
        }
        M::NumberDiffers => {
            "ICチップの番号が、読取りに使った番号と異なります。このカードを受け付けないでください。"
        }
        M::DoesNotProve => "示さないこと:",
        M::BannerProfile => {
            "読取りに使ったセキュアメッセージングの方式は、実際の特定在留カード等について公開資料で確認されていません。"
        }
        M::SignatureExpected => "ICチップの生年月日によれば、この人のカードには署名があるはずです。",
        M::AnchorExpired => {
            "認証局証明書の有効期間は過ぎていますが、その署名のあるカードはまだ使われています。"
        }
        M::Proceed => "定めた方針では、人にしかできない確認に進みます。",
        M::Hold => "定めた方針では、保留してさらに確認します。",
        M::Stop => "定めた方針では、ここで止めて人が判断します。",
        M::Pictures => "画像",
        M::Fields => "ICチップの内容",
        M::Signed => "✓ 署名あり",
        M::Unsigned => "未検証",
        M::Face => "ICチップの顔写真",
        M::NoFace => "ICチップに顔写真がありません。幼い子のカードにはありません。",
        M::Front => "ICチップの券面（表）画像",
        M::Name => "氏名",
        M::Address => "住居地",
        M::OperatorPhoto => "手元のカード（撮影した写真）",
        M::Unshowable => "ICチップのこの画像は表示できません。",
        M::Number => "カード番号",
        M::CardExpires => "カードの満了日",
        M::DateOfBirth => "生年月日",
        M::Sex => "性別",
        M::Nationality => "国籍・地域",
        M::Status => "在留資格",
        M::Period => "在留期間",
        M::PermissionType => "許可の種類",
        M::PermittedOn => "許可年月日",
        M::Work => "就労制限の有無",
        M::StayUntil => "在留期間の満了日",
        M::Comprehensive => "資格外活動（包括許可）",
        M::Individual => "資格外活動（個別許可）",
        M::Renewal => "在留期間更新等申請中",
        M::Municipality => "市町村コード",
        M::Note => "長官記載欄",
        M::None => "無し",
        M::Unknown => "不明（公表されていない）",
        M::Yes => "はい",
        M::No => "いいえ",
        M::Indefinite => "無期限",
        M::Years => "年",
        M::Months => "か月",
        M::Days => "日",
        M::Until => "期限",
        M::Recorded => "記載日",
        M::Problem => "読み取れない箇所",
        M::ReadAt => "読取り",
        M::JudgedAt => "判定の基準時刻",
        M::MadeBy => "作成",
    }
}

/// Why a signature is not verified, by the reason's stable name.
pub(super) fn reason(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "no_signature_on_card" => "カードに署名がないため、ICチップの内容は誰にも検証できません。",
        "no_anchor" => {
            "認証局証明書が読み込まれていないため、カードの証明書を確かめられません。法務省の証明書を読み込んでください。"
        }
        "certificate_malformed" => "カードの証明書が壊れています。",
        "wrong_key_type" => "カードの証明書の鍵が、この世代のカードで使われる種類ではありません。",
        "untrusted_certificate" => "読み込まれた認証局証明書のどれも、カードの証明書を保証していません。",
        "certificate_usage" => "カードの証明書が、カードのデータに署名するためのものではありません。",
        "signature_malformed" => "カードの署名が壊れています。",
        "signed_data_malformed" => "署名の対象となるデータが揃っていません。",
        "signature_mismatch" => "カードの署名と内容が一致しません。内容か署名が書き換えられています。",
        "certificate_not_yet_valid" => {
            "署名は一致しますが、判定の基準時刻はカードの証明書の有効期間より前です。"
        }
        "certificate_expired" => "署名は一致しますが、カードの証明書の有効期間が過ぎています。",
        "anchor_not_yet_valid" => "署名は一致しますが、判定の基準時刻は認証局証明書の有効期間より前です。",
        "anchor_expired" => "署名は一致しますが、認証局証明書の有効期間が過ぎています。",
        _ => return None,
    })
}

/// Why a card could not be read, and what to do. Command, status word and system's detail are in the English text.
pub(super) fn read_error(error: &ReadError) -> Option<&'static str> {
    Some(match error {
        ReadError::Transport(error) => return transport(error.kind()),
        ReadError::Card(error) => return card(error),
        ReadError::Cancelled => "読取りを中止しました。",
        ReadError::NotARecording => "このプログラムが作った記録ではありません。もう一度記録してください。",
        ReadError::NoRandomness => {
            "システムから乱数を得られませんでした。コンピュータを再起動してやり直してください。"
        }
    })
}

pub(super) const fn transport(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NoService => {
            "スマートカードサービスが動いていません。起動して（Linuxではpcscd）やり直してください。"
        }
        ErrorKind::NotAuthorised => {
            "このプログラムにはスマートカードサービスを使う権限がありません。管理者に許可を求めてください。"
        }
        ErrorKind::NoReader => {
            "カードリーダーが見つかりません。非接触型（Type B）のリーダーを接続してやり直してください。"
        }
        ErrorKind::NoCard => "カードが見つかりません。リーダーに平らに置いてやり直してください。",
        ErrorKind::SeveralCards => {
            "複数のリーダーにカードがあります。1枚だけにするか、リーダーの名前を指定してください。"
        }
        ErrorKind::CardRemoved => {
            "読取り中にカードがリーダーから離れました。置き直し、動かさずにやり直してください。"
        }
        ErrorKind::CardReset => {
            "読取り中にカードがリセットされました。別のプログラムによるものかもしれません。やり直してください。"
        }
        ErrorKind::InUse => {
            "別のプログラムがリーダーを使っています。そのプログラムを終了してやり直してください。"
        }
        ErrorKind::TimedOut => {
            "カードが時間内に応答しませんでした。リーダーの中央に置いてやり直してください。"
        }
        ErrorKind::Cancelled => "読取りを中止しました。",
        ErrorKind::LengthNotSupported => {
            "リーダーがこの長さの通信に対応していません。短い通信でやり直すか、別のリーダーを使ってください。"
        }
        ErrorKind::ExchangeFailed => {
            "カードとの通信に失敗しました。リーダーの中央に置いてやり直してください。"
        }
        ErrorKind::NotAsRecorded => {
            "読取りが記録どおりに進みません。この版とこのカードで記録し直してください。"
        }
        ErrorKind::Other => {
            "カードリーダーがエラーを報告しました。リーダーを接続し直してやり直してください。"
        }
        _ => return None,
    })
}

const fn card(error: &CardError) -> Option<&'static str> {
    Some(match error {
        CardError::NumberMismatch {
            tries_left: Some(1), ..
        } => {
            "番号がこのカードのものと一致しません。次に間違えると照合が止まるとカードが応答しています。カード右上の番号をよく確かめてから入力してください。"
        }
        CardError::NumberMismatch {
            tries_left: Some(_), ..
        } => {
            "番号がこのカードのものと一致しません。間違いが続くと照合が止まるとカードが応答しています。カード右上の番号と見比べて、入力し直してください。"
        }
        CardError::NumberMismatch { .. } => {
            "番号がこのカードのものと一致しません。カード右上の番号と見比べて、入力し直してください。"
        }
        CardError::NumberBlocked { .. } => {
            "番号の照合がカード側で止まっています（誤りが続いたため）。入力をやめ、カードの発行窓口に相談するよう名義人に伝えてください。"
        }
        CardError::NoResidenceApplication => {
            "在留カードではありません。在留カードの機能のないマイナンバーカードかもしれません。在留カードを置いてください。"
        }
        CardError::NotAResidenceCard => "在留カードではありません。在留カードを置いてやり直してください。",
        CardError::SpecifiedCard { .. } => {
            "特定在留カード等です。通信の保護方式が公開資料で確認されていないため読み取りません。公式アプリで確認してください。"
        }
        CardError::UnknownCardType => {
            "この版では知られていない種類の在留カードです。新しい版を探してください。"
        }
        CardError::KeyDelivery { .. } => {
            "カードがセッション鍵を受け取りませんでした。引渡し用の鍵と方式を確認してください。"
        }
        CardError::CommandTooLong { .. } => {
            "リーダーがこの長さのコマンドに対応していません。拡張長に対応したリーダーを使ってください。"
        }
        CardError::UnusableDeliveryKey => "引渡し用の鍵が方式に合いません。両方を確認してください。",
        CardError::Refused { .. } => {
            "カードがコマンドを拒否しました。いったん外し、置き直してやり直してください。"
        }
        CardError::Answer { .. } => {
            "カードの応答が仕様と異なります。やり直してください。繰り返す場合、ICチップの故障か、真正でないカードのおそれがあります。"
        }
        CardError::LimitsTooSmall => {
            "リーダーの通信が在留カードには短すぎます。128バイト以上に対応したリーダーを使ってください。"
        }
        _ => return None,
    })
}
