//! What must hold before a porting is made or changed.

use std::time::Duration;

use jiff::civil::Date;
use portico_carrier::Portability;
use portico_domain::{
    account,
    country::Country,
    phone::PhoneNumber,
    porting::{
        Behavior, Field, Porting,
        requirements::{self, Requirements},
    },
    project::{Project, ProjectType},
    secret_text::Pin,
    service_provider::{self, Recipient},
};
use portico_store::{Tx, portings};

use crate::{App, AppError, BusinessCode};

/// How long a caller of the API waits for a gateway's portability check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

/// The recipient of that id, if the project may use it: test recipients are for test projects.
///
/// # Errors
/// `portingProviderNotFound`.
pub fn check_recipient(project: &Project, provider: &str) -> Result<&'static Recipient, AppError> {
    service_provider::recipient(provider)
        .filter(|recipient| !recipient.test_only || project.kind == ProjectType::Test)
        .ok_or_else(|| {
            let message = format!("There is no recipient provider {provider:?} in this project.");
            AppError::business(BusinessCode::PortingProviderNotFound, message)
        })
}

/// Asks the recipient's gateway whether the number can move, and says everything that will be
/// required. Called before the transaction: a gateway may be slow.
///
/// # Errors
/// The provider is unknown, the number is blocked or cannot move, or the gateway is down.
pub async fn portability(
    app: &App,
    project: &Project,
    provider: &str,
    number: &PhoneNumber,
) -> Result<Vec<Field>, AppError> {
    check_recipient(project, provider)?;
    if app
        .config
        .blocked_numbers
        .iter()
        .any(|blocked| blocked == number.as_str())
    {
        let message = "This number is blocked and cannot be ported.";
        return Err(AppError::business(
            BusinessCode::PortingPhoneNumberBlocked,
            message,
        ));
    }
    let Some(gateway) = app.gateways.find(provider) else {
        let message = format!("No gateway is set up for the recipient provider {provider:?}.");
        return Err(AppError::business(
            BusinessCode::PortingProviderNotFound,
            message,
        ));
    };
    let row = number
        .donor_country()
        .and_then(|country| requirements::of(provider, country));
    let row = row.ok_or_else(|| not_supported("The provider takes no numbers of this country."))?;
    let asked = tokio::time::timeout(CHECK_TIMEOUT, gateway.check(provider, number)).await;
    match asked.map_err(|_| AppError::GatewayDown)? {
        Ok(Portability::Portable { also_required }) => {
            let mut required = row.required.clone();
            required.extend(
                also_required
                    .into_iter()
                    .filter(|field| !row.required.contains(field)),
            );
            Ok(required)
        }
        Ok(Portability::NotPortable(why)) => Err(not_supported(&why)),
        Err(error) => {
            let why = error.kind();
            tracing::warn!(provider, why, "portability check failed");
            Err(AppError::GatewayDown)
        }
    }
}

fn not_supported(message: &str) -> AppError {
    AppError::business(BusinessCode::PortingNotSupported, message)
}

/// The row of the requirements table a porting follows.
pub(super) fn rules_of(porting: &Porting) -> Result<&'static Requirements, AppError> {
    let number = &porting.phone_number;
    number
        .donor_country()
        .and_then(|country| requirements::of(&porting.provider, country))
        .ok_or_else(|| not_supported("The provider takes no numbers of this country."))
}

/// Which parts of a porting were mentioned, and so have to be checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mentioned {
    pub schedule: bool,
    pub donor: bool,
    pub pin_or_behavior: bool,
}

/// Checks what the recipient makes of the data, and brings a UK code into its usual form.
pub(super) fn check_data(
    porting: &mut Porting,
    mentioned: Mentioned,
    today: Date,
) -> Result<(), AppError> {
    let rules = rules_of(porting)?;
    if porting.behavior == Behavior::CancelOnly && !rules.cancel_only {
        let message = "The recipient provider cannot cancel a contract without moving its number.";
        let code = BusinessCode::PortingCancellationBehaviorNotSupported;
        return Err(AppError::business(code, message));
    }
    if let Some(date) = porting.details.scheduled_on.filter(|_| mentioned.schedule) {
        check_schedule(rules, date, today)?;
    }
    if let Some(donor) = porting
        .details
        .donor_provider
        .as_deref()
        .filter(|_| mentioned.donor)
    {
        let takes = service_provider::for_recipient(&porting.provider).any(|it| it.id == donor);
        if !takes {
            let message = "There is no such donor provider for this recipient.";
            let code = BusinessCode::PortingDonorProviderNotFound;
            return Err(AppError::business(code, message));
        }
    }
    if rules.country == Country::GB
        && mentioned.pin_or_behavior
        && let Some(pin) = &porting.details.account_pin
    {
        porting.details.account_pin = Some(switching_code(porting.behavior, pin)?);
    }
    Ok(())
}

/// Data is not sent for a day that has passed while it waited.
pub(super) fn check_not_past(porting: &Porting, today: Date) -> Result<(), AppError> {
    match porting.details.scheduled_on {
        Some(date) => check_schedule(rules_of(porting)?, date, today),
        None => Ok(()),
    }
}

fn check_schedule(rules: &Requirements, date: Date, today: Date) -> Result<(), AppError> {
    if !rules.scheduling {
        let message = "The recipient provider does not take a date.";
        return Err(AppError::business(
            BusinessCode::PortingScheduleNotSupported,
            message,
        ));
    }
    if date < today {
        let message = "scheduledOn is in the past.";
        return Err(AppError::business(
            BusinessCode::PortingScheduledOnInvalid,
            message,
        ));
    }
    Ok(())
}

fn switching_code(behavior: Behavior, pin: &Pin) -> Result<Pin, AppError> {
    match behavior {
        Behavior::PortIn => account::parse_pac(pin.expose()).map_err(|error| {
            let code = BusinessCode::PortingAccountPinForPortInBehaviorInvalid;
            AppError::business(code, format!("accountPin must be a PAC: {error}."))
        }),
        Behavior::CancelOnly => account::parse_stac(pin.expose()).map_err(|error| {
            let code = BusinessCode::PortingAccountPinForCancelOnlyBehaviorInvalid;
            AppError::business(code, format!("accountPin must be a STAC: {error}."))
        }),
    }
}

/// A number may be in one open porting of a project only.
pub(super) async fn check_number_is_free(tx: &mut Tx, porting: &Porting) -> Result<(), AppError> {
    let fictional = porting.provider == "test" && porting.phone_number.is_us_test_range();
    let number = porting.phone_number.as_str();
    let except = Some(porting.id);
    if !fictional && portings::number_is_taken(tx, &porting.project, number, except).await? {
        return Err(already_exists());
    }
    Ok(())
}

pub(super) fn already_exists() -> AppError {
    let message = "There is an open porting for this number already.";
    AppError::business(BusinessCode::PortingAlreadyExists, message)
}
