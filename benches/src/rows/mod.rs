//! One module for each group of rows.

pub mod create;
pub mod growth;
pub mod memory;
pub mod page;
pub mod size;
pub mod start;
pub mod watchers;
pub mod webhooks;

use std::{path::PathBuf, time::Duration};

use crate::postgres::Postgres;

/// Where and how long things are measured.
pub struct Bench {
    /// The release binary.
    pub binary: PathBuf,
    /// Where `benches/` is.
    pub home: PathBuf,
    /// Thrown away afterwards.
    pub dir: PathBuf,
    /// The private cluster.
    pub postgres: Postgres,
    /// Whether it is only to be seen that everything works.
    pub quick: bool,
    /// Rounds that count.
    pub rounds: usize,
    /// How long a load runs.
    pub duration: Duration,
}

/// Connections of every load, unless a row says otherwise.
pub const CONNECTIONS: usize = 32;
