use portico_domain::decline::DeclineCode;

/// What a decline means, in a sentence for people.
pub fn sentence(code: &DeclineCode) -> &'static str {
    use DeclineCode as Code;
    match code {
        Code::AccountNumber => "The account number is missing or wrong.",
        Code::AccountPin => "The transfer PIN is missing or wrong.",
        Code::Address => "The billing address is missing or wrong.",
        Code::PortProtected => "The number is protected against port-outs.",
        Code::PostalCode | Code::ZipCode => "The postal code is missing or wrong.",
        Code::FirstName => "The first name is missing or wrong.",
        Code::LastName => "The last name is missing or wrong.",
        Code::BillingPin => "The billing PIN is missing or wrong.",
        Code::UserInformation => "The account holder's data differs.",
        Code::Duplicated => "There is a request for this number already.",
        Code::PendingOtherProvider => "Another provider has an open request for the number.",
        Code::Administrative => "The number is reserved and cannot be ported.",
        Code::NotActive => "The number is not active at the donor.",
        Code::NotEligible => "The number cannot be ported.",
        Code::NotFound => "The donor does not know the number.",
        Code::Prepaid => "The number is a prepaid one that the donor does not release.",
        Code::SameProvider => "The number is in the recipient's network already.",
        Code::Declined | Code::Unknown(_) => {
            "The donor declined the request without a reason we can act on."
        }
    }
}
