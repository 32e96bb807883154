//! The recipients an operator connected, beside those that ship.
//!
//! There is one configuration in a process, so they are kept in one static, as the shipped ones are.
//! They are added before anything is served and stay as long as the process does.

use std::sync::{PoisonError, RwLock};

use sha2::{Digest, Sha256};

use crate::{
    country::Country,
    porting::requirements::{self, Requirements},
    service_provider::{self, Recipient, ServiceProvider},
};

/// A recipient network that the operator connected.
#[derive(Debug)]
pub struct Connected {
    /// As everybody else sees it.
    pub recipient: &'static Recipient,
    /// What it needs, for each country it takes numbers of.
    pub requirements: Vec<Requirements>,
}

/// A country whose requirements nobody has written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{country}: there is no table of what its donors require")]
pub struct NoRequirements {
    /// Which one.
    pub country: Country,
}

static CONNECTED: RwLock<Vec<&'static Connected>> = RwLock::new(Vec::new());

/// Makes `provider` a recipient of numbers of `countries`; connected again, the last time counts.
/// `max_age_days` is when an open porting without an end expires, if not after the usual time.
///
/// # Errors
/// Nothing is known of what a country's donors require.
pub fn connect(
    provider: &str,
    countries: &[Country],
    max_age_days: Option<u16>,
) -> Result<(), NoRequirements> {
    let of = |country: &Country| requirements::usual(provider, *country, max_age_days);
    let requirements = countries.iter().map(of).collect::<Result<_, _>>()?;
    let shipped = service_provider::shipped_recipient(provider);
    let recipient = shipped.unwrap_or_else(|| Box::leak(Box::new(made_of(provider, countries))));
    let connected = Box::leak(Box::new(Connected {
        recipient,
        requirements,
    }));
    let mut all = CONNECTED.write().unwrap_or_else(PoisonError::into_inner);
    all.retain(|other| other.recipient.provider != provider);
    all.push(connected);
    Ok(())
}

/// Whether numbers of a country can be taken at all.
///
/// # Errors
/// Nothing is known of what its donors require.
pub fn check(country: Country) -> Result<(), NoRequirements> {
    requirements::usual("", country, None).map(drop)
}

/// Every recipient that was connected.
pub fn all() -> Vec<&'static Connected> {
    CONNECTED
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// The recipient of that name, if it was connected.
pub fn find(provider: &str) -> Option<&'static Connected> {
    all()
        .into_iter()
        .find(|connected| connected.recipient.provider == provider)
}

impl Connected {
    /// Whether it takes numbers of a country.
    pub fn takes(&self, country: Country) -> bool {
        self.requirements.iter().any(|row| row.country == country)
    }
}

fn made_of(provider: &str, countries: &[Country]) -> Recipient {
    let provider: &'static str = Box::leak(provider.to_owned().into_boxed_str());
    Recipient {
        provider,
        test_only: false,
        service_provider: ServiceProvider {
            id: Box::leak(id_of(provider).into_boxed_str()),
            name: provider,
            country: countries.first().copied().unwrap_or(Country::US),
            recipient_providers: Vec::new(),
            slug: provider,
        },
    }
}

/// The id of a recipient that does not ship. It follows from the name, so that it is the same on every
/// node and after every restart, and also when the recipient is no longer connected.
pub fn id_of(provider: &str) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let hash = Sha256::digest(format!("recipient {provider}"));
    let digits = hash.iter().take(22);
    let body: String = digits
        .map(|byte| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]))
        .collect();
    format!("svp_{body}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connected_recipient_is_one_like_those_that_ship() {
        connect("acme-mobile", &[Country::US, Country::GB], Some(14)).expect("both are known");
        let acme = service_provider::recipient("acme-mobile").expect("it was connected");
        assert!(!acme.test_only);
        assert_eq!(acme.service_provider.id, id_of("acme-mobile"));
        assert_eq!(
            service_provider::find(&id_of("acme-mobile")),
            Some(&acme.service_provider)
        );
        let row = requirements::of("acme-mobile", Country::US).expect("it takes US numbers");
        assert_eq!(row.max_age_days, 14);
        assert_eq!(
            row.required,
            requirements::of("test", Country::US)
                .expect("a row")
                .required
        );
        assert!(requirements::of("acme-mobile", Country::DE).is_none());
        let donors: Vec<_> = service_provider::for_recipient("acme-mobile").collect();
        assert!(donors.iter().any(|donor| donor.slug == "ee"));
        assert!(donors.iter().all(|donor| donor.country != Country::DE));
        assert!(donors[0].recipients().contains(&"acme-mobile"));
        let acme = &acme.service_provider;
        assert_eq!(acme.recipients(), Vec::<&str>::new());
    }

    #[test]
    fn one_that_ships_keeps_its_id_and_gets_its_requirements() {
        connect("telnyx", &[Country::US], None).expect("it is known");
        let telnyx = service_provider::recipient("telnyx").expect("it ships");
        assert_eq!(telnyx.service_provider.slug, "recipient-telnyx");
        let row = requirements::of("telnyx", Country::US).expect("it was connected");
        assert_eq!(row.max_age_days, 30);
    }

    #[test]
    fn a_country_without_a_table_is_refused_by_name() {
        let refused = connect("elsewhere", &[Country::FR], None).expect_err("no table");
        assert!(refused.to_string().starts_with("FR: "), "{refused}");
        assert!(service_provider::recipient("elsewhere").is_none());
    }

    #[test]
    fn an_id_follows_from_the_name() {
        assert_eq!(id_of("acme"), id_of("acme"));
        assert_ne!(id_of("acme"), id_of("acme2"));
        let body = id_of("acme").split_off(4);
        assert!(body.len() == 22 && body.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
