//! The real binary while something else breaks: nodes, databases, networks, disks.
//!
//! Each test prints what its clients sent and what of it was acknowledged and arrived, and a seed;
//! `PORTICO_FAULT_SEED` makes the same choices again. What holds after every fault: no write that
//! was acknowledged is lost, every confirmed porting reached the carrier exactly once for each
//! attempt, and the events of each resource have no gap and reach a webhook endpoint.
#![expect(
    clippy::unwrap_used,
    reason = "whatever goes wrong here is a failed test"
)]

mod client;
mod disk;
mod fleet;
mod kill;
mod load;
mod names;
mod network;
mod postgres;
mod proxy;
mod receiver;
mod rolling;
#[path = "../binary/support.rs"]
#[expect(
    dead_code,
    reason = "some of it only the other tests of the binary use"
)]
mod support;

use portico_testkit::Dice;

/// The choices of a test.
fn dice() -> Dice {
    Dice::of_environment("PORTICO_FAULT_SEED")
}
