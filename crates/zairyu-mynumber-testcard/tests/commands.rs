//! What the card answers, command by command.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use proptest::prelude::*;
use zairyu_mynumber_testcard::{
    AUTH_PIN, Application, CardBuilder, NUMBER, Profile, SIGN_PASSWORD, ShortRead, SoftwareCard, TEXT_PIN,
    YearForm,
};

fn card(profile: Profile) -> SoftwareCard {
    SoftwareCard::new(CardBuilder::new(profile).issue().unwrap())
}

fn select(card: &mut SoftwareCard, application: Application) -> u16 {
    status(&card.process(&[&[0, 0xA4, 4, 0x0C, 10][..], application.aid()].concat()))
}

fn status(response: &[u8]) -> u16 {
    u16::from_be_bytes(*response.last_chunk().unwrap())
}

fn verify(card: &mut SoftwareCard, identifier: u8, secret: &[u8]) -> u16 {
    let length = u8::try_from(secret.len()).unwrap();
    status(&card.process(&[&[0, 0x20, 0, 0x80 | identifier, length][..], secret].concat()))
}

fn read(card: &mut SoftwareCard, identifier: u8) -> u16 {
    status(&card.process(&[0, 0xB0, 0x80 | identifier, 0, 0]))
}

#[test]
fn each_file_opens_with_its_secrets_and_no_other() {
    let number_b = card(Profile::Adult).issued().number_b().to_vec();
    let birth = card(Profile::Adult).issued().birth_digits().to_vec();
    let (pin, a, b) = (TEXT_PIN, NUMBER, number_b.as_slice());
    // Application, file, and whether it opens with: nothing, and each of the secrets.
    type Row<'a> = (Application, u8, bool, Vec<(u8, &'a [u8], bool)>);
    let text = |file, free, p, with_a, with_b| -> Row<'_> {
        (
            Application::Text,
            file,
            free,
            vec![(0x11, pin, p), (0x14, a, with_a), (0x15, b, with_b)],
        )
    };
    let visual = |file, free, with_birth, with_a, with_b| -> Row<'_> {
        let secrets = vec![
            (0x11, birth.as_slice(), with_birth),
            (0x13, a, with_a),
            (0x12, b, with_b),
        ];
        (Application::Visual, file, free, secrets)
    };
    let jpki = |file, free, auth, sign| -> Row<'_> {
        (
            Application::Jpki,
            file,
            free,
            vec![(0x18, AUTH_PIN, auth), (0x1B, SIGN_PASSWORD, sign)],
        )
    };
    for (application, file, free, secrets) in [
        text(1, false, true, true, false),
        text(2, false, true, false, true),
        text(3, false, true, true, true),
        text(4, true, true, true, true),
        text(5, true, true, true, true),
        text(7, false, true, true, true),
        visual(1, false, true, false, false),
        visual(2, false, false, true, true),
        visual(3, false, false, true, true),
        visual(4, true, true, true, true),
        visual(5, false, false, true, false),
        jpki(0x01, false, false, true),
        jpki(0x02, true, true, true),
        jpki(0x06, true, true, true),
        jpki(0x08, true, true, true),
        jpki(0x0A, true, true, true),
        jpki(0x0B, true, true, true),
    ] {
        let answer = |opens| if opens { 0x9000 } else { 0x6982 };
        let mut card = card(Profile::Adult);
        select(&mut card, application);
        assert_eq!(read(&mut card, file), answer(free), "{application:?} {file:02X}");
        for (identifier, secret, opens) in secrets {
            card.power_cycle();
            select(&mut card, application);
            assert_eq!(verify(&mut card, identifier, secret), 0x9000);
            assert_eq!(
                read(&mut card, file),
                answer(opens),
                "{application:?} {file:02X} {identifier:02X}"
            );
        }
    }
}

