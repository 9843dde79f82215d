//! Bahasa Indonesia. Not officially reviewed, as its first line says.

use super::Message as M;

pub(super) const fn text(message: M) -> Option<&'static str> {
    Some(match message {
        M::NotReviewed => "Terjemahan ini belum ditinjau secara resmi.",
        M::Title => "Pemeriksaan chip kartu",
        M::BannerTest => {
            "UJI COBA: dinilai dengan CA uji resmi Badan Imigrasi. Ini tidak mengatakan apa pun tentang kartu sungguhan."
        }
        M::BannerCustom => {
            "BUKAN PEMERIKSAAN SUNGGUHAN: dinilai dengan sertifikat CA yang bukan milik Kementerian Kehakiman Jepang. Ini tidak mengatakan apa pun tentang kartu sungguhan."
        }
        M::Signature => "Tanda tangan chip",
        M::Verified => {
            "Terverifikasi: Kementerian Kehakiman Jepang menandatangani bagian yang ditandai di bawah"
        }
        M::VerifiedElsewhere => "Cocok, tetapi bukan di bawah CA Kementerian Kehakiman Jepang",
        M::Mismatch => "Tidak cocok: jangan percayai isi chip apa pun",
        M::NotAccepted => "Cocok, tetapi tidak diterima",
        M::NoSignature => "Kartu tidak memiliki tanda tangan, sehingga tidak dapat diverifikasi siapa pun",
        M::NotChecked => "Belum diperiksa",
        M::SignatureLimit => {
            "Bahwa ini kartu semula dan bukan salinan, atau bahwa pembawanya adalah pemegangnya. Bagian yang tidak ditandai sebagai bertanda tangan tidak tercakup."
        }
        M::PrintedDate => "Tanggal berakhir yang tercetak",
        M::DatePassed => "sudah lewat",
        M::DateNotPassed => "belum lewat",
        M::DateInPicture => "Hanya ada pada gambar kartu: bacalah di sana",
        M::DateLimit => {
            "Bahwa kartu atau izin tinggal masih berlaku: kartu dapat gugur sebelum tanggalnya, atau terus dipakai selama perpanjangan diproses."
        }
        M::Lookup => "Pencarian data gugur",
        M::NoRecord => "Tidak ada catatan gugur",
        M::Lapsed => "Pencarian menunjukkan nomor ini sudah gugur; itu juga terjadi karena alasan yang wajar",
        M::NoMatch => "Sumber tidak mengenali nomor ini dengan tanggal ini; ini tidak sama dengan gugur",
        M::NotLookedUp => "Tidak ada hasil: belum diketahui apakah nomor ini sudah gugur",
        M::LookupLimit => {
            "Bahwa nomor ini pernah diterbitkan, atau bahwa kartu ini adalah kartu untuk nomor itu."
        }
        M::Scope => "Yang diperiksa",
        M::ScopeText => "Data pada chip dan tanda tangannya",
        M::ScopeLimit => {
            "Apa pun tentang orangnya, permukaan cetak kartu, atau boleh tidaknya suatu pekerjaan: periksalah sendiri."
        }
        M::DoesNotProve => "Tidak membuktikan:",
        M::Next => "Langkah berikutnya",
        M::CompareFace => "Bandingkan foto dengan orang di depan Anda.",
        M::CompareCard => "Bandingkan yang tampil di sini dengan yang tercetak pada kartu.",
        M::AskLookup => "Cari nomor kartu di halaman resmi:",
        M::AskOffice => {
            "Ada yang tidak semestinya. Penyebabnya mungkin wajar: tanyakan kepada kantor imigrasi daerah sebelum memutuskan."
        }
        M::NumberDiffers => "Nomor pada chip berbeda dari nomor yang membukanya: jangan terima kartu ini.",
        _ => return None,
    })
}
