//! The service providers that ship with the software: donors and recipients, which are data
//! (`data/service_providers.json`).
//!
//! An id, once shipped, belongs to its provider for good: portings and other systems hold on to
//! it. Names may change; a provider that closes stays, so that old portings still have a donor.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::{connected, country::Country};

/// A mobile provider, as `/serviceProviders` lists it.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceProvider {
    /// `svp_` and 22 base62 digits.
    pub id: &'static str,
    /// The brand as its customers know it.
    pub name: &'static str,
    /// Where its numbers are.
    pub country: Country,
    /// The shipped recipients that take numbers from it; [`ServiceProvider::recipients`] has all. Empty
    /// for a recipient.
    pub recipient_providers: Vec<&'static str>,
    /// A readable key that data files and messages refer to; not part of the contract.
    #[serde(skip)]
    pub slug: &'static str,
}

/// A network that numbers are ported to.
#[derive(Debug)]
pub struct Recipient {
    /// The `provider` of a porting or plan, such as `test`.
    pub provider: &'static str,
    /// Served by the simulator, and for projects of type `test` alone.
    pub test_only: bool,
    /// What a porting shows as its `recipientProvider`.
    pub service_provider: ServiceProvider,
}

struct Directory {
    donors: Vec<ServiceProvider>,
    recipients: Vec<Recipient>,
}

static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    let file: File = serde_json::from_str(include_str!("../data/service_providers.json"))
        .expect("the shipped service providers are checked by a test");
    Directory {
        donors: file
            .donors
            .into_iter()
            .flat_map(Group::into_donors)
            .collect(),
        recipients: file
            .recipients
            .into_iter()
            .map(RecipientEntry::into_recipient)
            .collect(),
    }
});

/// Every donor: by country, then by name, "Other" last.
pub fn all() -> &'static [ServiceProvider] {
    &DIRECTORY.donors
}

/// The donor or recipient with this id.
pub fn find(id: &str) -> Option<&'static ServiceProvider> {
    let recipients = DIRECTORY
        .recipients
        .iter()
        .map(|recipient| &recipient.service_provider);
    DIRECTORY
        .donors
        .iter()
        .chain(recipients)
        .chain(
            connected::all()
                .iter()
                .map(|it| &it.recipient.service_provider),
        )
        .find(|provider| provider.id == id)
}

/// The entry for "my carrier is not listed", where we list carriers at all.
pub fn other(country: Country) -> Option<&'static ServiceProvider> {
    all()
        .iter()
        .find(|donor| donor.country == country && donor.is_other())
}

/// The donors whose numbers a recipient takes.
pub fn for_recipient(provider: &str) -> impl Iterator<Item = &'static ServiceProvider> {
    let connected = connected::find(provider);
    all().iter().filter(move |donor| {
        donor.recipient_providers.contains(&provider)
            || connected.is_some_and(|connected| connected.takes(donor.country))
    })
}

/// The recipient behind the `provider` of a porting or plan: one that ships or was connected.
pub fn recipient(provider: &str) -> Option<&'static Recipient> {
    shipped_recipient(provider).or_else(|| connected::find(provider).map(|it| it.recipient))
}

pub(crate) fn shipped_recipient(provider: &str) -> Option<&'static Recipient> {
    DIRECTORY
        .recipients
        .iter()
        .find(|recipient| recipient.provider == provider)
}

impl ServiceProvider {
    /// Whether this stands for every carrier that is not listed.
    pub fn is_other(&self) -> bool {
        self.slug.starts_with("other-")
    }

    /// Every recipient that takes numbers from it. Empty for a recipient.
    pub fn recipients(&self) -> Vec<&'static str> {
        let mut all = self.recipient_providers.clone();
        // Only donors have any.
        if !all.is_empty() {
            let connected = connected::all();
            let connected = connected.iter().filter(|it| it.takes(self.country));
            all.extend(connected.map(|it| it.recipient.provider));
            let mut seen = std::collections::BTreeSet::new();
            all.retain(|provider| seen.insert(*provider));
        }
        all
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "'de: 'static"))]
struct File {
    recipients: Vec<RecipientEntry>,
    donors: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RecipientEntry {
    provider: &'static str,
    test_only: bool,
    slug: &'static str,
    id: &'static str,
    name: &'static str,
    country: Country,
}

#[derive(Deserialize)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    bound(deserialize = "'de: 'static")
)]
struct Group {
    country: Country,
    recipient_providers: Vec<&'static str>,
    providers: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    slug: &'static str,
    id: &'static str,
    name: &'static str,
}

impl RecipientEntry {
    fn into_recipient(self) -> Recipient {
        let Self {
            provider,
            test_only,
            slug,
            id,
            name,
            country,
        } = self;
        let recipient_providers = Vec::new();
        let service_provider = ServiceProvider {
            id,
            name,
            country,
            recipient_providers,
            slug,
        };
        Recipient {
            provider,
            test_only,
            service_provider,
        }
    }
}