#[test]
fn counters_fall_stay_and_are_refilled_only_by_the_right_secret() {
    for (application, identifier, secret, most) in [
        (Application::Jpki, 0x18, AUTH_PIN, 3),
        (Application::Jpki, 0x1B, SIGN_PASSWORD, 5),
        (Application::Text, 0x11, TEXT_PIN, 3),
        (Application::Text, 0x14, NUMBER, 10),
        (Application::ResidentRegister, 0x1C, &b"8642"[..], 3),
    ] {
        let mut card = card(Profile::Adult).with_blocked_status(0x6983);
        let query = [0, 0x20, 0, 0x80 | identifier];
        select(&mut card, application);
        assert_eq!(status(&card.process(&query)), 0x63C0 | most);
        // A Le is an error, and costs nothing.
        assert_eq!(status(&card.process(&[0, 0x20, 0, 0x80 | identifier, 0])), 0x6700);
        assert_eq!(verify(&mut card, identifier, b"9999"), 0x63C0 | (most - 1));
        card.power_cycle();
        select(&mut card, application);
        assert_eq!(status(&card.process(&query)), 0x63C0 | (most - 1));
        assert_eq!(verify(&mut card, identifier, secret), 0x9000);
        assert_eq!(status(&card.process(&query)), 0x63C0 | most);
        for left in (0..most).rev() {
            assert_eq!(verify(&mut card, identifier, b"9999"), 0x63C0 | left);
        }
        // Blocked: even the right one.
        assert_eq!(verify(&mut card, identifier, secret), 0x6983);
        assert_eq!(status(&card.process(&query)), 0x63C0);
        assert_eq!(card.tries_left(application, u16::from(identifier)), Some(0));
    }
}

#[test]
fn another_application_ends_what_was_presented_and_the_same_does_not() {
    let mut card = card(Profile::Adult);
    select(&mut card, Application::Text);
    verify(&mut card, 0x11, TEXT_PIN);
    select(&mut card, Application::Text);
    assert_eq!(read(&mut card, 2), 0x9000);
    select(&mut card, Application::Visual);
    select(&mut card, Application::Text);
    assert_eq!(read(&mut card, 2), 0x6982);
    // The card manager drops everything.
    verify(&mut card, 0x11, TEXT_PIN);
    assert_eq!(
        status(&card.process(b"\x00\xA4\x04\x0C\x07\xA0\x00\x00\x01\x51\x00\x00")),
        0x9000
    );
    assert_eq!(read(&mut card, 2), 0x6985);
    // A wrong secret takes the right one's rights away.
    select(&mut card, Application::Text);
    verify(&mut card, 0x11, TEXT_PIN);
    verify(&mut card, 0x11, b"0000");
    assert_eq!(read(&mut card, 2), 0x6982);
}

#[test]
fn child_and_phone_lack_what_they_lack() {
    let mut child = card(Profile::Under15);
    select(&mut child, Application::Jpki);
    assert_eq!(
        child.process(&[0, 0xB0, 0x88, 0, 3]),
        [0x00, 0x8F, 0x00, 0x90, 0x00]
    );
    assert_eq!(read(&mut child, 0x01), 0x6A82);
    assert_eq!(verify(&mut child, 0x1B, SIGN_PASSWORD), 0x6A88);

    let mut phone = card(Profile::AndroidToken);
    assert_eq!(select(&mut phone, Application::Text), 0x6A82);
    assert_eq!(select(&mut phone, Application::Visual), 0x6A82);
    assert_eq!(select(&mut phone, Application::Jpki), 0x9000);
    assert_eq!(phone.process(&[0, 0xB0, 0x86, 0, 15])[..15], *b"JPKIAPGPSETOKEN");
    assert_eq!(read(&mut phone, 0x0A), 0x6982);
    verify(&mut phone, 0x18, AUTH_PIN);
    assert_eq!(read(&mut phone, 0x0A), 0x9000);
    assert!(phone.issued().number_b().is_empty());
}

#[test]
fn reads_beyond_the_end_answer_as_set() {
    let end = |short_read| {
        let mut card = card(Profile::Adult).with_short_read(short_read);
        select(&mut card, Application::Jpki);
        (
            card.process(&[0, 0xB0, 0x86, 150, 0]),
            card.process(&[0, 0xB0, 0x00, 160, 0]),
        )
    };
    assert_eq!(end(ShortRead::Plain).0, [&[b' '; 10][..], &[0x90, 0x00]].concat());
    assert_eq!(
        end(ShortRead::Warning).0,
        [&[b' '; 10][..], &[0x62, 0x82]].concat()
    );
    assert_eq!(end(ShortRead::WrongLe).0, [0x6C, 10]);
    assert_eq!(end(ShortRead::Plain).1, [0x6B, 0x00]);
}

