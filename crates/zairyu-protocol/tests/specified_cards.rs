//! Specified cards (types 07 and 08) under made-up profiles: every choice of a profile makes a difference, and the reader makes
//! the same as the card.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod driver;

use driver::Failure;
use zairyu_data::{
    Access, ByteOrder, CardFiles, CardNumber, CardType, CounterAdvance, DeliveredKeys, DeliveryForm, File,
    IvRule, LeObject, MacUse, MessagingClass, OaepHash, SessionSpan,
};
use zairyu_protocol::{
    AnswerError, CommandName, DeliveryKey, DeliveryKeyForm, DeliveryRandomness, Error, MessageLimits, Phase,
    ProfileError, Randomness, ReadCard, SecureMessagingProfile, SpecifiedAccess, Step,
};
use zairyu_testcard::{
    CardBuilder, CardFault, IssuedCard, Issuer, SoftwareCard, delivery_key, other_delivery_key,
};
use zairyu_transport::{ErrorKind, Fault, FaultInjector, Limits, Transport};

const TYPES: [CardType; 2] = [
    CardType::SpecifiedResidenceCard,
    CardType::SpecifiedSpecialPermanentResident,
];

type Change = fn(&mut SecureMessagingProfile);

fn profile(change: Change) -> SecureMessagingProfile {
    let mut profile = SecureMessagingProfile::measured_relative();
    change(&mut profile);
    profile
}

/// Both keys, and MACs on everything.
fn with_macs(profile: &mut SecureMessagingProfile) {
    profile.delivered_keys = DeliveredKeys::Both;
    profile.class = MessagingClass::HeaderAuthenticated;
    profile.mac_use = MacUse::Both;
}

/// One choice at a time, each of which a card with the profile without it does not understand.
const CHANGES: [(&str, Change); 21] = [
    ("OAEP hash", |p| p.oaep_hash = OaepHash::Sha1),
    ("mask hash", |p| p.oaep_mask_hash = OaepHash::Sha1),
    ("label", |p| p.oaep_label = b"zairyu".to_vec()),
    ("template tag", |p| p.key_template_tag = 0xA1),
    ("encryption key's tag", |p| p.encryption_key_tag = 0x90),
    ("both keys", |p| p.delivered_keys = DeliveredKeys::Both),
    ("16 bytes of key", |p| p.key_material_len = 16),
    ("24 bytes of key", |p| p.key_material_len = 24),
    ("key reference", |p| p.key_reference = [0x00, 0x01]),
    ("with Le", |p| p.delivery_form = DeliveryForm::ExtendedWithLe),
    ("chained", |p| p.delivery_form = DeliveryForm::Chained),
    ("class", |p| p.class = MessagingClass::HeaderAuthenticated),
    ("status object", |p| p.response_status_object = true),
    ("cryptogram tag", |p| p.cryptogram_tag = 0x87),
    ("Le tag", |p| p.le_tag = 0x97),
    ("Le of two bytes", |p| p.le_object = LeObject::TwoBytes),
    ("VERIFY's P2", |p| p.verify_reference = 0x81),
    ("counter from 0", |p| p.counter_start = 0),
    ("little-endian", |p| p.counter_order = ByteOrder::LittleEndian),
    ("zero IV", |p| p.iv = IvRule::Zero),
    ("plain counter as IV", |p| p.iv = IvRule::Counter),
];

/// The same over a profile with MACs.
const CHANGES_OF_MACS: [(&str, Change); 13] = [
    ("MAC key's tag", |p| p.mac_key_tag = 0x91),
    ("MAC key alone", |p| p.delivered_keys = DeliveredKeys::Mac),
    ("MACs on commands", |p| p.mac_use = MacUse::Commands),
    ("MACs on responses", |p| p.mac_use = MacUse::Responses),
    ("MAC of 4 bytes", |p| p.mac_len = 4),
    ("MAC of 16 bytes", |p| p.mac_len = 16),
    ("MAC without counter", |p| p.mac_over_counter = false),
    ("MAC without header", |p| p.mac_over_header = false),
    ("MAC without padding", |p| p.mac_padding = false),
    ("counter of 8 bytes", |p| p.counter_width = 8),
    ("counter of 2 bytes", |p| p.counter_width = 2),
    ("counter for responses", |p| {
        p.counter_advance = CounterAdvance::SecuredCommandsAndResponses
    }),
    ("counter for all", |p| {
        p.counter_advance = CounterAdvance::AllCommands
    }),
];

