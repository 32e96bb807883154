//! Resources as they stand on the wire: in answers of the API and in the data of events.
//!
//! Every documented key is always present; absent values are `null`. No secret is ever in one.

mod carrier_update;
mod event;
mod porting;
mod project;
mod session;
mod subscription;
mod user;
mod webhook;

pub use carrier_update::CarrierUpdateResource;
pub use event::EventResource;
pub use porting::{AddressResource, PortingResource, ServiceProviderResource};
pub use project::{ProjectResource, SettingsResource};
pub use session::{
    AppearanceResource, BehaviorResource, IntentResource, OutcomeResource, SessionResource,
    SubscriptionIntentResource, WarningResource,
};
pub use subscription::{
    AllowancesResource, PlanResource, PriceResource, SubscriptionResource, ValidityResource,
};
pub use user::{UserAddressResource, UserResource};
pub use webhook::{
    RedeliveryResource, SignedEventResource, WebhookAttemptResource, WebhookDeliveryResource,
    WebhookEndpointResource,
};
