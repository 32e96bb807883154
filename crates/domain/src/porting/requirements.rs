//! Which data a recipient needs: a table, `data/requirements.json`, not code.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Field;
use crate::{
    connected::{self, NoRequirements},
    country::Country,
};

/// What one recipient needs and can do.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Requirements {
    /// The recipient's network id; none in a row for every recipient that an operator connects.
    provider: Option<String>,
    /// The donor's country.
    pub country: Country,
    /// Every field it needs; a gateway may add to them for one porting.
    pub required: Vec<Field>,
    /// Whether `scheduledOn` is possible.
    pub scheduling: bool,
    /// Whether `behavior` `cancelOnly` is possible.
    pub cancel_only: bool,
    /// Days after which an open porting without an end expires.
    pub max_age_days: u16,
}

static TABLE: LazyLock<Vec<Requirements>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/requirements.json"))
        .expect("the shipped table is checked by a test")
});

/// The row of a recipient for a donor country; `None` when that pair is not served.
pub fn of(provider: &str, country: Country) -> Option<&'static Requirements> {
    let connected = connected::find(provider).map(|connected| &connected.requirements);
    let mut own = connected.into_iter().flatten();
    own.find(|row| row.country == country)
        .or_else(|| shipped(Some(provider), country))
}

fn shipped(provider: Option<&str>, country: Country) -> Option<&'static Requirements> {
    TABLE
        .iter()
        .find(|row| row.provider.as_deref() == provider && row.country == country)
}

/// What a recipient that is being connected needs for a donor country: what the country's donors
/// usually require.
pub(crate) fn usual(
    provider: &str,
    country: Country,
    max_age_days: Option<u16>,
) -> Result<Requirements, NoRequirements> {
    let own = shipped(Some(provider), country);
    let usual = own.or_else(|| shipped(None, country));
    let usual = usual.ok_or(NoRequirements { country })?;
    Ok(Requirements {
        provider: Some(provider.to_owned()),
        max_age_days: max_age_days.unwrap_or(usual.max_age_days),
        ..usual.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_us_asks_for_five_things_and_the_uk_for_one() {
        let us = of("test", Country::US).expect("a row");
        let us: Vec<_> = us.required.iter().map(|field| field.as_str()).collect();
        assert_eq!(
            us,
            [
                "accountNumber",
                "accountPin",
                "firstName",
                "lastName",
                "address"
            ]
        );
        let uk = of("t12", Country::GB).expect("a row");
        assert_eq!(uk.required, [Field::AccountPin]);
        assert!(uk.scheduling && uk.cancel_only);
        assert!(of("test", Country::DE).is_none());
    }
}