/// What needs no MAC to make a difference, but something else.
const OTHER_CHANGES: [(&str, Change); 9] = [
    ("secured SELECT", |p| p.secured_select = true),
    ("session of a folder", |p| p.session_span = SessionSpan::Folder),
    ("session of a folder, secured SELECT", |p| {
        (p.session_span, p.secured_select) = (SessionSpan::Folder, true);
    }),
    ("numbers counted", |p| p.number_tries = Some(3)),
    ("everything secured", |p| {
        p.set_access(Access::CardNumberAndSecureMessaging)
    }),
    ("no SM-only file", |p| p.set_access(Access::CardNumber)),
    ("other free identifiers", |p| {
        (p.common_data_sfi, p.card_type_sfi) = (1, 2)
    }),
    ("other identifiers", |p| {
        let files = p.residence_card_files.iter_mut().chain(&mut p.certificate_files);
        files.for_each(|entry| entry.sfi += 8);
    }),
    ("MAC key alone, no tag as usual", |p| {
        with_macs(p);
        p.delivered_keys = DeliveredKeys::Mac;
        p.plain_tag = 0xB3;
    }),
];

fn profiles() -> Vec<(String, SecureMessagingProfile)> {
    let mut profiles = vec![
        ("relative".to_owned(), profile(|_| ())),
        ("with MACs".to_owned(), profile(with_macs)),
    ];
    for (name, change) in CHANGES.into_iter().chain(CHANGES_OF_MACS).chain(OTHER_CHANGES) {
        let mut with = profile(with_macs);
        change(&mut with);
        profiles.push((format!("{name}, with MACs"), with));
    }
    for (name, change) in CHANGES.into_iter().chain(OTHER_CHANGES) {
        profiles.push((name.to_owned(), profile(change)));
    }
    // Choices that go together in twos.
    for (first_name, first) in CHANGES_OF_MACS {
        for (second_name, second) in CHANGES_OF_MACS {
            let mut both = profile(with_macs);
            first(&mut both);
            second(&mut both);
            both.secured_select = true;
            both.response_status_object = true;
            profiles.push((format!("{first_name} and {second_name}"), both));
        }
    }
    profiles
}

fn issue(card_type: CardType, profile: &SecureMessagingProfile) -> IssuedCard {
    let builder = CardBuilder::new(card_type).profile(profile.clone());
    Issuer::new().issue(&builder).unwrap()
}

fn access(profile: &SecureMessagingProfile) -> SpecifiedAccess {
    access_with(profile, &delivery_key().unwrap())
}

fn access_with(profile: &SecureMessagingProfile, key: &[u8]) -> SpecifiedAccess {
    let key = DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, key).unwrap();
    SpecifiedAccess::new(profile.clone(), key).unwrap()
}

fn machine(access: SpecifiedAccess, number: &CardNumber, limits: Limits) -> ReadCard {
    let limits = MessageLimits {
        command: limits.command(),
        response: limits.response(),
    };
    ReadCard::new(number.clone(), Randomness::new([0x5A; 48]), limits)
        .unwrap()
        .with_specified_access(access, DeliveryRandomness::new([0xA5; DeliveryRandomness::LEN]))
}

fn read(
    card: &mut impl Transport,
    access: SpecifiedAccess,
    number: &CardNumber,
    mut observe: impl FnMut(&ReadCard),
) -> Result<CardFiles, Failure> {
    let mut machine = machine(access, number, card.limits());
    for _ in 0..driver::MOST_COMMANDS {
        observe(&machine);
        machine = match card.transmit(machine.command()) {
            Ok(response) => match machine.receive(&response).map_err(Failure::Card)? {
                Step::Continue(next) => next,
                Step::Done(files) => return Ok(files),
            },
            Err(error) => return Err(Failure::Transport(error.kind())),
        };
    }
    unreachable!("the reading does not end")
}

/// What reads are short for, with a delivery form that fits.
fn short(profile: &SecureMessagingProfile) -> SecureMessagingProfile {
    let mut profile = profile.clone();
    profile.delivery_form = DeliveryForm::Chained;
    profile
}

