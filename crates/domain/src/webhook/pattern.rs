use std::fmt;

use crate::event::EventType;

/// One event type, or all that begin alike: `porting.declined`, `porting.*`, `*`. Kept without the
/// server's prefix, so that a server whose prefix changes still finds the endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypePattern(String);

/// Why a text is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an event type such as {0}porting.declined, a group such as {0}porting.*, or *")]
pub struct PatternError(String);

impl TypePattern {
    /// Reads a pattern as it is written on the wire, `prefix` included. It must fit a type that
    /// exists, so that a misspelt one is noticed.
    ///
    /// # Errors
    /// It fits nothing.
    pub fn parse(text: &str, prefix: &str) -> Result<Self, PatternError> {
        let refused = || PatternError(prefix.to_owned());
        // `com.*` is as good as `*` where the prefix is `com.portico.`.
        let covers = text.strip_suffix('*').filter(|it| prefix.starts_with(it));
        let pattern = match covers {
            Some(start) if start.is_empty() || start.ends_with('.') => Self("*".to_owned()),
            _ => Self(text.strip_prefix(prefix).ok_or_else(refused)?.to_owned()),
        };
        let group = pattern.0.strip_suffix('*');
        let is_whole = group.is_none_or(|group| group.is_empty() || group.ends_with('.'));
        let fits = EventType::ALL
            .iter()
            .any(|kind| pattern.matches(kind.as_str()));
        if is_whole && fits {
            Ok(pattern)
        } else {
            Err(refused())
        }
    }

    /// The pattern as it was kept by [`TypePattern::as_str`].
    pub fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The pattern without a prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern on the wire of a server with that prefix.
    pub fn with_prefix(&self, prefix: &str) -> String {
        match self.0.as_str() {
            "*" => "*".to_owned(),
            rest => format!("{prefix}{rest}"),
        }
    }

    /// Whether events of `kind`, named without a prefix, fit.
    pub fn matches(&self, kind: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(start) => kind.starts_with(start),
            None => kind == self.0,
        }
    }
}

impl fmt::Display for TypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "com.portico.";

    #[test]
    fn a_pattern_fits_one_type_or_a_group() {
        for (text, fits, fits_not) in [
            (
                "com.portico.porting.declined",
                "porting.declined",
                "porting.deleted",
            ),
            ("com.portico.porting.*", "porting.declined", "user.created"),
            ("com.portico.*", "user.created", ""),
            ("*", "user.created", ""),
            ("com.*", "webhookEndpoint.disabled", ""),
        ] {
            let pattern = TypePattern::parse(text, PREFIX).expect("a good pattern");
            assert!(pattern.matches(fits), "{text}");
            assert!(fits_not.is_empty() || !pattern.matches(fits_not), "{text}");
        }
        let group = TypePattern::parse("com.portico.porting.*", PREFIX).expect("a good pattern");
        assert_eq!(group.with_prefix("com.gigs."), "com.gigs.porting.*");
        let all = TypePattern::parse("*", PREFIX).expect("a good pattern");
        assert_eq!(all.with_prefix(PREFIX), "*");
    }

    #[test]
    fn what_fits_nothing_is_refused() {
        for text in [
            "",
            "porting.declined",
            "com.portico.porting.",
            "com.portico.porting.born",
            "com.portico.port*",
            "com.por*",
            "com.portico.plan.*",
            "com.portico.*.declined",
            "com.gigs.porting.*",
            "**",
        ] {
            assert!(TypePattern::parse(text, PREFIX).is_err(), "{text}");
        }
    }
}
