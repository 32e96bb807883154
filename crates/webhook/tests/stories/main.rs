//! Deliveries, from an event to a real socket.

mod crash;
mod order;
mod requests;
mod retries;
mod trouble;
mod world;
