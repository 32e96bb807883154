//! The step that asks for the address the current carrier has.

use std::borrow::Cow;

use askama::Template;

use crate::view::component::{Field, Select};
use crate::view::form::{Choice, Note, SelectInput, TextInput};
use crate::view::frame::Frame;
use crate::view::problem::{Control, Problem};
use crate::view::step::{Remarks, Step};

/// `address`: the address the current carrier has.
#[derive(Template)]
#[template(path = "address.html")]
pub struct Address {
    /// The frame.
    pub frame: Frame,
    /// The step.
    pub step: Step,
    /// Control `country`, valued with the code; with a single choice it is sent but not shown.
    pub country: SelectInput,
    /// Control `line1`.
    pub line1: TextInput,
    /// Control `line2`.
    pub line2: TextInput,
    /// Control `city`.
    pub city: TextInput,
    /// Control `state`, valued with the code; `None` where the country has none.
    pub state: Option<SelectInput>,
    /// Control `postalCode`.
    pub postal_code: Option<TextInput>,
    /// The country's own words; decides labels and keyboard.
    pub style: AddressStyle,
}

/// How a country speaks of the parts of an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressStyle {
    /// State and ZIP code.
    UnitedStates,
    /// Province and postal code.
    Canada,
    /// Town and postcode.
    UnitedKingdom,
    /// Region and postal code.
    #[default]
    General,
}

impl AddressStyle {
    /// In the United States the postal code is the ZIP code, in remarks too.
    fn in_words(self, note: &Note) -> Cow<'_, Note> {
        match (self, note) {
            (
                Self::UnitedStates,
                Note::Error(
                    Problem::Missing(Control::PostalCode) | Problem::Invalid(Control::PostalCode),
                ),
            ) => Cow::Owned(Note::Error(Problem::ZipCodeShape)),
            _ => Cow::Borrowed(note),
        }
    }
}

impl Address {
    fn title(&self) -> String {
        self.step.title(&self.frame, "address-title")
    }

    fn remarks(&self) -> Remarks {
        let postal_code = self
            .postal_code
            .as_ref()
            .map(|input| self.style.in_words(&input.note));
        let notes = [
            (Control::Country, Some(&self.country.note)),
            (Control::Line1, Some(&self.line1.note)),
            (Control::Line2, Some(&self.line2.note)),
            (Control::City, Some(&self.city.note)),
            (Control::State, self.state.as_ref().map(|input| &input.note)),
            (Control::PostalCode, postal_code.as_deref()),
        ];
        Remarks::collect(&self.frame, &notes)
    }

    /// The only country there is; sent without being asked.
    fn only_country(&self) -> Option<&Choice> {
        match self.country.choices.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    fn country_select(&self) -> Select {
        Select::new(&self.frame, Control::Country, &self.country).autocomplete("country")
    }

    fn line1_field(&self) -> Field {
        Field::new(&self.frame, Control::Line1, &self.line1).autocomplete("address-line1")
    }

    fn line2_field(&self) -> Field {
        Field::new(&self.frame, Control::Line2, &self.line2).autocomplete("address-line2")
    }

    fn city_field(&self) -> Field {
        Field::new(&self.frame, Control::City, &self.city).autocomplete("address-level2")
    }

    fn state_select(&self, input: &SelectInput) -> Select {
        let label = match self.style {
            AddressStyle::UnitedStates => "label-state",
            AddressStyle::Canada => "label-province",
            AddressStyle::UnitedKingdom | AddressStyle::General => "label-region",
        };
        Select::new(&self.frame, Control::State, input)
            .label(self.frame.t(label))
            .autocomplete("address-level1")
    }

    fn postal_code_field(&self, input: &TextInput) -> Field {
        let (label, numeric) = match self.style {
            AddressStyle::UnitedStates => ("label-zip-code", true),
            AddressStyle::UnitedKingdom => ("label-postcode", false),
            AddressStyle::Canada | AddressStyle::General => ("label-postal-code", false),
        };
        let note = self.style.in_words(&input.note).into_owned();
        let input = TextInput {
            value: input.value.clone(),
            note,
        };
        Field::new(&self.frame, Control::PostalCode, &input)
            .label(self.frame.t(label))
            .autocomplete("postal-code")
            .numeric(numeric)
            .short()
    }
}
