//! A byte for the generation, then changes to the ASN.1 of the genuine card's certificate: what is done, to which element
//! (two bytes), and what that takes.
//!
//! The card stays verified exactly if the certificate is the same but for the form of its lengths.

use zairyu_verify::Status;

use crate::{
    asn1::{self, Content, Element, Length},
    certificate::check,
    genuine::SIGNED,
    input::Input,
    memory::{self, KIB},
};

/// The longest certificate that is judged: longer ones are refused for that.
const LONGEST: usize = 8192;

/// No more changes are made: they copy elements.
const MOST_CHANGES: usize = 32;

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let signed = &SIGNED[usize::from(input.byte() % 2)];
    let mut certificate = asn1::tree(&signed.certificate).expect("a certificate");
    let mut behind = 0;
    for _ in 0..MOST_CHANGES {
        if input.is_empty() || certificate.count() > 2000 {
            break;
        }
        behind += mutate(&mut certificate, &mut input);
    }
    let mut bytes = Vec::new();
    certificate.write(&mut bytes);
    bytes.resize(bytes.len() + behind, 0);
    if bytes.len() > LONGEST {
        return;
    }
    let check_code = &signed.check_codes[0];
    let authenticity = memory::within(512 * KIB, || signed.judge(check_code, &bytes));
    check(&authenticity, signed, check_code, &bytes);
    let same = asn1::canonical(&bytes).is_some_and(|der| der == signed.certificate);
    assert_eq!(
        authenticity.status() == Status::Verified,
        same,
        "{:?}",
        authenticity.reason()
    );
}

/// One change. Gives how many `00` it adds behind the certificate.
fn mutate(certificate: &mut Element, input: &mut Input<'_>) -> usize {
    let what = input.byte() % 18;
    let place = usize::from(input.number()) % certificate.count();
    match what {
        0 => certificate.change(place, |element| element.tag ^= 0x20),
        1 => {
            let tag = input.byte();
            certificate.change(place, |element| element.tag = tag);
        }
        2 => {
            let zeros = input.byte() % 3 + 1;
            certificate.change(place, |element| element.length = Length::Wider(zeros));
        }
        3 => certificate.change(place, |element| element.length = Length::Indefinite),
        4 => {
            let by = i8::from_be_bytes([input.byte()]);
            certificate.change(place, |element| element.length = Length::Wrong(by));
        }
        5 => certificate.change_list(place, |list, index| list.insert(index, list[index].clone())),
        6 => certificate.change_list(place, |list, index| drop(list.remove(index))),
        7 => certificate.change_list(place, |list, index| {
            let other = (index + 1) % list.len();
            list.swap(index, other);
        }),
        8 => {
            let (offset, xor) = (usize::from(input.number()), input.byte());
            certificate.change(place, |element| {
                element.change_bytes(|bytes| {
                    let length = bytes.len().max(1);
                    if let Some(byte) = bytes.get_mut(offset % length) {
                        *byte ^= xor;
                    }
                });
            });
        }
        9 => certificate.change(place, |element| element.content = Content::Bytes(Vec::new())),
        10 => {
            let by = usize::from(input.byte()) + 1;
            certificate.change(place, |element| {
                element.change_bytes(|bytes| bytes.truncate(bytes.len().saturating_sub(by)));
            });
        }
        11 => {
            let length = input.byte() % 16;
            let more = input.take(length.into());
            certificate.change(place, |element| element.change_bytes(|bytes| bytes.extend(more)));
        }
        12 => {
            let from = usize::from(input.number()) % certificate.count();
            let Some(copy) = certificate.get(from).cloned() else {
                return 0;
            };
            certificate.change(place, |element| *element = copy);
        }
        13 => {
            let tag = input.byte();
            certificate.change(place, |element| {
                let inner = element.clone();
                element.content = Content::Elements {
                    before: Vec::new(),
                    elements: vec![inner],
                };
                element.tag = tag;
            });
        }
        14 => certificate.change(place, |element| {
            if let Content::Elements { elements, .. } = &mut element.content {
                elements.reverse();
            }
        }),
        15 => certificate.change(place, |element| {
            element.change_bytes(|bytes| bytes.insert(0, 0));
        }),
        16 => all_lengths(certificate, Length::Indefinite),
        _ => return usize::from(input.byte()),
    }
    0
}

fn all_lengths(element: &mut Element, length: Length) {
    if let Content::Elements { elements, .. } = &mut element.content {
        elements
            .iter_mut()
            .for_each(|element| all_lengths(element, length));
        if element.tag & 0x20 != 0 {
            element.length = length;
        }
    }
}

impl Element {
    /// Changes the content as bytes.
    fn change_bytes(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.content.to_bytes();
        change(&mut bytes);
        self.content = Content::Bytes(bytes);
    }
}
