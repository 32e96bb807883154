//! Gateways to recipient carriers, and the porting simulator.
//!
//! [`Gateway`] is all that Portico knows of a carrier. What an answer means is decided here, by
//! data where it can be; what becomes of a porting is not: that is `domain`.

mod gateway;
mod gateways;
mod measured;
pub mod simulator;

pub use gateway::{Answer, Gateway, GatewayError, Outcome, PortRequest, Portability, Progress};
pub use gateways::Gateways;
