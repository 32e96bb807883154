//! The API as an integrator meets it: through the router, on a real database file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authorization;
mod carrier_updates;
mod cloud_events;
mod codes;
mod contract;
mod document;
mod embeds;
mod events;
mod fuzz;
mod hostile;
mod idempotency;
mod lists;
mod plans;
mod portings;
mod projects;
mod schema;
mod sessions;
mod statuses;
mod strictness;
mod subscriptions;
mod support;
mod users;
mod webhooks;
