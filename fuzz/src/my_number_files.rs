//! A byte for the kind of files, then the files of a My Number Card and the chip's answer to a challenge, each a block.
//!
//! Judging ends, and never says that the chip answered, or that its holder did: the answer is made up, and nobody can make files
//! that make it a right one. The software card's files are the seeds.

use std::sync::LazyLock;

use zairyu::mynumber::{
    AgeFiles, Application, AttributeFiles, Challenge, ChallengeAnswer, CvAnchors, FaceFiles, JpkiAnchors,
    JpkiFiles, MAX_FILE_LEN,
};
use zairyu_mynumber_testcard::{Application as Of, CardBuilder, IssuedCard, Profile, auth_root, cv_modulus};

use crate::{
    input::{Block, Input, push_block},
    memory::{self, KIB},
};

const MEMORY: usize = 1024 * KIB;

static ISSUED: LazyLock<IssuedCard> = LazyLock::new(|| {
    CardBuilder::new(Profile::Adult)
        .issue()
        .expect("it can be issued")
});

static ANCHORS: LazyLock<CvAnchors> = LazyLock::new(|| {
    let mut anchors = CvAnchors::new();
    for (of, application) in [(Of::Text, Application::Text), (Of::Visual, Application::Visual)] {
        let (id, modulus) = cv_modulus(of).expect("the keys are there");
        anchors.add(application, id, &modulus).expect("it is one");
    }
    anchors
});

static ROOTS: LazyLock<JpkiAnchors> = LazyLock::new(|| {
    let mut roots = JpkiAnchors::new();
    roots
        .add(&auth_root(None).expect("it can be made"))
        .expect("it is one");
    roots
});

/// Where the files of each kind lie.
const KINDS: [(Of, &[u16]); 4] = [
    (Of::Visual, &[0x02, 0x04]),
    (Of::Text, &[0x02, 0x03, 0x04, 0x07]),
    (Of::Visual, &[0x01, 0x04]),
    (Of::Jpki, &[0x0A]),
];

pub fn run(input: &[u8]) {
    let mut input = Input(input);
    let kind = usize::from(input.byte()) % KINDS.len();
    let (anchors, roots) = (&*ANCHORS, &*ROOTS);
    let (_, identifiers) = KINDS[kind];
    let mut block = || match input.block() {
        Some(Block::Bytes(bytes)) => bytes.get(..MAX_FILE_LEN).unwrap_or(bytes).to_vec(),
        _ => Vec::new(),
    };
    let files: Vec<_> = identifiers.iter().map(|_| block()).collect();
    // Made up: the card's own answer is not at hand, and no other may pass.
    let answer = || {
        Some(ChallengeAnswer::new(
            Challenge::new([9; Challenge::LEN]),
            vec![0xA5; 256],
        ))
    };
    memory::within(MEMORY, || {
        let mut files = files.into_iter();
        let mut next = || files.next().unwrap_or_default();
        let answered = match kind {
            0 => {
                let proofs = FaceFiles::new(next(), next(), answer()).judge(anchors);
                proofs.chip.content().is_some()
            }
            1 => {
                let proofs = AttributeFiles::new(next(), next(), next(), next(), answer()).judge(anchors);
                proofs.chip.content().is_some()
            }
            2 => {
                let proofs = AgeFiles::new(next(), next(), answer()).judge(anchors);
                proofs.chip.content().is_some()
            }
            _ => {
                let at = zairyu::Timestamp::from_second(1_795_000_000).expect("a time");
                let proofs = JpkiFiles::new(next(), answer()).judge(roots, at, None);
                proofs.holder.content().is_some()
            }
        };
        assert!(!answered, "an answer that the chip did not give was taken");
    });
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let names = ["face", "attributes", "age", "jpki-auth"];
    let kinds = (0_u8..).zip(names.into_iter().zip(KINDS));
    kinds
        .map(|(place, (name, (application, identifiers)))| {
            let mut input = vec![place];
            for &identifier in identifiers {
                push_block(&mut input, ISSUED.file(application, identifier));
            }
            (name.to_owned(), input)
        })
        .collect()
}