#[test]
fn every_profile_reads_the_card_that_has_it() {
    let mut read_cards = 0;
    for (name, profile) in profiles() {
        if profile.check().is_err() {
            continue;
        }
        for card_type in TYPES {
            let pair = name.contains(" and ");
            if pair && card_type != TYPES[0] {
                continue;
            }
            for limits in [Limits::EXTENDED, Limits::new(400, 300), Limits::SHORT] {
                if pair && limits != Limits::EXTENDED {
                    continue;
                }
                let profile = if limits == Limits::SHORT {
                    short(&profile)
                } else {
                    profile.clone()
                };
                let issued = issue(card_type, &profile);
                let mut card = SoftwareCard::new(issued.clone()).with_limits(limits);
                let files = read(&mut card, access(&profile), issued.number(), |_| ());
                assert_eq!(files, Ok(issued.card_files()), "{name} {card_type:?} {limits:?}");
                read_cards += 1;
            }
        }
    }
    println!("{read_cards} cards read");
    assert!(read_cards > 500, "{read_cards}");
}

#[test]
fn every_choice_makes_a_difference() {
    let of_macs = CHANGES_OF_MACS.map(|(name, change)| (name, with_macs as Change, change));
    let others = CHANGES.map(|(name, change)| (name, (|_| ()) as Change, change));
    for (name, base, change) in others.into_iter().chain(of_macs) {
        let (mut of_reader, mut of_card) = (profile(base), profile(base));
        change(&mut of_card);
        // A counter that counts more shows when more is counted.
        of_reader.set_access(Access::CardNumberAndSecureMessaging);
        of_card.set_access(Access::CardNumberAndSecureMessaging);
        for (of_reader, of_card) in [(&of_reader, &of_card), (&of_card, &of_reader)] {
            let issued = issue(CardType::SpecifiedResidenceCard, of_card);
            let mut card = SoftwareCard::new(issued.clone());
            let result = read(&mut card, access(of_reader), issued.number(), |_| ());
            assert!(matches!(result, Err(Failure::Card(_))), "{name}: {result:?}");
        }
    }
}

#[test]
fn refused_commands_count_as_the_profile_says() {
    for counts_refused in [true, false] {
        let mut profile = profile(with_macs);
        profile.set_access(Access::CardNumberAndSecureMessaging);
        profile.counts_refused = counts_refused;
        let builder = CardBuilder::new(CardType::SpecifiedResidenceCard).profile(profile.clone());
        let builder = builder.without_file(File::AddressImage);
        let issued = Issuer::new().issue(&builder).unwrap();
        let files = read(
            &mut SoftwareCard::new(issued.clone()),
            access(&profile),
            issued.number(),
            |_| (),
        );
        assert_eq!(files, Ok(issued.card_files()));
        profile.counts_refused = !counts_refused;
        let other = read(
            &mut SoftwareCard::new(issued.clone()),
            access(&profile),
            issued.number(),
            |_| (),
        );
        assert!(other.is_err());
    }
}

#[test]
fn the_wrong_number_is_told_at_verify() {
    let number = CardNumber::parse("AB12345678CE").unwrap();
    for (name, profile) in profiles().into_iter().take(2) {
        for card_type in TYPES {
            let mut card = SoftwareCard::new(issue(card_type, &profile));
            let command = CommandName::Verify;
            assert_eq!(
                read(&mut card, access(&profile), &number, |_| ()),
                Err(Failure::Card(Error::NumberMismatch {
                    command,
                    tries_left: None
                })),
                "{name}"
            );
        }
    }
}

/// The reader sends one wrong number a reading; a card that counts them tells how many it still takes, and in the end that it
/// takes none.
#[test]
fn a_card_that_counts_wrong_numbers_is_told_from_one_that_is_blocked() {
    let (right, wrong) = (
        CardNumber::parse("AB12345678CD").unwrap(),
        CardNumber::parse("AB12345678CE").unwrap(),
    );
    let profile = profile(|profile| profile.number_tries = Some(3));
    let mut card = SoftwareCard::new(issue(TYPES[0], &profile));
    let mut read = |number: &CardNumber| {
        card.reset().unwrap();
        let result = read(&mut card, access(&profile), number, |_| ());
        result.map(|_| ())
    };
    let mismatch = |left| {
        let (command, tries_left) = (CommandName::Verify, Some(left));
        Err(Failure::Card(Error::NumberMismatch { command, tries_left }))
    };
    assert_eq!(read(&wrong), mismatch(2));
    assert_eq!(read(&right), Ok(()));
    for left in [2, 1] {
        assert_eq!(read(&wrong), mismatch(left));
    }
    // The last wrong one blocks it, and nothing is accepted any more.
    for (number, status) in [(&wrong, 0x63C0_u16), (&right, 0x6983), (&wrong, 0x6983)] {
        let status = status.into();
        assert_eq!(read(number), Err(Failure::Card(Error::NumberBlocked { status })));
    }
}

