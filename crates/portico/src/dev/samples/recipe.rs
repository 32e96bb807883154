//! What each sample is made of.

use portico_domain::{
    address::{Address, AddressInput},
    porting::{DetailsPatch, Patch},
    secret_text::{AccountNumber, PersonName, Pin},
};

/// How much of what the donor asks for is there.
#[derive(Debug, Clone, Copy)]
enum Data {
    Nothing,
    /// The account holder's name is missing, and the address.
    Half,
    Everything,
}

/// What a sample is made of.
pub struct Recipe {
    /// What it is called in programs.
    pub name: &'static str,
    /// What opens, in words.
    pub about: &'static str,
    /// The number to port; its last digits decide what the simulated carrier does.
    pub number: Option<&'static str>,
    /// Whose it is: first and last name.
    pub person: (&'static str, &'static str),
    data: Data,
}

/// Every sample, in the order they are shown.
pub const RECIPES: &[Recipe] = &[
    Recipe {
        name: "fresh",
        about: "A fresh port: nothing entered yet",
        number: Some("+19595550100"),
        person: ("Nora", "Lindqvist"),
        data: Data::Nothing,
    },
    Recipe {
        name: "halfEntered",
        about: "A port left half-way: resumes at the first open question",
        number: Some("+19595550100"),
        person: ("Tomas", "Okafor"),
        data: Data::Half,
    },
    Recipe {
        name: "declinedPin",
        about: "Declined, to repair: wrong transfer PIN",
        number: Some("+19595550110"),
        person: ("Priya", "Raman"),
        data: Data::Everything,
    },
    Recipe {
        name: "declinedAccountNumber",
        about: "Declined, to repair: wrong account number",
        number: Some("+19595550111"),
        person: ("Mateo", "Alvarez"),
        data: Data::Everything,
    },
    Recipe {
        name: "declinedAddress",
        about: "Declined, to repair: wrong billing address",
        number: Some("+19595550112"),
        person: ("Hana", "Kobayashi"),
        data: Data::Everything,
    },
    Recipe {
        name: "declinedProtected",
        about: "Declined, to repair: the number is locked",
        number: Some("+19595550105"),
        person: ("Samuel", "Osei"),
        data: Data::Everything,
    },
    Recipe {
        name: "declinedForGood",
        about: "Declined without a reason: only support can help",
        number: Some("+19595550102"),
        person: ("Ingrid", "Haugen"),
        data: Data::Everything,
    },
    Recipe {
        name: "nothingToPort",
        about: "Nothing to port: opens the subscription's overview",
        number: None,
        person: ("Caleb", "Whitfield"),
        data: Data::Nothing,
    },
];

impl Recipe {
    /// What was entered so far.
    pub fn details(&self) -> DetailsPatch {
        let mut details = DetailsPatch::default();
        if matches!(self.data, Data::Half | Data::Everything) {
            details.account_number =
                Patch::Set(AccountNumber::parse("4410027719").expect("a well-formed sample"));
            details.account_pin = Patch::Set(Pin::parse("482915").expect("a well-formed sample"));
        }
        if matches!(self.data, Data::Everything) {
            let (first, last) = self.person;
            let name = |text| PersonName::parse(text).expect("a well-formed sample");
            details.first_name = Patch::Set(name(first));
            details.last_name = Patch::Set(name(last));
            details.address = Patch::Set(address());
        }
        details
    }
}

fn address() -> Address {
    let text = |text: &str| Some(text.to_owned());
    let input = AddressInput {
        line1: text("212 Juniper Street"),
        line2: None,
        city: text("Portland"),
        state: text("OR"),
        postal_code: text("97205"),
        country: text("US"),
    };
    Address::parse(input).expect("a well-formed sample")
}

#[cfg(test)]
mod tests {
    use portico_domain::phone::PhoneNumber;

    use super::*;

    #[test]
    fn every_sample_can_be_made() {
        for recipe in RECIPES {
            recipe.details();
            let number = recipe.number.map(PhoneNumber::parse_e164);
            assert!(
                number.is_none_or(|number| number.is_ok()),
                "{}",
                recipe.name
            );
        }
    }
}
