use std::borrow::Cow;

use sqlx::postgres::PgDatabaseError;

use crate::vault::VaultError;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index refused the row. The caller knows which, because it knows what it wrote.
    #[error("a row with the same unique value exists")]
    Unique,
    /// The database cannot be reached, is locked for too long, or its disk is full. Trying later
    /// may work.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// Another transaction was in the way too often.
    #[error("other transactions are in the way")]
    Conflict,
    /// The URL names an engine that Portico does not know.
    #[error("the URL must begin with sqlite: or postgres:")]
    UnknownEngine,
    /// A row holds what this version never wrote.
    #[error("row {row} of {table} holds an unreadable {column}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key.
        row: String,
        /// The column.
        column: &'static str,
    },
    /// A guarded update met a row that had changed.
    #[error("{0} changed in the meantime")]
    Stale(&'static str),
    /// A sealed value could not be opened or made.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The operation inside the transaction panicked; nothing of it was kept.
    #[error("the operation was broken off by a panic")]
    Panicked,
    /// Anything else the driver reports.
    #[error("database error")]
    Database(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration failed")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

/// An error that [`Db::write`](crate::Db::write) can look into, to see whether the store failed.
pub trait Failure: From<StoreError> + Send + 'static {
    /// The store's error, if that is the cause.
    fn store_error(&self) -> Option<&StoreError>;
}

impl Failure for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// SQLite's primary result codes for a database that may be available again later: busy, locked,
/// read-only file system, I/O error, disk full, cannot open.
const SQLITE_LATER: [i64; 6] = [5, 6, 8, 10, 13, 14];
/// The SQLSTATE classes that say the same: connection exception, insufficient resources, operator
/// intervention, system error.
const POSTGRES_LATER: [&str; 4] = ["08", "53", "57", "58"];
/// A server that has become a standby.
const READ_ONLY: &str = "25006";
/// Serialization failure, deadlock.
const CONFLICTS: [&str; 2] = ["40001", "40P01"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Unique,
            sqlx::Error::Database(database) => {
                match database.try_downcast_ref::<PgDatabaseError>() {
                    Some(refused) if CONFLICTS.contains(&refused.code()) => Self::Conflict,
                    Some(refused) if is_postgres_later(refused.code()) => Self::Unavailable(error),
                    None if is_sqlite_later(database.code()) => Self::Unavailable(error),
                    _ => Self::Database(error),
                }
            }
            // What came over the connection was cut off or mixed up: it is of no use any more.
            sqlx::Error::Protocol(_) => Self::Unavailable(error),
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Tls(_)
            | sqlx::Error::Io(_) => Self::Unavailable(error),
            _ => Self::Database(error),
        }
    }
}

fn is_postgres_later(code: &str) -> bool {
    code == READ_ONLY || POSTGRES_LATER.iter().any(|class| code.starts_with(class))
}

fn is_sqlite_later(code: Option<Cow<'_, str>>) -> bool {
    let code = code.and_then(|code| code.parse::<i64>().ok());
    code.is_some_and(|code| SQLITE_LATER.contains(&(code & 0xff)))
}