/// A reader that expects the session to last, at a card that ends it with each folder, and the other way round.
#[test]
fn a_session_that_ends_with_its_folder_is_begun_again_in_each() {
    let of_folder = profile(|profile| profile.session_span = SessionSpan::Folder);
    let issued = issue(TYPES[0], &of_folder);
    let names = names(&of_folder, &issued, Limits::EXTENDED);
    let count = |name| names.iter().filter(|found| **found == name).count();
    assert_eq!(count(CommandName::SetSessionKey), 4);
    assert_eq!(count(CommandName::Verify), 4);
    let result = read(
        &mut SoftwareCard::new(issued.clone()),
        access(&profile(|_| ())),
        issued.number(),
        |_| (),
    );
    assert!(
        matches!(result, Err(Failure::Card(Error::Refused { .. }))),
        "{result:?}"
    );
}

#[test]
fn the_wrong_delivery_key_is_told_where_it_is_used() {
    let profile = profile(|_| ());
    let issued = issue(CardType::SpecifiedResidenceCard, &profile);
    let access = access_with(&profile, &other_delivery_key().unwrap());
    let result = read(
        &mut SoftwareCard::new(issued.clone()),
        access,
        issued.number(),
        |_| (),
    );
    assert_eq!(
        result,
        Err(Failure::Card(Error::KeyDelivery {
            status: 0x6A80.into()
        }))
    );
}

#[test]
fn a_command_that_no_short_reader_carries_is_told_before_it_is_sent() {
    let profile = profile(|_| ());
    let issued = issue(CardType::SpecifiedResidenceCard, &profile);
    let mut card = SoftwareCard::new(issued.clone()).with_limits(Limits::SHORT);
    let command = CommandName::SetSessionKey;
    assert_eq!(
        read(&mut card, access(&profile), issued.number(), |_| ()),
        Err(Failure::Card(Error::CommandTooLong { command, length: 263 }))
    );
}

/// The commands of a whole reading by name.
fn names(profile: &SecureMessagingProfile, issued: &IssuedCard, limits: Limits) -> Vec<CommandName> {
    let mut names = Vec::new();
    let mut card = SoftwareCard::new(issued.clone()).with_limits(limits);
    read(&mut card, access(profile), issued.number(), |machine| {
        names.push(machine.command_name());
    })
    .unwrap();
    names
}

#[test]
fn what_lies_beside_the_folders_is_read_before_the_key_is_delivered() {
    let profile = profile(|_| ());
    let names = names(
        &profile,
        &issue(CardType::SpecifiedResidenceCard, &profile),
        Limits::EXTENDED,
    );
    let at = |name| names.iter().position(|found| *found == name).unwrap();
    let application = at(CommandName::SelectResidenceApplication);
    assert_eq!(
        names[application..application + 5],
        [
            CommandName::SelectResidenceApplication,
            CommandName::ReadBinary(File::CommonData),
            CommandName::ReadBinary(File::CardType),
            CommandName::SetSessionKey,
            CommandName::Verify,
        ]
    );
    // Selecting it again would end the session.
    let selections = names
        .iter()
        .filter(|name| **name == CommandName::SelectResidenceApplication);
    assert_eq!(selections.count(), 1);
}

