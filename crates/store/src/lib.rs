//! Portico's tables behind one SQL text.
//!
//! [`Db`] is the seam: every write goes through [`Db::write`], every read through [`Db::read`], and
//! a query is written once in SQL that each engine understands. One module per aggregate; each
//! function takes a [`Tx`], so the caller decides what happens together.
//!
//! This crate knows no HTTP and decides nothing: it stores what `domain` decided, and repeats the
//! guards of the life-cycle as constraints.

mod db;
mod doubts;
mod error;
mod list;
mod many;
mod native;
mod position;
mod row;
mod value;
mod vault;

pub mod api_keys;
pub mod attempts;
pub mod audit;
pub mod backup;
pub mod carriers;
pub mod copy;
pub mod erasures;
pub mod events;
pub mod idempotency;
pub mod jobs;
pub mod keys;
pub mod plans;
pub mod portings;
pub mod progress;
pub mod projects;
pub mod rate_limits;
pub mod rotation;
pub mod sessions;
pub mod simulator;
pub mod subscriptions;
pub mod tables;
pub mod transfer;
pub mod user_addresses;
pub mod user_tokens;
pub mod users;
pub mod visits;
pub mod webhooks;

pub use db::{Db, EngineKind, SchemaState, Snapshot, Tx};
pub use error::{Failure, StoreError};
pub use list::{Page, PageRequest};
pub use vault::{KeyId, Place, Vault, VaultError};
