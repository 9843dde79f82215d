//! Bytes for a profile and for the reader's limits, then a list of card answers, each a block; an absent one was not delivered.
//!
//! The reading of a specified card selects nothing outside the residence application, sends a bounded number of commands, and ends
//! with an error, or with files that the profile names. Recordings of the software card are the seeds.

use std::sync::LazyLock;

use zairyu_data::{
    Access, ByteOrder, CardType, CounterAdvance, DeliveredKeys, DeliveryForm, File, IvRule, LeObject, MacUse,
    MessagingClass, OaepHash, SessionSpan,
};
use zairyu_protocol::{
    DeliveryKey, DeliveryKeyForm, DeliveryRandomness, Error, MessageLimits, Randomness, ReadCard,
    SecureMessagingProfile, SpecifiedAccess, Step,
};
use zairyu_testcard::{CardBuilder, Issuer, SoftwareCard, delivery_key};

use crate::{
    input::{Block, Input, push_block},
    memory,
    session::{LIMITS, MEMORY, MOST_COMMANDS, NUMBER, RANDOM, number},
};

/// How many bytes choose a profile.
const CHOICES: usize = 8;

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let profile = profile(&mut input);
    let limits = input.choose(&LIMITS);
    let Ok(access) = SpecifiedAccess::new(profile.clone(), KEY.clone()) else {
        return;
    };
    memory::within(MEMORY, || {
        let mut machine = machine(access, limits);
        for _ in 0..MOST_COMMANDS {
            check_command(machine.command());
            machine = match input.block()? {
                Block::Bytes(answer) => match machine.receive(answer) {
                    Ok(Step::Continue(next)) => next,
                    Ok(Step::Done(files)) => {
                        for (file, _) in files.iter() {
                            let known = files.card_type().entry(file).is_some()
                                || profile
                                    .files(files.card_type())
                                    .iter()
                                    .any(|entry| entry.file == file)
                                || matches!(file, File::CommonData | File::CardType);
                            assert!(known, "{file} is none of the card's");
                        }
                        return Some(());
                    }
                    Err(error) => {
                        check_error(&error);
                        return None;
                    }
                },
                Block::Absent => machine.undelivered()?,
            };
        }
        panic!("the reading does not end");
    });
}

static KEY: LazyLock<DeliveryKey> = LazyLock::new(|| {
    let bytes = delivery_key().expect("the key is there");
    DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &bytes).expect("it is one")
});

/// Any profile; some contradict themselves.
fn profile(input: &mut Input<'_>) -> SecureMessagingProfile {
    let choices = input.take(CHOICES);
    let choice = |place: usize| choices.get(place).copied().unwrap_or_default();
    let bit = |place: usize, bit: u8| choice(place) >> bit & 1 == 1;
    let mut profile = SecureMessagingProfile::measured_relative();
    let hash = |other: bool| if other { OaepHash::Sha1 } else { OaepHash::Sha256 };
    profile.oaep_hash = hash(bit(0, 0));
    profile.oaep_mask_hash = hash(bit(0, 1));
    profile.delivery_form = [
        DeliveryForm::Chained,
        DeliveryForm::ExtendedWithLe,
        DeliveryForm::ExtendedWithoutLe,
    ][usize::from(choice(0) >> 2) % 3];
    profile.delivered_keys =
        [DeliveredKeys::Encryption, DeliveredKeys::Both, DeliveredKeys::Mac][usize::from(choice(1)) % 3];
    profile.mac_use =
        [MacUse::Neither, MacUse::Both, MacUse::Responses, MacUse::Commands][usize::from(choice(2)) % 4];
    if bit(2, 7) {
        profile.session_span = SessionSpan::Folder;
    }
    profile.mac_len = usize::from(choice(3));
    (
        profile.mac_over_counter,
        profile.mac_over_header,
        profile.mac_padding,
    ) = (!bit(4, 0), !bit(4, 1), !bit(4, 2));
    (
        profile.response_status_object,
        profile.secured_select,
        profile.counts_refused,
    ) = (bit(4, 3), bit(4, 4), !bit(4, 5));
    if bit(4, 6) {
        profile.class = MessagingClass::HeaderAuthenticated;
        profile.le_object = LeObject::TwoBytes;
    }
    if bit(4, 7) {
        profile.set_access(Access::CardNumberAndSecureMessaging);
    }
    profile.counter_start = u64::from(choice(5));
    profile.counter_width = usize::from(choice(6));
    profile.counter_advance = [
        CounterAdvance::SecuredCommands,
        CounterAdvance::SecuredCommandsAndResponses,
        CounterAdvance::AllCommands,
    ][usize::from(choice(7)) % 3];
    profile.iv = [IvRule::EncryptedCounter, IvRule::Counter, IvRule::Zero][usize::from(choice(7) / 3) % 3];
    if bit(7, 7) {
        profile.counter_order = ByteOrder::LittleEndian;
    }
    profile
}

