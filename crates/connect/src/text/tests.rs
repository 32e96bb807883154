//! The catalogues: complete, used, and chosen as the visitor wants.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// Message → the variables in it, of one language.
fn messages(language: &Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages = BTreeMap::new();
    let mut current = String::new();
    for line in language.files.iter().flat_map(|file| file.lines()) {
        if line.starts_with('#') {
            continue;
        }
        if let Some((key, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            current = key.to_owned();
            let before = messages.insert(current.clone(), BTreeSet::new());
            assert!(
                before.is_none(),
                "{current} stands twice in {}",
                language.code
            );
        }
        for variable in line.split('$').skip(1) {
            let name = variable.split(|c: char| !c.is_ascii_alphanumeric()).next();
            let known = messages
                .get_mut(&current)
                .expect("a variable stands in a message");
            known.insert(name.unwrap_or_default().to_owned());
        }
    }
    messages
}

fn english() -> BTreeMap<String, BTreeSet<String>> {
    messages(&LANGUAGES[0])
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("readable").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Everything in quotation marks that could be a key, and the text around it.
fn source_text() -> String {
    let files = [
        files_below(&folder("src")),
        files_below(&folder("templates")),
    ]
    .concat();
    let is_source = |path: &PathBuf| !path.ends_with("text/tests.rs");
    let texts = files.into_iter().filter(is_source);
    texts
        .map(|path| fs::read_to_string(path).expect("readable"))
        .collect()
}

fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[test]
fn every_language_has_the_messages_and_variables_of_english() {
    for language in LANGUAGES {
        assert_eq!(messages(language), english(), "{}", language.code);
    }
}

#[test]
fn every_folder_of_locales_is_a_language() {
    let registered: BTreeSet<_> = LANGUAGES
        .iter()
        .map(|language| language.code.to_owned())
        .collect();
    let entries = fs::read_dir(folder("locales")).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("readable").file_name());
    let found: BTreeSet<_> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    assert_eq!(found, registered);
}

#[test]
fn every_message_asked_for_exists() {
    let source = source_text();
    let known = english();
    for call in [
        ".t(\"",
        ".t_one(\"",
        ".t_with(\"",
        "texts.get(\"",
        ".get_args(\"",
        "words(frame, \"",
    ] {
        for rest in source.split(call).skip(1) {
            let key = rest.split('"').next().unwrap_or_default();
            assert!(
                known.contains_key(key),
                "no message {key}, asked for with {call}"
            );
        }
    }
}

#[test]
fn every_message_is_used() {
    let source = source_text();
    let literals: BTreeSet<&str> = source.split('"').filter(|text| is_key(text)).collect();
    let declines: BTreeSet<&str> = crate::view::decline_keys().into_iter().collect();
    for key in english().keys() {
        let is_used = literals.contains(key.as_str())
            || declines.contains(key.as_str())
            || key.starts_with("country-");
        assert!(is_used, "nothing shows {key}");
    }
}

#[test]
fn every_decline_has_its_words() {
    let known = english();
    for key in crate::view::decline_keys() {
        assert!(known.contains_key(key), "no message {key}");
    }
}

#[test]
fn messages_have_no_dashes_or_straight_quotes() {
    for (key, _) in english() {
        let source: String = LANGUAGES[0].files.concat();
        let line = source
            .lines()
            .find(|line| line.starts_with(&format!("{key} =")))
            .unwrap_or("");
        let value = line.split_once('=').map_or("", |(_, value)| value);
        assert!(!value.contains(['\'', '"', '—', '–']), "{key}: {value}");
    }
}

#[test]
fn the_users_language_comes_before_the_browsers() {
    let chosen = |user, browser| Texts::negotiate(user, browser).lang();
    assert_eq!(chosen(Some("en-GB"), Some("fr")), "en");
    assert_eq!(chosen(None, Some("xx;q=0.9, en;q=0.5")), "en");
    assert_eq!(chosen(None, None), "en");
    for hostile in [
        "",
        "*",
        ";;;",
        "q=1",
        "en;q=nan",
        "\u{202e}",
        "a-b-c-d-e-f",
        ",,,,",
    ] {
        assert_eq!(chosen(Some(hostile), Some(hostile)), "en");
    }
}

#[test]
fn preferences_are_read_in_order_of_weight() {
    assert_eq!(
        preferred("da, en-gb;q=0.8, en;q=0.7"),
        ["da", "en-gb", "en"]
    );
    assert_eq!(preferred("fr;q=0.3,de;q=0.9,es;q=0"), ["de", "fr"]);
    assert_eq!(preferred("fr; q=0.3, de ; q=0.9"), ["de", "fr"]);
}

#[test]
fn countries_have_names() {
    let texts = Texts::fallback();
    assert_eq!(texts.country_name("US"), "United States");
    assert_eq!(texts.country_name("GB"), "United Kingdom");
    assert_eq!(texts.country_name("QQ"), "QQ");
    let countries = english()
        .keys()
        .filter(|key| key.starts_with("country-"))
        .count();
    assert_eq!(countries, 249, "ISO 3166-1 has 249 codes");
}

#[test]
fn catalogues_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Texts>();
}
