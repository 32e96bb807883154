//! The words of the pages, one catalogue per language.
//!
//! A language is a folder under `locales/` with the same files as `en`, and one line in
//! [`LANGUAGES`]. A test compares every catalogue with `en`: same messages, same variables.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::PatternElement;
use unic_langid::LanguageIdentifier;

/// The files of one language.
macro_rules! language {
    ($code:literal) => {
        Language {
            code: $code,
            files: [
                include_str!(concat!("../locales/", $code, "/common.ftl")),
                include_str!(concat!("../locales/", $code, "/entry.ftl")),
                include_str!(concat!("../locales/", $code, "/steps.ftl")),
                include_str!(concat!("../locales/", $code, "/problems.ftl")),
                include_str!(concat!("../locales/", $code, "/declines.ftl")),
                include_str!(concat!("../locales/", $code, "/outcomes.ftl")),
                include_str!(concat!("../locales/", $code, "/countries.ftl")),
            ],
        }
    };
}

/// The source of one catalogue.
struct Language {
    code: &'static str,
    files: [&'static str; 7],
}

/// All languages; the first is the one everybody else gets.
static LANGUAGES: &[Language] = &[language!("en")];

static CATALOGUES: LazyLock<Vec<Texts>> =
    LazyLock::new(|| LANGUAGES.iter().map(Texts::load).collect());

/// The catalogue of one language.
pub struct Texts {
    code: &'static str,
    language: LanguageIdentifier,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The catalogue for a visitor: the user's `preferredLocale` decides if we have it, then the
    /// browser's `Accept-Language` in its order, then English. Malformed values count as absent.
    pub fn negotiate(user_locale: Option<&str>, accept_language: Option<&str>) -> &'static Self {
        let from_user = user_locale.and_then(Self::find);
        from_user.unwrap_or_else(|| {
            let wanted = accept_language.map(preferred).unwrap_or_default();
            wanted
                .into_iter()
                .find_map(Self::find)
                .unwrap_or_else(Self::fallback)
        })
    }

    /// English.
    pub fn fallback() -> &'static Self {
        CATALOGUES.first().expect("there is at least one language")
    }

    /// Exactly this language and region, else the language.
    fn find(tag: &str) -> Option<&'static Self> {
        let wanted: LanguageIdentifier = tag.trim().parse().ok()?;
        let exact = CATALOGUES.iter().find(|texts| texts.language == wanted);
        exact.or_else(|| {
            CATALOGUES
                .iter()
                .find(|t| t.language.language == wanted.language)
        })
    }

    /// Value of the `lang` attribute.
    pub fn lang(&self) -> &'static str {
        self.code
    }

    /// Value of the `dir` attribute.
    pub fn dir(&self) -> &'static str {
        match self.language.language.as_str() {
            "ar" | "dv" | "fa" | "he" | "ku" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
            _ => "ltr",
        }
    }

    /// A message without variables.
    pub fn get(&self, key: &str) -> String {
        self.get_with(key, FluentArgs::new)
    }

    /// A message with its variables.
    pub fn get_args(&self, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        self.get_with(key, || args.iter().cloned().collect())
    }

    /// A message with variables that are made when it has any.
    ///
    /// A key that is not in the catalogue gives the key itself, and a missing variable its name: a
    /// page with a flaw is better than none. Debug builds panic instead, so that tests see it.
    pub fn get_with<'a>(&self, key: &str, args: impl FnOnce() -> FluentArgs<'a>) -> String {
        let Some(pattern) = self
            .bundle
            .get_message(key)
            .and_then(|message| message.value())
        else {
            debug_assert!(false, "no message {key} in {}", self.code);
            return key.to_owned();
        };
        if let [PatternElement::TextElement { value }] = &pattern.elements[..] {
            return (*value).to_owned();
        }
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&args()), &mut errors)
            .into_owned();
        debug_assert!(
            errors.is_empty(),
            "message {key} in {}: {errors:?}",
            self.code
        );
        text
    }

    /// The name of a country in this language, by its ISO 3166-1 alpha-2 code; the code itself if
    /// it has none.
    pub fn country_name(&self, code: &str) -> String {
        let key = format!("country-{}", code.to_ascii_lowercase());
        if self.bundle.has_message(&key) {
            self.get(&key)
        } else {
            code.to_owned()
        }
    }

    fn load(language: &Language) -> Self {
        let identifier: LanguageIdentifier = language
            .code
            .parse()
            .expect("the codes in LANGUAGES are language tags");
        let mut bundle = FluentBundle::new_concurrent(vec![identifier.clone()]);
        // Isolation marks would end up in titles and attributes. Text of the other direction is
        // put into elements of its own instead.
        bundle.set_use_isolating(false);
        for file in language.files {
            let resource = FluentResource::try_new(file.to_owned());
            let resource =
                resource.expect("the catalogues are syntactically right, see their test");
            bundle
                .add_resource(resource)
                .expect("no message stands twice, see their test");
        }
        Self {
            code: language.code,
            language: identifier,
            bundle,
        }
    }
}

/// The tags of an `Accept-Language` header, the most wanted first.
fn preferred(header: &str) -> Vec<&str> {
    let mut weighted: Vec<(&str, f32)> = header
        .split(',')
        .take(20)
        .map(|part| {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let weight = parameters.trim().strip_prefix("q=");
            (
                tag.trim(),
                weight.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0)),
            )
        })
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    // Stable, so equal weights keep the order of the header.
    weighted.sort_by(|one, other| other.1.total_cmp(&one.1));
    weighted.into_iter().map(|(tag, _)| tag).collect()
}

#[cfg(test)]
mod tests;
