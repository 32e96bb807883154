//! Deliveries, from an event to a real socket.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, though only the tests are marked as such"
)]

mod crash;
mod order;
mod requests;
mod retries;
mod trouble;
mod world;