fn machine(access: SpecifiedAccess, limits: MessageLimits) -> ReadCard {
    ReadCard::new(number(), Randomness::new(RANDOM), limits)
        .expect("the limits suffice")
        .with_specified_access(access, DeliveryRandomness::new([0x5A; DeliveryRandomness::LEN]))
}

/// What is selected by name in the clear is the residence application or one of its folders.
fn check_command(command: &[u8]) {
    if let [0x00, 0xA4, 0x04, 0x0C, length, aid @ ..] = command {
        assert_eq!(usize::from(*length), aid.len());
        assert!(aid.starts_with(b"\xD3\x92\xF0\x00\x4F"), "{aid:02X?}");
    }
}

fn check_error(error: &Error) {
    let shown = error.to_string();
    assert!(!shown.is_empty() && !shown.contains(NUMBER));
}

/// Whole readings of the software card, under several profiles.
pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    // Bytes of a profile, and the place of the limits.
    let profiles: [(&str, [u8; CHOICES], u8); 5] = [
        ("chained", [0, 0, 0, 8, 0, 1, 16, 0], 0),
        ("relative", [8, 0, 0, 8, 0, 1, 16, 0], 1),
        ("with-macs", [0, 1, 1, 8, 0x48, 1, 16, 0], 0),
        ("mac-only", [3, 2, 1, 4, 0xC0, 0, 2, 1], 0),
        ("sha-1", [7, 1, 2, 16, 0x1F, 200, 8, 0x85], 1),
    ];
    let mut seeds = Vec::new();
    for card_type in [
        CardType::SpecifiedResidenceCard,
        CardType::SpecifiedSpecialPermanentResident,
    ] {
        for (name, choices, place) in profiles {
            let profile = profile(&mut Input(&choices));
            let access = SpecifiedAccess::new(profile.clone(), KEY.clone()).expect("its choices go together");
            let builder = CardBuilder::new(card_type)
                .profile(profile)
                .with_exactly(zairyu_testcard::Field::FaceImage, [0xA5; 40])
                .with_exactly(zairyu_testcard::Field::NameImage, [0xA6; 40])
                .with_exactly(zairyu_testcard::Field::AddressImage, [0xA7; 40]);
            let issued = Issuer::new().issue(&builder).expect("it can be issued");
            let mut card = SoftwareCard::new(issued);
            card.power_up();
            let limits = LIMITS[usize::from(place)];
            let mut input = [&choices[..], &[place]].concat();
            let mut machine = machine(access, limits);
            loop {
                let answer = card.process(machine.command());
                push_block(&mut input, Some(&answer));
                match machine.receive(&answer).expect("the card is as it should be") {
                    Step::Continue(next) => machine = next,
                    Step::Done(_) => break,
                }
            }
            seeds.push((format!("type{}-{name}", card_type.code()), input));
        }
    }
    seeds
}
