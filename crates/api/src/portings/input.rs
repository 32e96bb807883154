//! What can be said of a porting.

use jiff::civil::Date;
use portico_app::portings::PortingPatch;
use portico_domain::{
    account::AccountType,
    id::{PortingKind, UserId},
    phone::PhoneNumber,
    porting::{Behavior, DetailsPatch, Patch, Status},
    secret_text::{AccountNumber, PersonName, Pin},
};
use portico_store::{PageRequest, portings as rows};
use utoipa::{IntoParams, ToSchema};

use crate::{
    request::{
        fields::{Fields, object},
        paging::paging,
        parse::{
            address, birthday, boolean, by, choice, choices, date, parsed, phone_number, text,
        },
    },
    service_providers::provider_id,
    user_addresses::AddressInput,
};

/// The writable fields are the same at creation and change; what is around them differs.
macro_rules! porting_body {
    ($(#[$doc:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $($own)*
            /// The account number at the donor.
            #[schema(min_length = 1, max_length = 25)]
            pub account_number: Option<String>,
            /// The transfer PIN (US), PAC or STAC (UK). Write-only: no answer ever holds it.
            #[schema(min_length = 1, max_length = 25, write_only)]
            pub account_pin: Option<String>,
            /// Prepaid or postpaid, and for how many lines.
            pub account_type: Option<AccountTypeInput>,
            /// The billing address at the donor; replaced as a whole.
            pub address: Option<AddressInput>,
            /// Move the number, or (UK) only end the old contract; `portIn` when not given.
            pub behavior: Option<BehaviorInput>,
            /// The billing PIN. Write-only: no answer ever holds it.
            #[schema(min_length = 1, max_length = 25, write_only)]
            pub billing_pin: Option<String>,
            /// The account holder's date of birth, `YYYY-MM-DD`.
            #[schema(format = Date)]
            pub birthday: Option<String>,
            /// The donor: the id of a service provider.
            #[schema(pattern = "^svp_[0-9A-Za-z]{22}$")]
            pub donor_provider: Option<String>,
            /// Whether the donor was told and agreed.
            pub donor_provider_approval: Option<bool>,
            /// The account holder's first name.
            #[schema(min_length = 1, max_length = 60)]
            pub first_name: Option<String>,
            /// The account holder's last name.
            #[schema(min_length = 1, max_length = 60)]
            pub last_name: Option<String>,
            /// The day the number should move; only for recipients that take one.
            #[schema(format = Date)]
            pub scheduled_on: Option<String>,
        }
    };
}

porting_body! {
    /// What a new porting is made of.
    PortingCreate {
        /// The number that moves, E.164.
        #[schema(pattern = r"^\+[1-9][0-9]{1,14}$", example = "+19595550100")]
        pub phone_number: String,
        /// The recipient's network id.
        #[schema(min_length = 1, max_length = 40, example = "test")]
        pub provider: String,
        /// Whose number it is.
        #[schema(pattern = "^usr_[0-9A-Za-z]{28}$")]
        pub user: String,
    }
}

porting_body! {
    /// A change of a porting. What is not mentioned stays; `null` clears a field. `{}` on a declined
    /// porting tries again.
    PortingUpdate {
        /// The number that moves, E.164; in a draft only.
        #[schema(pattern = r"^\+[1-9][0-9]{1,14}$", nullable = false)]
        pub phone_number: Option<String>,
        /// The recipient's network id; in a draft only.
        #[schema(min_length = 1, max_length = 40, nullable = false)]
        pub provider: Option<String>,
    }
}

/// Prepaid or postpaid, and for how many lines.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AccountTypeInput)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum AccountTypeInput {
    PostpaidMulti,
    PostpaidSingle,
    PrepaidRegistered,
    PrepaidUnregistered,
}

/// What the recipient is asked to do with the number.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PortingBehaviorInput)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum BehaviorInput {
    PortIn,
    CancelOnly,
}

