//! Bodies of API calls. The first byte chooses the call. A body is understood whole or refused with
//! its properties, and no refusal repeats what a customer's property holds.
#![no_main]

use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;
use portico_api::fuzzing::{self, Problem, READERS};
use serde::de::IgnoredAny;
use serde_json::Value as Json;

const TODAY: Date = jiff::civil::date(2026, 3, 2);
/// The deepest nesting of objects and arrays.
const MAX_DEPTH: usize = 32;
/// Properties that hold a customer's data.
const PERSONAL: [&str; 14] = [
    "accountNumber",
    "accountPin",
    "billingPin",
    "firstName",
    "lastName",
    "birthday",
    "fullName",
    "email",
    "address",
    "line1",
    "line2",
    "city",
    "state",
    "postalCode",
];
/// No message of ours holds one of these; so a message with one of them repeats what it was given.
const TELLING: [char; 6] = ['~', '%', '#', '&', '*', '='];

fuzz_target!(|bytes: &[u8]| {
    let Some((call, bytes)) = bytes.split_first() else {
        return;
    };
    let Ok(body) = fuzzing::json(bytes) else {
        return;
    };
    serde_json::from_slice::<IgnoredAny>(bytes).expect("what is taken is JSON to others");
    assert!(depth(&body) <= MAX_DEPTH);
    let reader = READERS[usize::from(*call) % READERS.len()];
    let read = fuzzing::read(reader, &body, TODAY);
    // Numbers with a fraction may change in their last digit.
    if !has_float(&body) {
        let written = serde_json::to_vec(&body).expect("it was JSON");
        let again = fuzzing::json(&written).expect("it was JSON");
        assert_eq!(again, body);
        assert_eq!(fuzzing::read(reader, &again, TODAY).is_ok(), read.is_ok());
    }
    match read {
        Ok(()) => assert!(body.is_object()),
        Err(problems) => {
            assert!(!problems.is_empty());
            problems.iter().for_each(|problem| check(problem, &body));
        }
    }
});

fn check(problem: &Problem, body: &Json) {
    let Problem {
        property,
        is_missing,
        message,
    } = problem;
    assert!(!property.is_empty(), "{message}");
    assert!(
        property.bytes().all(|byte| byte.is_ascii_graphic()),
        "{message}"
    );
    assert!(
        message.starts_with(property.as_str()),
        "{property}: {message}"
    );
    let Json::Object(values) = body else {
        assert_eq!(property, "body");
        return;
    };
    let is_there = values.keys().any(|name| {
        let rest = property.strip_prefix(&shown(name));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    assert!(is_there || *is_missing, "{message}");
    let first = property.split('.').next().unwrap_or_default();
    let value = body.pointer(&format!("/{}", property.replace('.', "/")));
    if PERSONAL.contains(&first)
        && let Some(Json::String(value)) = value
        && value.contains(TELLING)
    {
        assert!(!message.contains(value.as_str()), "{message}");
    }
}

/// A name as an error shows it.
fn shown(name: &str) -> String {
    if name.is_empty() {
        return "\"\"".to_owned();
    }
    let plain = |c: char| if c.is_ascii_graphic() { c } else { '?' };
    name.chars().take(64).map(plain).collect()
}

fn depth(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(values) => 1 + values.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn has_float(value: &Json) -> bool {
    match value {
        Json::Number(number) => number.is_f64(),
        Json::Array(items) => items.iter().any(has_float),
        Json::Object(values) => values.values().any(has_float),
        _ => false,
    }
}
