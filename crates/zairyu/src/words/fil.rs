//! Tagalog (Filipino). Not officially reviewed, as its first line says.

use super::Message as M;

pub(super) const fn text(message: M) -> Option<&'static str> {
    Some(match message {
        M::NotReviewed => "Hindi pa opisyal na nasuri ang salin na ito.",
        M::Title => "Pagsusuri ng chip ng card",
        M::BannerTest => {
            "PAGSUBOK: hinatulan gamit ang opisyal na test CA ng Immigration Services Agency. Wala itong sinasabi tungkol sa aktuwal na card."
        }
        M::BannerCustom => {
            "HINDI AKTUWAL NA PAGSUSURI: hinatulan gamit ang CA certificate na hindi sa Ministry of Justice ng Japan. Wala itong sinasabi tungkol sa aktuwal na card."
        }
        M::Signature => "Lagda ng chip",
        M::Verified => "Nasuri: nilagdaan ng Ministry of Justice ng Japan ang mga may marka sa ibaba",
        M::VerifiedElsewhere => "Tugma, ngunit hindi sa ilalim ng CA ng Ministry of Justice ng Japan",
        M::Mismatch => "Hindi tugma: huwag umasa sa anumang sinasabi ng chip",
        M::NotAccepted => "Tugma, ngunit hindi tinatanggap",
        M::NoSignature => "Walang lagda ang card kaya walang makapagsusuri nito",
        M::NotChecked => "Hindi nasuri",
        M::SignatureLimit => {
            "Na ito ang orihinal na card at hindi kopya, o na ang may dala nito ang may-ari. Hindi sakop ang walang markang may lagda."
        }
        M::PrintedDate => "Petsa ng pagtatapos na nakalimbag",
        M::DatePassed => "lumipas na",
        M::DateNotPassed => "hindi pa lumilipas",
        M::DateInPicture => "Nasa larawan lamang ng card: doon basahin",
        M::DateLimit => {
            "Na may bisa pa ang card o ang pahintulot na manatili: maaaring mapawalang-bisa ang card bago ang petsa, o magpatuloy habang nakabinbin ang renewal."
        }
        M::Lookup => "Paghahanap ng napawalang-bisa",
        M::NoRecord => "Walang tala ng pagpapawalang-bisa",
        M::Lapsed => {
            "Ipinapakita ng paghahanap na napawalang-bisa ang numerong ito; nangyayari rin iyon sa karaniwang dahilan"
        }
        M::NoMatch => {
            "Hindi nakilala ng pinagtanungan ang numerong ito kasama ng petsang ito; iba ito sa napawalang-bisa"
        }
        M::NotLookedUp => "Walang resulta: hindi alam kung napawalang-bisa ang numero",
        M::LookupLimit => "Na naibigay ang numerong ito, o na ang card na ito ang para sa numerong iyon.",
        M::Scope => "Ano ang sinuri",
        M::ScopeText => "Ang datos sa chip at ang lagda nito",
        M::ScopeLimit => {
            "Anuman tungkol sa tao, sa nakalimbag na mukha ng card, o kung pinapayagan ang isang trabaho: kayo mismo ang tumingin."
        }
        M::DoesNotProve => "Hindi pinatutunayan:",
        M::Next => "Susunod na gagawin",
        M::CompareFace => "Ihambing ang larawan sa taong nasa harap ninyo.",
        M::CompareCard => "Ihambing ang ipinapakita rito sa nakalimbag sa card.",
        M::AskLookup => "Hanapin ang numero sa opisyal na pahina:",
        M::AskOffice => {
            "May hindi tama. Maaaring karaniwan ang dahilan: magtanong sa regional immigration office bago magpasya."
        }
        M::NumberDiffers => {
            "Iba ang numero sa chip sa numerong nagbukas nito: huwag tanggapin ang card na ito."
        }
        _ => return None,
    })
}
