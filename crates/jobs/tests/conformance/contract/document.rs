use std::path::PathBuf;

use serde_json::Value as Json;

use super::relay::Sent;

/// The carrier's description of its API.
pub struct Document(Json);

/// Where it is.
pub fn path() -> PathBuf {
    let path = std::env::var("PORTICO_TELNYX_DOCUMENT");
    path.expect("scripts/carrier-contract sets it").into()
}

impl Document {
    pub fn read() -> Self {
        let text = std::fs::read_to_string(path()).expect("the document can be read");
        Self(serde_json::from_str(&text).expect("the document is JSON"))
    }

    /// What was sent and stands nowhere in the document. A server may take it without a word, so that a
    /// name written wrong would be lost.
    pub fn strangers_in(&self, call: &Sent) -> Vec<String> {
        let Some(described) = self.call(call) else {
            return vec![format!("{} {}", call.method, call.path)];
        };
        let mut strangers = Vec::new();
        for name in &call.query {
            if !self.has_parameter(described, name) {
                strangers.push(name.clone());
            }
        }
        if let Some(body) = &call.body {
            let schema = &described["requestBody"]["content"]["application/json"]["schema"];
            self.walk(schema, body, "", &mut strangers);
        }
        strangers
    }

    fn call(&self, call: &Sent) -> Option<&Json> {
        let parts: Vec<_> = call.path.split('/').collect();
        let fits = |template: &str| {
            let names: Vec<_> = template.split('/').collect();
            names.len() == parts.len()
                && names
                    .iter()
                    .zip(&parts)
                    .all(|(name, part)| name.starts_with('{') || name == part)
        };
        let paths = self.0["paths"].as_object()?;
        let exact = paths.get(&call.path);
        let found = exact.or_else(|| Some(paths.iter().find(|(path, _)| fits(path))?.1));
        found?.get(call.method.to_lowercase())
    }

    /// `filter[phone_numbers][phone_number]` is a property of a property of the parameter `filter`.
    fn has_parameter(&self, described: &Json, name: &str) -> bool {
        let mut parts = name.split('[').map(|part| part.trim_end_matches(']'));
        let first = parts.next().unwrap_or_default();
        let parameters = described["parameters"].as_array().into_iter().flatten();
        let found = parameters
            .map(|it| self.resolved(it))
            .find(|it| it["name"] == first);
        let Some(mut at) = found.map(|it| self.resolved(&it["schema"])) else {
            return false;
        };
        for part in parts {
            match at["properties"].get(part) {
                Some(inner) => at = self.resolved(inner),
                None => return false,
            }
        }
        true
    }

    fn walk(&self, schema: &Json, value: &Json, at: &str, strangers: &mut Vec<String>) {
        let schema = self.resolved(schema);
        match value {
            Json::Object(fields) => {
                for (name, inner) in fields {
                    let at = format!("{at}.{name}");
                    match schema["properties"].get(name) {
                        Some(described) => self.walk(described, inner, &at, strangers),
                        None => strangers.push(at),
                    }
                }
            }
            Json::Array(items) => {
                for item in items {
                    self.walk(&schema["items"], item, at, strangers);
                }
            }
            _ => {}
        }
    }

    fn resolved<'d>(&'d self, schema: &'d Json) -> &'d Json {
        match schema["$ref"].as_str() {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#');
                let found = self.0.pointer(pointer).expect("references lead somewhere");
                self.resolved(found)
            }
            None => schema,
        }
    }
}