#[test]
fn a_response_with_any_bit_wrong_is_not_taken_under_a_mac() {
    let profile = short(&profile(|profile| {
        with_macs(profile);
        profile.response_status_object = true;
        profile.set_access(Access::CardNumberAndSecureMessaging);
    }));
    let issued = issue(CardType::SpecifiedResidenceCard, &profile);
    let names = names(&profile, &issued, Limits::SHORT);
    let verify = names
        .iter()
        .position(|name| *name == CommandName::Verify)
        .unwrap();
    let mut cases = 0;
    for (at, name) in names.iter().enumerate().skip(verify) {
        if matches!(name, CommandName::Select(_)) {
            continue;
        }
        for offset in (0..20).chain((20..250).step_by(23)) {
            let card = SoftwareCard::new(issued.clone()).with_limits(Limits::SHORT);
            let fault = Fault::Flipped { offset, xor: 0x10 };
            let mut card = FaultInjector::new(card).inject(at, fault);
            match read(&mut card, access(&profile), issued.number(), |_| ()) {
                // Behind the response's end there was nothing to change.
                Ok(files) => assert_eq!(files, issued.card_files()),
                Err(Failure::Card(Error::Answer { kind, .. })) => {
                    assert!(
                        matches!(kind, AnswerError::BadMac | AnswerError::NotSecured),
                        "{name} {offset}: {kind:?}"
                    );
                    cases += 1;
                }
                Err(Failure::Card(Error::Refused { .. } | Error::NumberMismatch { .. })) => {}
                other => panic!("{name} {offset}: {other:?}"),
            }
        }
    }
    assert!(cases > 500, "{cases}");
}

#[test]
fn an_old_answer_is_not_taken_where_there_is_a_counter() {
    for macs in [false, true] {
        let mut profile = short(&profile(|_| ()));
        if macs {
            with_macs(&mut profile);
        }
        let issued = issue(CardType::SpecifiedResidenceCard, &profile);
        let names = names(&profile, &issued, Limits::SHORT);
        let reads = |name: &CommandName| *name == CommandName::ReadBinary(File::NameAndFaceImage);
        let second = names.iter().position(reads).unwrap() + 1;
        assert!(reads(&names[second]));
        let card = SoftwareCard::new(issued.clone()).with_limits(Limits::SHORT);
        let mut card = FaultInjector::new(card).inject(second, Fault::Stale);
        let result = read(&mut card, access(&profile), issued.number(), |_| ());
        let expected = if macs {
            AnswerError::BadMac
        } else {
            AnswerError::BadCryptogram
        };
        assert_eq!(
            result,
            Err(Failure::Card(Error::Answer {
                command: CommandName::ReadBinary(File::NameAndFaceImage),
                kind: expected
            }))
        );
    }
}

#[test]
fn an_answer_in_the_clear_is_not_taken() {
    for macs in [false, true] {
        let mut profile = short(&profile(|_| ()));
        if macs {
            with_macs(&mut profile);
        }
        let issued = issue(CardType::SpecifiedResidenceCard, &profile);
        let names = names(&profile, &issued, Limits::SHORT);
        let at = names
            .iter()
            .position(|name| *name == CommandName::ReadBinary(File::PrintedEntries))
            .unwrap();
        for (fault, kind) in [
            (CardFault::Plain, AnswerError::NotSecured),
            (CardFault::NoPadding, AnswerError::BadCryptogram),
            (CardFault::ZeroPadding, AnswerError::BadCryptogram),
        ] {
            let mut card = SoftwareCard::new(issued.clone())
                .with_limits(Limits::SHORT)
                .inject(at, fault);
            let result = read(&mut card, access(&profile), issued.number(), |_| ());
            let command = CommandName::ReadBinary(File::PrintedEntries);
            assert_eq!(result, Err(Failure::Card(Error::Answer { command, kind })));
        }
    }
}

