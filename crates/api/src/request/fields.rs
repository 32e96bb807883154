//! Reads an object property by property and collects everything that is wrong with it.
//!
//! Guarantee: a property nobody asked for is an error, and every error names the exact path of its
//! property. So a request is either understood whole or refused whole.

use portico_app::{PropertyCode, PropertyError};
use portico_domain::porting::Patch;
use serde_json::{Map, Value as Json};

/// A value, or what is wrong with it; paths are relative to the value, empty for itself.
pub type Parsed<T> = Result<T, Vec<PropertyError>>;

/// The value itself is wrong.
///
/// # Errors
/// Always.
pub fn wrong<T>(message: impl Into<String>) -> Parsed<T> {
    Err(vec![PropertyError::invalid("", message)])
}

/// An object that is being read.
pub struct Fields {
    values: Map<String, Json>,
    problems: Vec<PropertyError>,
}

impl Fields {
    /// Begins to read an object.
    pub fn new(values: Map<String, Json>) -> Self {
        Self {
            values,
            problems: Vec::new(),
        }
    }

    /// A property that must be there and must not be `null`.
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&Json) -> Parsed<T>) -> Option<T> {
        match self.values.remove(name) {
            None | Some(Json::Null) => {
                self.problems.push(PropertyError::required(name));
                None
            }
            Some(value) => self.parsed(name, &value, parse),
        }
    }

    /// A property that may be missing or `null`, which are the same.
    pub fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&Json) -> Parsed<T>) -> Option<T> {
        match self.values.remove(name) {
            None | Some(Json::Null) => None,
            Some(value) => self.parsed(name, &value, parse),
        }
    }

    /// A property of which `null` says that its value is to be cleared.
    pub fn patch<T>(&mut self, name: &str, parse: impl FnOnce(&Json) -> Parsed<T>) -> Patch<T> {
        match self.values.remove(name) {
            None => Patch::Keep,
            Some(Json::Null) => Patch::Clear,
            Some(value) => self
                .parsed(name, &value, parse)
                .map_or(Patch::Keep, Patch::Set),
        }
    }

    /// A property that may be missing, but cannot be cleared.
    pub fn replace<T>(&mut self, name: &str, parse: impl FnOnce(&Json) -> Parsed<T>) -> Option<T> {
        let value = self.values.remove(name)?;
        if value.is_null() {
            self.refuse(name, "must not be null.");
            return None;
        }
        self.parsed(name, &value, parse)
    }

    /// Passes over a property that is accepted and has no effect.
    pub fn ignore(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// Takes a property out, whatever it is; `null` counts as missing.
    pub fn take(&mut self, name: &str) -> Option<Json> {
        self.values.remove(name).filter(|value| !value.is_null())
    }

    /// Whether nothing was wrong so far.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// Notes that a property is wrong.
    pub fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.problems.push(PropertyError::invalid(name, message));
    }

    /// Notes problems whose paths are complete.
    pub fn refuse_all(&mut self, problems: impl IntoIterator<Item = PropertyError>) {
        self.problems.extend(problems);
    }

    /// Everything that was wrong, including what nobody asked for.
    pub fn finish(mut self) -> Vec<PropertyError> {
        for name in self.values.keys() {
            let problem = PropertyError::invalid(&presentable(name), "is not a known property.");
            self.problems.push(problem);
        }
        self.problems
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        value: &Json,
        parse: impl FnOnce(&Json) -> Parsed<T>,
    ) -> Option<T> {
        parse(value)
            .map_err(|problems| {
                self.problems
                    .extend(problems.into_iter().map(|problem| inside(name, problem)));
            })
            .ok()
    }
}

/// Reads an object inside an object.
pub fn object<T>(read: impl FnOnce(&mut Fields) -> Option<T>) -> impl FnOnce(&Json) -> Parsed<T> {
    move |value| {
        let Json::Object(values) = value else {
            return wrong("must be an object.");
        };
        let mut fields = Fields::new(values.clone());
        let made = read(&mut fields);
        let problems = fields.finish();
        match made {
            Some(made) if problems.is_empty() => Ok(made),
            _ => Err(problems),
        }
    }
}

fn inside(name: &str, problem: PropertyError) -> PropertyError {
    let property = match problem.property.as_str() {
        "" => name.to_owned(),
        rest => format!("{name}.{rest}"),
    };
    if problem.code == PropertyCode::PropertyRequired {
        return PropertyError::required(&property);
    }
    PropertyError {
        property,
        ..problem
    }
}

/// A name we do not know comes from outside: short, and without what could confuse a terminal. An
/// empty one is shown as `""`, because an empty path is the value around it.
pub(super) fn presentable(name: &str) -> String {
    if name.is_empty() {
        return "\"\"".to_owned();
    }
    let plain = |c: char| if c.is_ascii_graphic() { c } else { '?' };
    name.chars().take(64).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::parse::{boolean, text};

    fn fields(value: Json) -> Fields {
        Fields::new(value.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn everything_wrong_is_named_by_its_path() {
        let mut body = fields(json!({ "a": { "b": 1, "x": 2 }, "c": "yes", "y\u{202e}": 3 }));
        let inner = object(|a| {
            a.required("d", text);
            a.optional("b", text)
        });
        assert!(body.required("a", inner).is_none());
        assert!(body.optional("c", boolean).is_none());
        let found = body.finish();
        let paths: Vec<_> = found.iter().map(|it| it.property.as_str()).collect();
        assert_eq!(paths, ["a.d", "a.b", "a.x", "c", "y?"]);
        assert_eq!(found[0].message, "a.d is required.");
    }

    #[test]
    fn a_property_without_a_name_is_told_from_its_object() {
        let mut body = fields(json!({ "": 1, "a": { "": 2 } }));
        body.optional("a", object(|_| Some(())));
        let paths: Vec<_> = body.finish().into_iter().map(|it| it.property).collect();
        assert_eq!(paths, ["a.\"\"", "\"\""]);
    }

    #[test]
    fn null_clears_only_where_it_can() {
        let mut body = fields(json!({ "a": null, "b": null, "c": null }));
        assert_eq!(body.patch("a", text), Patch::Clear);
        assert_eq!(body.patch("z", text), Patch::Keep);
        assert_eq!(body.replace("b", text), None);
        assert_eq!(body.required("c", text), None);
        let paths: Vec<_> = body.finish().into_iter().map(|it| it.property).collect();
        assert_eq!(paths, ["b", "c"]);
    }
}