impl Group {
    fn into_donors(self) -> impl Iterator<Item = ServiceProvider> {
        let Self {
            country,
            recipient_providers,
            providers,
        } = self;
        providers
            .into_iter()
            .map(move |Entry { slug, id, name }| ServiceProvider {
                id,
                name,
                country,
                recipient_providers: recipient_providers.clone(),
                slug,
            })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn everybody() -> impl Iterator<Item = &'static ServiceProvider> {
        all()
            .iter()
            .chain(DIRECTORY.recipients.iter().map(|r| &r.service_provider))
    }

    #[test]
    fn ids_have_the_form_of_the_contract_and_are_unique() {
        let mut ids = BTreeSet::new();
        let mut slugs = BTreeSet::new();
        for provider in everybody() {
            let body = provider.id.strip_prefix("svp_").expect("prefix");
            assert_eq!(body.len(), 22, "{}", provider.id);
            assert!(
                body.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{}",
                provider.id
            );
            assert!(
                ids.insert(provider.id) && slugs.insert(provider.slug),
                "{}",
                provider.slug
            );
            assert_eq!(find(provider.id), Some(provider));
        }
        assert_eq!(find("svp_0000000000000000000000"), None);
    }

    #[test]
    fn names_are_unique_within_a_country_and_other_comes_last() {
        for country in [Country::US, Country::GB, Country::DE] {
            let donors: Vec<_> = all().iter().filter(|d| d.country == country).collect();
            let names: BTreeSet<_> = donors.iter().map(|d| d.name.to_lowercase()).collect();
            assert_eq!(names.len(), donors.len());
            assert!(donors.last().unwrap().is_other());
            assert_eq!(other(country).unwrap(), *donors.last().unwrap());
        }
        assert_eq!(other(Country::FR), None);
    }

    /// Ids that are out in the world; changing one orphans the portings that hold it.
    #[test]
    fn shipped_ids_never_change() {
        for (slug, id) in SHIPPED {
            assert_eq!(
                everybody().find(|p| p.slug == slug).map(|p| p.id),
                Some(id),
                "{slug}"
            );
        }
    }

    const SHIPPED: [(&str, &str); 12] = [
        ("att", "svp_6Pz4NiZ41X4n3mDSXRzIT6"),
        ("verizon", "svp_729aN4Whyfoc9MPCyRxPtD"),
        ("t-mobile", "svp_31HohgkfPBVirLTMoAZVrz"),
        ("ee", "svp_4z3AsvgPgTpbCD8b3sLLOw"),
        ("telekom-de", "svp_1dxQ6fbfE1G5AaMiTznYVL"),
        ("other-us", "svp_0rAO83Qh1mPbnqCq8uzJW2"),
        ("other-gb", "svp_2WNYobwp9VeCfQWfMatAsf"),
        ("other-de", "svp_4PIUbjowNgTlQih3a9N5hB"),
        ("recipient-test", "svp_4faMyMywMtWue9Hk2I5NBi"),
        ("recipient-t12", "svp_2BqANb15thbLTDTyNKKGEg"),
        ("recipient-tde", "svp_3nMS9Emw2qu9KBiAUbK4z9"),
        ("recipient-telnyx", "svp_5LOdj7iXSK7B0NqdESesrn"),
    ];

    #[test]
    fn a_recipient_takes_the_donors_of_its_country_and_test_takes_all() {
        assert_eq!(for_recipient("test").count(), all().len());
        for (provider, country) in [
            ("t12", Country::GB),
            ("tde", Country::DE),
            ("telnyx", Country::US),
        ] {
            assert!(for_recipient(provider).count() > 20);
            assert!(for_recipient(provider).all(|donor| donor.country == country));
        }
        assert_eq!(for_recipient("unknown").count(), 0);
    }

    #[test]
    fn the_simulated_recipients_are_for_test_projects_only() {
        for (provider, country, test_only) in [
            ("test", Country::US, true),
            ("t12", Country::GB, true),
            ("tde", Country::DE, true),
            ("telnyx", Country::US, false),
        ] {
            let recipient = recipient(provider).unwrap();
            assert_eq!(recipient.service_provider.country, country);
            assert_eq!(recipient.test_only, test_only);
        }
        assert!(recipient("p9").is_none());
    }

    #[test]
    fn json_has_the_keys_of_the_contract() {
        assert_eq!(
            serde_json::to_value(other(Country::DE).unwrap()).unwrap(),
            serde_json::json!({
                "id": other(Country::DE).unwrap().id,
                "name": "Other",
                "country": "DE",
                "recipientProviders": ["test", "tde"],
            })
        );
    }
}
