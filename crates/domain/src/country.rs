//! Countries. A [`Country`] is always a code of ISO 3166-1; there is no other way to make one.

use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A country by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// Why a text is not a country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a two-letter ISO 3166-1 country code in capitals, such as US")]
pub struct CountryError;

/// English short names by code: the 249 codes that ISO 3166-1 assigns.
static NAMES: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/countries.json"))
        .expect("the shipped country list is checked by a test")
});

impl Country {
    /// United States.
    pub const US: Self = Self(*b"US");
    /// Canada.
    pub const CA: Self = Self(*b"CA");
    /// United Kingdom.
    pub const GB: Self = Self(*b"GB");
    /// Germany.
    pub const DE: Self = Self(*b"DE");
    /// Ireland.
    pub const IE: Self = Self(*b"IE");
    /// Puerto Rico, a country of its own in ISO 3166-1 and a "state" in US addresses.
    pub const PR: Self = Self(*b"PR");
    /// Austria.
    pub const AT: Self = Self(*b"AT");
    /// Switzerland.
    pub const CH: Self = Self(*b"CH");
    /// France.
    pub const FR: Self = Self(*b"FR");

    /// Reads a code as the API writes it: two capitals, nothing around them.
    pub fn parse(text: &str) -> Result<Self, CountryError> {
        match text.as_bytes() {
            &[a, b] if NAMES.contains_key(text) => Ok(Self([a, b])),
            _ => Err(CountryError),
        }
    }

    /// The code, in capitals.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("country codes are ASCII by construction")
    }

    /// The short English name.
    pub fn name(self) -> &'static str {
        NAMES
            .get(self.as_str())
            .copied()
            .expect("only listed codes are ever built")
    }

    /// Every country, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.keys().filter_map(|code| Self::parse(code).ok())
    }
}

impl FromStr for Country {
    type Err = CountryError;

    fn from_str(text: &str) -> Result<Self, CountryError> {
        Self::parse(text)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_list_is_the_whole_of_iso_3166_1() {
        assert_eq!(NAMES.len(), 249);
        assert_eq!(Country::all().count(), 249);
        for country in [
            Country::US,
            Country::CA,
            Country::GB,
            Country::DE,
            Country::IE,
            Country::PR,
            Country::AT,
            Country::CH,
            Country::FR,
        ] {
            assert_eq!(Country::parse(country.as_str()), Ok(country));
        }
        assert_eq!(Country::GB.name(), "United Kingdom");
    }

    #[test]
    fn codes_that_iso_does_not_assign_are_refused() {
        for text in [
            "UK", "EU", "XX", "XK", "us", "Us", "USA", "U", "", " US", "ÜS",
        ] {
            assert_eq!(Country::parse(text), Err(CountryError), "{text}");
        }
    }

    #[test]
    fn a_country_is_a_string_in_json() {
        assert_eq!(serde_json::to_string(&Country::DE).unwrap(), "\"DE\"");
        assert_eq!(
            serde_json::from_str::<Country>("\"DE\"").unwrap(),
            Country::DE
        );
        assert!(serde_json::from_str::<Country>("\"de\"").is_err());
        assert!(serde_json::from_str::<Country>("7").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            if let Ok(country) = Country::parse(&text) {
                prop_assert!(!country.name().is_empty());
            }
        }
    }
}
