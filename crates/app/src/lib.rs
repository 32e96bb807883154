//! What Portico does: one function per operation, each inside one transaction.
//!
//! The JSON API, Connect, the worker and the command line all call these and nothing below them, so
//! a rule stands here once. An operation takes a [`Tx`](portico_store::Tx), says who acts, checks,
//! lets `domain` decide, writes the change, its event and its jobs, and has no other effect.
//!
//! This crate knows no HTTP and no HTML.

mod access;
mod changes;
mod config;
mod error;
mod hashing;
mod known_keys;
mod looks;
mod metadata;

pub mod api_keys;
pub mod carriers;
pub mod embeds;
pub mod erasure;
pub mod keys;
pub mod plans;
pub mod portings;
pub mod projects;
pub mod sessions;
pub mod subscriptions;
pub mod upkeep;
pub mod user_addresses;
pub mod users;
pub mod webhooks;
pub mod wire;

pub use access::{App, ClientAddr};
pub use config::{Config, Limits, Webhooks};
pub use error::{AppError, BusinessCode, PropertyCode, PropertyError};
pub use hashing::{keyed_hash, same_hash, token_hash};
pub use metadata::MetadataPatch;
