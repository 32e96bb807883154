//! What carriers say: every text and code has a meaning, and every answer of Telnyx's is either read to
//! defined outcomes or unreadable. Nothing panics.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portico_carrier::{
    Answer, Kind, Outcome,
    mapping::{Mapper, Meaning, Reason, Row},
    telnyx,
};

static MAPPERS: LazyLock<Vec<Mapper>> = LazyLock::new(|| {
    let own = Row::new(
        Some("OTHER".to_owned()),
        Some("blue moon".to_owned()),
        "delayed",
    );
    let own = vec![own.expect("a good row")];
    Kind::ALL
        .into_iter()
        .map(|kind| Mapper::new("acme", kind, own.clone()))
        .collect()
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (code, words) = text.split_once('\n').unwrap_or(("", &text));
    for mapper in MAPPERS.iter() {
        check_meaning(mapper, code, words);
    }
    if let Ok(answers) = telnyx::fuzz(data, &MAPPERS[0]) {
        check_answers(&answers);
    }
});

fn check_meaning(mapper: &Mapper, code: &str, words: &str) {
    let mapped = mapper.map(Some(code), Some(words));
    assert_ne!(mapped.meaning, Meaning::Text, "a meaning is one at last");
    assert_eq!(
        mapped,
        mapper.map(Some(code), Some(words)),
        "and always the same"
    );
    let reasons = words.lines().take(8).map(|line| Reason {
        code: Some(code.to_owned()),
        text: Some(line.to_owned()),
        said_at: None,
    });
    let reasons: Vec<_> = reasons.collect();
    let answers = mapper.answers(&reasons);
    assert_eq!(answers.len(), reasons.len().max(1), "every reason is kept");
    check_answers(&answers);
}

/// A decline has a code of the contract and a sentence; what can be repaired leads, delays come last.
fn check_answers(answers: &[Answer]) {
    let rank = |answer: &Answer| match &answer.outcome {
        Outcome::Declined { code, message } => {
            assert!(!message.is_empty() && code.as_str().starts_with("porting"));
            u8::from(!code.can_be_repaired())
        }
        Outcome::Delayed => 2,
        _ => 0,
    };
    let ranks: Vec<_> = answers.iter().map(rank).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
}