#[test]
fn removal_and_truncation_at_every_command_end_the_reading() {
    let profile = short(&profile(with_macs));
    let issued = issue(CardType::SpecifiedSpecialPermanentResident, &profile);
    let commands = names(&profile, &issued, Limits::SHORT).len();
    for at in 0..commands {
        let card = || SoftwareCard::new(issued.clone()).with_limits(Limits::SHORT);
        let mut removed = FaultInjector::new(card()).inject(at, Fault::Gone(ErrorKind::CardRemoved));
        assert_eq!(
            read(&mut removed, access(&profile), issued.number(), |_| ()),
            Err(Failure::Transport(ErrorKind::CardRemoved))
        );
        for length in [0, 1, 2, 3, 9, 20, 100] {
            let mut cut = FaultInjector::new(card()).inject(at, Fault::Cut(length));
            if let Ok(files) = read(&mut cut, access(&profile), issued.number(), |_| ()) {
                // What carries no MAC may be shorter; what does carry one is as it was.
                for entry in profile.files(issued.card_type()) {
                    if entry.access == Access::CardNumberAndSecureMessaging {
                        assert_eq!(
                            files.get(entry.file).map(|file| &file[..]),
                            issued.file(entry.file)
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn without_a_profile_the_card_is_told_and_left_alone() {
    for card_type in TYPES {
        let issued = issue(card_type, &profile(|_| ()));
        let mut card = SoftwareCard::new(issued.clone()).with_trace();
        let result = driver::read(&mut card);
        let error = Error::SpecifiedCard {
            card_type: Some(card_type),
        };
        assert_eq!(result, Err(Failure::Card(error)));
        assert!(error.to_string().contains(card_type.ja()));
        assert!(error.to_string().contains("confirmed by no public source"));
        // SELECT and READ BINARY in the clear, and nothing that touches a key.
        assert!(
            card.trace()
                .iter()
                .all(|exchange| exchange.header[0] == 0x00 && [0xA4, 0xB0].contains(&exchange.header[1]))
        );
    }
}

#[test]
fn only_applications_of_the_residence_family_are_selected() {
    let mut selected = 0;
    for (name, profile) in profiles()
        .into_iter()
        .filter(|(_, profile)| profile.check().is_ok())
    {
        for card_type in TYPES {
            let issued = issue(card_type, &profile);
            let mut card = SoftwareCard::new(issued.clone()).with_trace();
            // In the clear, so that the trace can see what is selected.
            if profile.secured_select && profile.encrypts() {
                continue;
            }
            read(&mut card, access(&profile), issued.number(), |_| ()).unwrap();
            for exchange in card.trace() {
                let Some(data) = &exchange.selected else { continue };
                let family = b"\xD3\x92\xF0\x00\x4F";
                let at = data.windows(family.len()).position(|part| part == family);
                let at = at.unwrap_or_else(|| panic!("{name}: {data:02X?}"));
                assert!((1..=4).contains(&data[at + 5]), "{name}");
                assert_eq!(data[at + 6..at + 16], [0; 10], "{name}");
                selected += 1;
            }
        }
    }
    assert!(selected > 300);
}

#[test]
fn a_profile_that_contradicts_itself_is_refused() {
    let cases: [(Change, ProfileError); 15] = [
        (|p| p.key_material_len = 15, ProfileError::KeyMaterialLength),
        (|p| p.key_material_len = 33, ProfileError::KeyMaterialLength),
        (|p| p.mac_len = 3, ProfileError::MacLength),
        (|p| p.mac_len = 17, ProfileError::MacLength),
        (|p| p.mac_use = MacUse::Responses, ProfileError::MacWithoutKey),
        (
            |p| p.delivered_keys = DeliveredKeys::Mac,
            ProfileError::NothingProtected,
        ),
        (|p| p.counter_width = 1, ProfileError::Counter),
        (|p| p.counter_width = 17, ProfileError::Counter),
        (
            |p| (p.counter_width, p.counter_start) = (2, 60_000),
            ProfileError::Counter,
        ),
        (|p| p.le_tag = p.cryptogram_tag, ProfileError::Tags),
        (|p| p.cryptogram_tag = 0x1F, ProfileError::Tags),
        (|p| p.number_tries = Some(0), ProfileError::NumberTries),
        (|p| p.number_tries = Some(16), ProfileError::NumberTries),
        (|p| p.card_type_sfi = p.common_data_sfi, ProfileError::Files),
        (|p| p.residence_card_files.swap(0, 7), ProfileError::Files),
    ];
    let key = delivery_key().unwrap();
    for (change, error) in cases {
        let key = DeliveryKey::parse(DeliveryKeyForm::ModulusAndExponent, &key).unwrap();
        let profile = profile(change);
        assert_eq!(profile.check(), Err(error));
        assert_eq!(SpecifiedAccess::new(profile, key).err(), Some(error));
    }
}

#[test]
fn progress_grows_to_the_total() {
    let profile = short(&profile(|_| ()));
    for card_type in TYPES {
        for limits in [Limits::EXTENDED, Limits::SHORT] {
            let issued = issue(card_type, &profile);
            let (mut done, mut total) = (Vec::new(), 0);
            let mut card = SoftwareCard::new(issued.clone()).with_limits(limits);
            read(&mut card, access(&profile), issued.number(), |machine| {
                let progress = machine.progress();
                if progress.phase != Phase::Recognise {
                    done.push(progress.bytes_done);
                    total = progress.bytes_total;
                }
            })
            .unwrap();
            let capacity: usize = profile.files(card_type).iter().map(|entry| entry.capacity).sum();
            assert!(done.is_sorted());
            assert_eq!(total, capacity);
        }
    }
}
