//! Webhooks: endpoints, the outbox that hands events to them, deliveries, and who sends them.

pub mod deliveries;
pub mod endpoints;
pub mod health;
pub mod outbox;
pub mod senders;
