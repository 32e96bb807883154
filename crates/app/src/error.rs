//! Why an operation was refused. Each says what an integrator or subscriber can act on; causes
//! inside Portico travel as [`AppError::Store`] and are logged, never shown.

use jiff::Timestamp;
use portico_domain::{carrier::CaseError, porting::InvalidTransition};
use portico_store::{Failure, StoreError};

/// Why an operation was refused.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or it belongs to another project. Names the kind: `porting`.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// The input is wrong; each entry names a property.
    #[error("The request is not valid.")]
    Invalid(Vec<PropertyError>),
    /// A rule of the contract forbids it.
    #[error("{1}")]
    Business(BusinessCode, String),
    /// Too often; and when it is possible again.
    #[error("This was done too often; try again later.")]
    TooMany(Timestamp),
    /// A case of the queue is not in the state for it, or not the operator's.
    #[error("{0}")]
    Case(#[from] CaseError),
    /// The recipient's gateway is down.
    #[error("The recipient's gateway is not available; try again later.")]
    GatewayDown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The life-cycle forbids it and no rule of the contract said so before: a defect.
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
}

impl Failure for AppError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl AppError {
    /// One property is wrong.
    pub fn invalid(property: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![PropertyError::invalid(property, message)])
    }

    /// A rule of the contract forbids it.
    pub fn business(code: BusinessCode, message: impl Into<String>) -> Self {
        Self::Business(code, message.into())
    }
}

/// What is wrong with one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyError {
    /// How it is wrong.
    pub code: PropertyCode,
    /// Its path: `address.postalCode`.
    pub property: String,
    /// A sentence that says how to mend it.
    pub message: String,
}

impl PropertyError {
    /// The property's value cannot be taken.
    pub fn invalid(property: &str, message: impl Into<String>) -> Self {
        let (property, message) = (property.to_owned(), message.into());
        Self {
            code: PropertyCode::PropertyInvalid,
            property,
            message,
        }
    }

    /// The property must be given.
    pub fn required(property: &str) -> Self {
        Self {
            code: PropertyCode::PropertyRequired,
            property: property.to_owned(),
            message: format!("{property} is required."),
        }
    }
}

/// How a property is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum PropertyCode {
    PropertyRequired,
    PropertyInvalid,
    AddressPropertyIncomplete,
    AddressPropertyInvalid,
}

impl PropertyCode {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PropertyRequired => "propertyRequired",
            Self::PropertyInvalid => "propertyInvalid",
            Self::AddressPropertyIncomplete => "addressPropertyIncomplete",
            Self::AddressPropertyInvalid => "addressPropertyInvalid",
        }
    }
}

macro_rules! business_codes {
    ($($variant:ident = $text:literal;)*) => {
        /// A rule of the contract that forbids something; status 422.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are the contract's, section 7, and three of ours")]
        pub enum BusinessCode { $($variant,)* }

        impl BusinessCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The value on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

business_codes! {
    PortingAlreadyExists = "portingAlreadyExists";
    PortingAlreadyCanceled = "portingAlreadyCanceled";
    PortingNotCancelable = "portingNotCancelable";
    PortingNotDeletable = "portingNotDeletable";
    PortingNotUpdatable = "portingNotUpdatable";
    PortingAttributeUpdateNotSupported = "portingAttributeUpdateNotSupported";
    PortingNotSupported = "portingNotSupported";
    PortingPhoneNumberBlocked = "portingPhoneNumberBlocked";
    PortingPerUserLimitExceeded = "portingPerUserLimitExceeded";
    PortingProviderNotFound = "portingProviderNotFound";
    PortingDonorProviderNotFound = "portingDonorProviderNotFound";
    PortingProviderMismatch = "portingProviderMismatch";
    PortingUserAddressRequired = "portingUserAddressRequired";
    PortingAccountPinForPortInBehaviorInvalid = "portingAccountPinForPortInBehaviorInvalid";
    PortingAccountPinForCancelOnlyBehaviorInvalid =
        "portingAccountPinForCancelOnlyBehaviorInvalid";
    PortingCancellationBehaviorNotSupported = "portingCancellationBehaviorNotSupported";
    PortingScheduleNotSupported = "portingScheduleNotSupported";
    PortingScheduledOnInvalid = "portingScheduledOnInvalid";
    SubscriptionPortingAlreadyOpen = "subscriptionPortingAlreadyOpen";
    SubscriptionPortingAlreadyCompleted = "subscriptionPortingAlreadyCompleted";
    UserAlreadyExists = "userAlreadyExists";
    UserAddressAlreadyExists = "userAddressAlreadyExists";
    UserAddressInvalid = "userAddressInvalid";
    CarrierUpdateNotSupported = "carrierUpdateNotSupported";
    PortingNotSubmitted = "portingNotSubmitted";
    WebhookEndpointLimitExceeded = "webhookEndpointLimitExceeded";
}
