//! The pages as pure functions: a struct of plain values in, HTML out.
//!
//! Nothing here but the samples knows of HTTP, of the database or of other Portico crates. Handlers
//! fill one of the page structs and call [`html`]; everything typed by people is escaped on the way out.
//!
//! What every page keeps to, and its tests check:
//! * one `<main data-step="…">`, one `h1`, and one element with `data-primary` (none on an `expired`
//!   page that has nothing to offer);
//! * no inline style attribute, no event handler, nothing from another host: a policy of
//!   `default-src 'none'; style-src 'nonce-…'; script-src 'nonce-…'; img-src 'self';
//!   form-action 'self'; base-uri 'none'` is enough;
//! * with its style at most 14 KiB compressed.

use std::sync::LazyLock;

pub mod accent;
mod address;
mod carrier_details;
mod color;
mod component;
mod compressed;
mod decline;
mod ending;
mod entry;
mod form;
mod frame;
mod options;
mod outcome;
mod overview;
mod palette;
mod problem;
mod review;
pub mod sample;
mod step;
mod steps;
mod style;
#[cfg(test)]
mod tests;
mod written;

pub use accent::{Accent, AccentError, contrast_ratio};
pub use address::{Address, AddressStyle};
pub use carrier_details::{
    AccountNumber, AccountType, AccountTypeInput, CarrierDetails, Pin, PinKind,
};
pub use ending::{
    Aborted, Destination, Expired, ExpiredReason, Leave, Leaving, TooManyRequests, Trouble,
    Unavailable,
};
pub use entry::{Intro, Need, Opening, Purpose};
pub use form::{
    BirthdayInput, CheckInput, Choice, Note, Saved, SecretInput, SelectInput, TextInput,
};
pub use frame::{Brand, Embedded, Frame, Logo, Notice, Progress, Support, SupportPhone, Theme};
pub use outcome::{Declined, Outro, Stage, Status, Transfer, WayOut};
pub use overview::{LastPorting, Overview, PortingState, SubscriptionStatus};
pub use problem::{Control, Problem};
pub use review::{AUTHORIZATION_VERSION, Act, Answer, Answered, Review};
pub use step::{Repair, Step};
pub use steps::{DonorProvider, DonorProviderApproval, HolderDetails, PortProtected};
pub use written::{Page, Written};

#[cfg(test)]
pub(crate) use decline::all_keys as decline_keys;

/// A page icon for projects without one; serve it as `image/svg+xml` from our own host.
pub const FAVICON_SVG: &str = include_str!("../../assets/favicon.svg");

/// The types of [`EMBED_MODULE`], for whoever writes the page around it.
pub const EMBED_TYPES: &str = include_str!("../../assets/embed/portico-connect.d.ts");

/// The module of `<portico-connect>`, as it is served.
pub static EMBED_MODULE: LazyLock<String> =
    LazyLock::new(|| style::compact_script(include_str!("../../assets/embed/portico-connect.js")));

/// Renders a page.
pub fn html(page: &impl Page) -> String {
    Written::of(page).text()
}

macro_rules! pages {
    ($($page:ty),* $(,)?) => {
        $(impl Page for $page {
            fn frame(&self) -> &Frame {
                &self.frame
            }
        })*
    };
}

pages!(
    Aborted,
    Address,
    CarrierDetails,
    Declined,
    DonorProviderApproval,
    Expired,
    HolderDetails,
    Intro,
    Leave,
    Leaving,
    Outro,
    Overview,
    PortProtected,
    Review,
    Status,
    TooManyRequests,
    Unavailable,
);
