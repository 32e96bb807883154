//! What a decline means and what to do, per `declinedCode`.
//!
//! The set of codes is open: an unknown one reads like `portingDeclined`.

use crate::view::frame::Frame;

/// Keys of the words for one decline.
struct Words {
    /// Heading: what the current carrier said.
    title: &'static str,
    /// What it means, in one sentence.
    meaning: &'static str,
    /// What to do, on the screen that repairs it. Support-only codes have none.
    repair: Option<&'static str>,
    /// What to do, on the error screen, before or besides asking support.
    advice: &'static str,
}

macro_rules! words {
    ($name:literal, repairable) => {
        Words {
            title: concat!("declined-", $name, "-title"),
            meaning: concat!("declined-", $name, "-meaning"),
            repair: Some(concat!("declined-", $name, "-repair")),
            advice: concat!("declined-", $name, "-advice"),
        }
    };
    ($name:literal) => {
        Words {
            title: concat!("declined-", $name, "-title"),
            meaning: concat!("declined-", $name, "-meaning"),
            repair: None,
            advice: concat!("declined-", $name, "-advice"),
        }
    };
}

fn words(code: &str) -> Words {
    match code {
        "portingAccountNumberRequiredOrInvalid" => words!("account-number", repairable),
        "portingAccountPinRequiredOrInvalid" => words!("account-pin", repairable),
        "portingAddressRequiredOrInvalid" => words!("address", repairable),
        "portingPhoneNumberPortProtected" => words!("protected", repairable),
        "portingPostalCodeRequiredOrInvalid" | "portingZipCodeRequiredOrInvalid" => {
            words!("postal-code", repairable)
        }
        "portingFirstNameRequiredOrInvalid" => words!("first-name", repairable),
        "portingLastNameRequiredOrInvalid" => words!("last-name", repairable),
        "portingBillingPinRequiredOrInvalid" => words!("billing-pin", repairable),
        "portingUserInformationMismatch" => words!("mismatch", repairable),
        "portingDuplicated" => words!("duplicated"),
        "portingPendingOtherProvider" => words!("pending-other"),
        "portingPhoneNumberAdministrative" => words!("administrative"),
        "portingPhoneNumberNotActive" => words!("not-active"),
        "portingPhoneNumberNotEligible" => words!("not-eligible"),
        "portingPhoneNumberNotFound" => words!("not-found"),
        "portingPhoneNumberPrepaid" => words!("prepaid"),
        "portingSameNewAndOldNetworkProvider" => words!("same-network"),
        _ => words!("other"),
    }
}

/// Every part of a key that [`words`] makes; for the test of the catalogue.
#[cfg(test)]
pub(crate) fn all_keys() -> Vec<&'static str> {
    let codes = [
        "portingAccountNumberRequiredOrInvalid",
        "portingAccountPinRequiredOrInvalid",
        "portingAddressRequiredOrInvalid",
        "portingPhoneNumberPortProtected",
        "portingPostalCodeRequiredOrInvalid",
        "portingFirstNameRequiredOrInvalid",
        "portingLastNameRequiredOrInvalid",
        "portingBillingPinRequiredOrInvalid",
        "portingUserInformationMismatch",
        "portingDeclined",
        "portingDuplicated",
        "portingPendingOtherProvider",
        "portingPhoneNumberAdministrative",
        "portingPhoneNumberNotActive",
        "portingPhoneNumberNotEligible",
        "portingPhoneNumberNotFound",
        "portingPhoneNumberPrepaid",
        "portingSameNewAndOldNetworkProvider",
    ];
    let keys = |code| {
        let words = words(code);
        [
            Some(words.title),
            Some(words.meaning),
            words.repair,
            Some(words.advice),
        ]
    };
    codes.into_iter().flat_map(keys).flatten().collect()
}

/// Heading for a declined porting.
pub(crate) fn title(frame: &Frame, code: &str) -> String {
    frame.t(words(code).title)
}

/// What the decline means.
pub(crate) fn meaning(frame: &Frame, code: &str) -> String {
    frame.t(words(code).meaning)
}

/// What to do on the screen that repairs it.
pub(crate) fn repair(frame: &Frame, code: &str) -> String {
    let words = words(code);
    frame.t(words.repair.unwrap_or(words.advice))
}

/// What to do on the error screen.
pub(crate) fn advice(frame: &Frame, code: &str) -> String {
    frame.t(words(code).advice)
}
