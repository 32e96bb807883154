use std::error::Error;

use rusqlite::ErrorCode;
use sqlx::postgres::PgDatabaseError;

use crate::vault::VaultError;

/// What a driver said.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index refused the row. The caller knows which, because it knows what it wrote.
    #[error("a row with the same unique value exists")]
    Unique,
    /// The database cannot be reached, is locked for too long, or its disk is full. Trying later
    /// may work.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// Another transaction was in the way too often.
    #[error("other transactions are in the way")]
    Conflict,
    /// The URL names an engine that Portico does not know.
    #[error("the URL must begin with sqlite: or postgres:")]
    UnknownEngine,
    /// The URL of a SQLite file has something after its path.
    #[error("a sqlite: URL is a path and takes no parameters")]
    Parameters,
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
    Database(#[source] Cause),
    /// The schema could not be brought up to date.
    #[error("migration failed")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

impl StoreError {
    /// What to tell another caller who waited for the same: that the database is not available, and
    /// why this one was told so.
    #[must_use]
    pub fn to_another(&self) -> Self {
        Self::unavailable(self.to_string())
    }
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

/// The SQLSTATE classes of a server that may be available again later: connection exception,
/// insufficient resources, operator intervention, system error.
const POSTGRES_LATER: [&str; 4] = ["08", "53", "57", "58"];
/// A server that has become a standby; a transaction that was ended because its client was silent for long; a
/// commit of which the server itself does not know whether it was kept.
const ALSO_LATER: [&str; 3] = ["25006", "25P03", "40003"];
/// Serialization failure, deadlock.
const CONFLICTS: [&str; 2] = ["40001", "40P01"];
/// SQLite's extended result codes for a unique index and for a primary key.
const SQLITE_UNIQUE: [i32; 2] = [2067, 1555];

impl StoreError {
    /// The database is not there, or not now.
    pub(crate) fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Unique,
            sqlx::Error::Database(database) => {
                match database.try_downcast_ref::<PgDatabaseError>() {
                    Some(refused) if CONFLICTS.contains(&refused.code()) => Self::Conflict,
                    Some(refused) if is_later(refused.code()) => Self::unavailable(error),
                    _ => Self::Database(error.into()),
                }
            }
            // What came over the connection was cut off or mixed up: it is of no use any more.
            sqlx::Error::Protocol(_) => Self::unavailable(error),
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Tls(_)
            | sqlx::Error::Io(_) => Self::unavailable(error),
            _ => Self::Database(error.into()),
        }
    }
}

fn is_later(code: &str) -> bool {
    ALSO_LATER.contains(&code) || POSTGRES_LATER.iter().any(|class| code.starts_with(class))
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            Some(refused) if SQLITE_UNIQUE.contains(&refused.extended_code) => Self::Unique,
            Some(refused) => match refused.code {
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::CannotOpen => Self::unavailable(error),
                _ => Self::Database(error.into()),
            },
            None => Self::Database(error.into()),
        }
    }
}
