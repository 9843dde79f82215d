//! English.

use super::Message as M;

pub(super) const fn text(message: M) -> &'static str {
    match message {
        M::NotReviewed => "",
        M::Title => "Check of a card’s chip",
        M::BannerTest => {
            "TEST: judged under the Agency’s official test CA. This says nothing about a real card."
        }
        M::BannerCustom => {
            "NOT A REAL CHECK: judged under a CA certificate that is not the Ministry of Justice’s own. This says nothing about a real card."
        }
        M::Signature => "Chip signature",
        M::Verified => "Verified: the Ministry of Justice signed what is marked below",
        M::VerifiedElsewhere => "Matches, but not under the Ministry of Justice’s CA",
        M::Mismatch => "Failed: do not rely on anything the chip says",
        M::NotAccepted => "Matches, but is not accepted",
        M::NoSignature => "The card carries no signature, so nobody can verify it",
        M::NotChecked => "Not checked",
        M::SignatureLimit => {
            "That this is the original card and not a copy, or that the person is its holder. What is not marked as signed is not covered."
        }
        M::PrintedDate => "Printed expiry date",
        M::DatePassed => "passed",
        M::DateNotPassed => "not passed",
        M::DateInPicture => "Only in the picture of the card: read it there",
        M::DateLimit => {
            "That the card or the permission to stay is in force: a card can lapse before its date, or run on while a renewal is pending."
        }
        M::Lookup => "Lapse lookup",
        M::NoRecord => "No record of lapse",
        M::Lapsed => "The lookup shows this number as lapsed; that also happens for innocent reasons",
        M::NoMatch => {
            "The source did not recognise this number with this date; this is not the same as lapsed"
        }
        M::NotLookedUp => "No result: whether the number has lapsed is not known",
        M::LookupLimit => "That the number was ever issued, or that this card is the one it was issued for.",
        M::Scope => "What was checked",
        M::ScopeText => "The data on the chip and the signature over it",
        M::ScopeLimit => {
            "Anything about the person, the card’s printed surface, or whether a certain job is allowed: look at those yourself."
        }
        M::Next => "What to do next",
        M::CompareFace => "Compare the photo with the person in front of you.",
        M::CompareCard => "Compare what is shown here with what is printed on the card.",
        M::AskLookup => "Look the number up at the official page:",
        M::AskOffice => {
            "Something is not as it should be. It may have an innocent cause: ask the regional immigration office before you decide anything."
        }
        M::NumberDiffers => {
            "The chip states another number than the one that opens it: do not accept this card."
        }
        M::DoesNotProve => "Does not prove:",
        M::BannerProfile => {
            "The secure messaging profile that this card was read with is not confirmed for real specified cards."
        }
        M::SignatureExpected => {
            "By the date of birth on the chip, this holder’s card should carry a signature."
        }
        M::AnchorExpired => "The CA certificate has expired; cards signed under it still circulate.",
        M::Proceed => "By your policy: go on to what only a person can check.",
        M::Hold => "By your policy: hold, and find out more first.",
        M::Stop => "By your policy: stop; a person has to review this.",
        M::Pictures => "Pictures",
        M::Fields => "What the chip says",
        M::Signed => "✓ signed",
        M::Unsigned => "unverified",
        M::Face => "Photo on the chip",
        M::NoFace => "The chip holds no photo. Cards of young children have none.",
        M::Front => "Front of the card, from the chip",
        M::Name => "Name",
        M::Address => "Address",
        M::OperatorPhoto => "The card in front of you (your picture)",
        M::Unshowable => "This picture on the chip cannot be shown.",
        M::Number => "Card number",
        M::CardExpires => "Card expires on",
        M::DateOfBirth => "Date of birth",
        M::Sex => "Sex",
        M::Nationality => "Nationality, region",
        M::Status => "Status of residence",
        M::Period => "Period of stay",
        M::PermissionType => "Type of permission",
        M::PermittedOn => "Permitted on",
        M::Work => "Work",
        M::StayUntil => "Stay until",
        M::Comprehensive => "Other activities, general",
        M::Individual => "Other activities, individual",
        M::Renewal => "Renewal pending",
        M::Municipality => "Municipality code",
        M::Note => "Commissioner’s note",
        M::None => "none",
        M::Unknown => "meaning not published",
        M::Yes => "yes",
        M::No => "no",
        M::Indefinite => "indefinite",
        M::Years => "year(s)",
        M::Months => "month(s)",
        M::Days => "day(s)",
        M::Until => "until",
        M::Recorded => "recorded",
        M::Problem => "Could not be understood",
        M::ReadAt => "Read",
        M::JudgedAt => "Judged as of",
        M::MadeBy => "Made by",
    }
}