#[test]
fn chained_responses_wait_for_one_command() {
    let mut card = card(Profile::Adult).with_chained_responses();
    select(&mut card, Application::Jpki);
    assert_eq!(card.process(&[0, 0xB0, 0x88, 0, 3]), [0x61, 3]);
    assert_eq!(card.process(&[0, 0xC0, 0, 0, 3]), [0x8F, 0x8F, 0x00, 0x90, 0x00]);
    assert_eq!(card.process(&[0, 0xC0, 0, 0, 3]), [0x69, 0x85]);
    assert_eq!(card.process(&[0, 0xB0, 0x86, 0, 0]), [0x61, 160]);
    // Another command in between, and it is lost.
    card.process(&[0, 0x20, 0, 0x98]);
    assert_eq!(card.process(&[0, 0xC0, 0, 0, 160]), [0x69, 0x85]);
}

#[test]
fn the_card_key_signs_without_a_secret_and_the_holders_key_after_its_pin() {
    let mut card = card(Profile::Adult);
    let sign = |p1: u8, p2: u8| [&[0x80, 0x2A, p1, p2, 2][..], b"ab", &[0]].concat();
    for application in [Application::Text, Application::Visual] {
        select(&mut card, application);
        assert_eq!(card.process(&sign(0, 0)).len(), 258);
    }
    select(&mut card, Application::Jpki);
    assert_eq!(status(&card.process(&sign(0, 0))), 0x6A88);
    assert_eq!(status(&card.process(&sign(0, 0x97))), 0x6982);
    verify(&mut card, 0x18, AUTH_PIN);
    assert_eq!(card.process(&sign(0, 0x97)).len(), 258);
    assert_eq!(status(&card.process(&sign(0, 0x9A))), 0x6982);
    assert_eq!(status(&card.process(&sign(9, 0x97))), 0x6A86);
    // By SELECT of the key's file.
    assert_eq!(card.process(&[0, 0xA4, 2, 0x0C, 2, 0, 0x17]), [0x90, 0x00]);
    assert_eq!(card.process(&sign(0, 0x80)).len(), 258);
}

#[test]
fn the_year_in_the_secrets_has_two_forms() {
    let issued = |form| CardBuilder::new(Profile::Adult).year_form(form).issue().unwrap();
    assert_eq!(issued(YearForm::Era).number_b(), b"02010120351234");
    assert_eq!(issued(YearForm::Gregorian).number_b(), b"90010120351234");
    assert_eq!(issued(YearForm::Gregorian).birth_digits(), b"900101");
}

#[test]
fn selection_takes_the_beginning_of_an_aid_and_channels_are_refused() {
    let mut card = card(Profile::Adult);
    assert_eq!(
        card.process(b"\x00\xA4\x04\x0C\x05\xD3\x92\xF0\x00\x26"),
        [0x90, 0x00]
    );
    assert_eq!(card.process(&[1, 0xA4, 4, 0x0C, 0]), [0x68, 0x81]);
    assert_eq!(card.process(&[0, 0xA4, 0, 0, 2, 0, 1]), [0x6A, 0x86]);
    assert_eq!(card.process(&[0, 0xCA, 0, 0x45, 0]), [0x6D, 0x00]);
    assert_eq!(card.process(&[0x90, 0, 0, 0]), [0x6E, 0x00]);
    assert_eq!(card.process(&[]), [0x67, 0x00]);
}

proptest! {
    #[test]
    fn no_command_is_too_strange(commands in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..20)) {
        let mut card = card(Profile::Adult).with_chained_responses();
        select(&mut card, Application::Text);
        for mut command in commands {
            // Half of them with an instruction that the card knows.
            if let Some(instruction) = command.get_mut(1) {
                *instruction = [0xA4, 0x20, 0xB0, 0x2A, 0xC0, *instruction][usize::from(*instruction) % 6];
            }
            prop_assert!(card.process(&command).len() >= 2);
        }
    }
}
