//! Which types are forwarded.

use anyhow::anyhow;
use portico_domain::{id::WebhookEndpointId, webhook::TypePattern};
use serde::Deserialize;

use crate::remote::{Api, ApiError};

/// Patterns without the server's prefix; none stand for every type.
pub struct Types(Vec<TypePattern>);

#[derive(Deserialize)]
struct Endpoint {
    types: Vec<String>,
}

impl Types {
    /// Reads `--types`. A server's prefix may stand in front, whatever it is.
    ///
    /// # Errors
    /// One fits no type.
    pub fn parse(texts: &[String]) -> anyhow::Result<Self> {
        let each = texts.iter().map(|text| {
            let pattern = TypePattern::parse(without_prefix(text.trim()), "");
            pattern.map_err(|error| anyhow!("--types: {text} {error}"))
        });
        each.collect::<Result<_, _>>().map(Self)
    }

    /// These; if there are none, those that the endpoint is told.
    ///
    /// # Errors
    /// There is no such endpoint.
    pub async fn or_those_of(self, api: &Api, id: WebhookEndpointId) -> anyhow::Result<Self> {
        let found = api.get(&format!("webhookEndpoints/{id}")).await;
        let found = found.map_err(|error| match error {
            ApiError::Refused(_) => {
                anyhow!("--endpoint: the project {} has no {id}", api.project())
            }
            other => other.into(),
        })?;
        if !self.0.is_empty() {
            return Ok(self);
        }
        let endpoint: Endpoint =
            serde_json::from_slice(&found).map_err(|_| ApiError::Unreadable)?;
        let patterns = endpoint.types.iter().map(|text| without_prefix(text));
        Ok(Self(patterns.map(TypePattern::from_stored).collect()))
    }

    /// Whether events of `kind`, prefix included, are forwarded.
    pub fn want(&self, kind: &str) -> bool {
        let kind = without_prefix(kind);
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(kind))
    }
}

/// The name of a type: resource and action, which a server puts its prefix before.
pub fn without_prefix(kind: &str) -> &str {
    let mut dots = kind.rmatch_indices('.').map(|(at, _)| at);
    match dots.nth(1) {
        Some(before_resource) => &kind[before_resource + 1..],
        None => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(texts: &[&str]) -> anyhow::Result<Types> {
        let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
        Types::parse(&texts)
    }

    #[test]
    fn a_type_is_known_with_and_without_a_servers_prefix() {
        for pattern in [
            "porting.*",
            "com.portico.porting.*",
            "porting.declined",
            "*",
        ] {
            let types = types(&[pattern]).expect("a pattern");
            assert!(types.want("com.portico.porting.declined"), "{pattern}");
            assert!(types.want("com.gigs.porting.declined"), "{pattern}");
        }
        let types = types(&["porting.declined", "user.*"]).expect("patterns");
        assert!(types.want("com.portico.user.created"));
        assert!(!types.want("com.portico.porting.created"));
    }

    #[test]
    fn without_any_every_type_is_forwarded() {
        assert!(
            types(&[])
                .expect("none")
                .want("com.portico.porting.created")
        );
    }

    #[test]
    fn a_misspelt_type_is_refused_by_name() {
        for text in ["portin.declined", "porting.decline", "porting", ""] {
            let error = types(&[text]).err().expect("refused").to_string();
            assert!(error.starts_with("--types: "), "{error}");
        }
    }
}
