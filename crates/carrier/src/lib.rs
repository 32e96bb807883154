//! Gateways to recipient carriers, and the porting simulator.
//!
//! [`Gateway`] is all that Portico knows of a carrier. What an answer means is decided here, by
//! data where it can be; what becomes of a porting is not: that is `domain`.

pub mod breaker;
mod gateway;
mod gateways;
mod handed;
pub mod http;
mod kind;
pub mod manual;
pub mod mapping;
mod measured;
pub mod simulator;
pub mod telnyx;
mod told;

pub use gateway::{
    Answer, Gateway, GatewayError, Notice, NoticeError, Outcome, PortRequest, Portability,
    Progress, Submitted,
};
pub use gateways::Gateways;
pub use handed::{Donor, Handed, HandedAddress};
pub use kind::Kind;
