use crate::{
    IssuedCard,
    residence_card::{Answer, Protected},
};

/// What a card does wrong in an exchange, and only a card can. What goes wrong between program and card, whatever the
/// card, is [`zairyu_transport::Fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CardFault {
    /// It is reset just before the command, and nobody says so.
    SilentReset,
    /// Just before the command another residence card takes its place, and nobody says so.
    OtherCard(Box<IssuedCard>),
    /// It sends the command's own data back with `9000`, and does nothing.
    Echo,
    /// It answers in the clear what should be encrypted.
    Plain,
    /// It encrypts without padding: the last block lacks its `80`. Data that does not fill its last block loses the rest.
    NoPadding,
    /// It encrypts, padded with `00` alone.
    ZeroPadding,
    /// It encrypts nothing but padding.
    PaddingOnly,
}

impl CardFault {
    /// The data of a response under secure messaging, for the last four; as it should be for the others.
    pub(crate) fn apply(&self, mut answer: Answer) -> Answer {
        let data = |protected: &Protected| match self {
            Self::Plain => Some(protected.plaintext.clone()),
            Self::NoPadding => Some(protected.object(protected.whole_blocks())),
            Self::ZeroPadding => Some(protected.object(protected.zero_padded())),
            Self::PaddingOnly => Some(protected.object(protected.padding_only())),
            Self::SilentReset | Self::OtherCard(_) | Self::Echo => None,
        };
        if let Some(data) = answer.protected.as_ref().and_then(data) {
            answer.data = data;
        }
        answer
    }
}