/// Which portings to find.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PortingSearch {
    /// The whole number, E.164.
    #[schema(pattern = r"^\+[1-9][0-9]{1,14}$", example = "+19595550100")]
    pub phone_number: String,
}

/// Which portings to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PortingFilter {
    /// In one of these statuses, separated by commas; all when not given.
    #[param(
        pattern = "^(draft|initiated|pending|informationRequired|requested|declined|completed|canceled|expired|failed)(,(draft|initiated|pending|informationRequired|requested|declined|completed|canceled|expired|failed))*$"
    )]
    pub status: Option<String>,
    /// Of this subscription.
    #[param(pattern = "^sub_[0-9A-Za-z]{28}$")]
    pub subscription: Option<String>,
    /// Of this user.
    #[param(pattern = "^usr_[0-9A-Za-z]{28}$")]
    pub user: Option<String>,
}

/// A new porting as it was asked for, before the gateway is.
#[derive(Clone)]
pub(crate) struct Asked {
    pub user: UserId,
    pub phone_number: PhoneNumber,
    pub provider: String,
    pub behavior: Behavior,
    pub details: DetailsPatch,
}

pub(crate) fn read_new(body: &mut Fields, today: Date) -> Option<Asked> {
    let phone_number = body.required("phoneNumber", phone_number);
    let provider = body.required("provider", provider);
    let user = body.required("user", parsed);
    let behavior = behavior(body);
    let details = read_details(body, today);
    Some(Asked {
        user: user?,
        phone_number: phone_number?,
        provider: provider?,
        behavior: behavior.unwrap_or_default(),
        details,
    })
}

pub(crate) fn read_patch(body: &mut Fields, today: Date) -> PortingPatch {
    PortingPatch {
        behavior: behavior(body),
        phone_number: body.replace("phoneNumber", phone_number),
        provider: body.replace("provider", provider),
        details: read_details(body, today),
    }
}

fn provider(value: &serde_json::Value) -> crate::request::fields::Parsed<String> {
    let text = text(value)?;
    if (1..=40).contains(&text.chars().count()) {
        return Ok(text);
    }
    crate::request::fields::wrong("must have 1 to 40 characters.")
}

/// `null` goes back to the usual behaviour.
fn behavior(body: &mut Fields) -> Option<Behavior> {
    let all = [Behavior::PortIn, Behavior::CancelOnly];
    match body.patch("behavior", choice(&all, Behavior::as_str)) {
        Patch::Keep => None,
        Patch::Clear => Some(Behavior::default()),
        Patch::Set(behavior) => Some(behavior),
    }
}

fn read_details(body: &mut Fields, today: Date) -> DetailsPatch {
    let account_type = choice(&AccountType::ALL, AccountType::as_str);
    DetailsPatch {
        account_number: body.patch("accountNumber", by(AccountNumber::parse)),
        account_pin: body.patch("accountPin", by(Pin::parse)),
        account_type: body.patch("accountType", account_type),
        address: body.patch("address", object(address)),
        billing_pin: body.patch("billingPin", by(Pin::parse)),
        birthday: body.patch("birthday", birthday(today)),
        donor_provider: body.patch("donorProvider", provider_id),
        donor_provider_approval: body.patch("donorProviderApproval", boolean),
        first_name: body.patch("firstName", by(PersonName::parse)),
        last_name: body.patch("lastName", by(PersonName::parse)),
        scheduled_on: body.patch("scheduledOn", date),
    }
}

pub(super) fn read_filter(query: &mut Fields) -> (rows::Filter, PageRequest) {
    let statuses = query.optional("status", choices(&Status::ALL, Status::as_str));
    let statuses = statuses.unwrap_or_default();
    let filter = rows::Filter {
        statuses: statuses.into_iter().map(Status::as_str).collect(),
        subscription: query.optional("subscription", parsed),
        user: query.optional("user", parsed),
        phone_number: None,
    };
    (filter, paging::<PortingKind>(query))
}
