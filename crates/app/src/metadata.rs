//! The integrator's own notes on a resource.

use std::collections::BTreeMap;

use portico_domain::user::Metadata;

use crate::PropertyError;

/// A change of metadata: a value sets its key, `null` deletes it.
#[derive(Debug, Clone, Default)]
pub struct MetadataPatch(pub BTreeMap<String, Option<String>>);

impl MetadataPatch {
    /// `before` with the change made.
    pub fn apply(self, before: &Metadata) -> Metadata {
        let mut after = before.clone();
        for (key, value) in self.0 {
            match value {
                Some(value) => after.insert(key, value),
                None => after.remove(&key),
            };
        }
        after
    }
}

/// At most 10 keys of 40 characters with values of 255.
pub(crate) fn check_metadata(metadata: &Metadata) -> Option<PropertyError> {
    let fits = |text: &str, max: usize| text.chars().count() <= max && !text.contains('\0');
    let holds = metadata.len() <= 10
        && metadata
            .iter()
            .all(|(key, value)| !key.is_empty() && fits(key, 40) && fits(value, 255));
    let rule = "must have at most 10 keys of 40 characters, with values of 255.";
    (!holds).then(|| PropertyError::invalid("metadata", rule))
}
