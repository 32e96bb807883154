//! What the addresses of each country need: the shipped data and how to match against it.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::country::Country;

/// What the addresses of a country need.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddressRules {
    /// Whether `state` must be given.
    pub state_required: bool,
    /// Whether `postalCode` must be given.
    pub postal_code_required: bool,
    /// Forms of the postal code: `9` a digit, `A` a letter, `X` either, anything else itself.
    /// Empty: any code of up to ten letters, digits, spaces and dashes.
    pub postal_code_masks: Vec<&'static str>,
    /// A postal code that fits, for a hint; empty where we know no form.
    pub postal_code_example: &'static str,
    /// What people there call the two fields that differ.
    pub labels: AddressLabels,
    /// The states to choose from; empty where there is no list.
    #[serde(default)]
    pub states: Vec<State>,
}

/// Keys into the message catalogue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddressLabels {
    /// `state`, `province`, `county` or `region`.
    pub state: &'static str,
    /// `zip`, `postcode`, `eircode` or `postalCode`.
    pub postal_code: &'static str,
}

/// A state, province or territory.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The two letters used on mail.
    pub code: &'static str,
    /// The English name.
    pub name: &'static str,
    #[serde(default)]
    pub(super) aliases: Vec<&'static str>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub(super) struct Book {
    generic: AddressRules,
    pub(super) countries: BTreeMap<Country, AddressRules>,
}

pub(super) static BOOK: LazyLock<Book> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/address_rules.json"))
        .expect("the shipped address rules are checked by a test")
});

/// The rules of a country.
pub fn rules(country: Country) -> &'static AddressRules {
    BOOK.countries.get(&country).unwrap_or(&BOOK.generic)
}

/// The states to choose from; empty where an address has none or we hold no list.
pub fn states_of(country: Country) -> &'static [State] {
    &rules(country).states
}

impl State {
    /// Whether `text` is this state's code, name or a common other name, in any case and
    /// punctuation.
    pub(super) fn is_called(&self, text: &str) -> bool {
        let names = [self.code, self.name];
        names
            .iter()
            .chain(&self.aliases)
            .any(|name| fold(name) == fold(text))
    }
}

/// Letters and digits only, in lower case: "D.C." is "dc".
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Writes `compact` into `mask`, or `None` where it does not fit.
pub(super) fn fill_mask(mask: &str, compact: &str) -> Option<String> {
    let mut rest = compact.chars();
    let mut filled = String::with_capacity(mask.len());
    for slot in mask.chars() {
        let fits: fn(&char) -> bool = match slot {
            '9' => char::is_ascii_digit,
            'A' => char::is_ascii_alphabetic,
            'X' => char::is_ascii_alphanumeric,
            separator => {
                filled.push(separator);
                continue;
            }
        };
        filled.push(rest.next().filter(fits)?);
    }
    rest.next().is_none().then_some(filled)
}
