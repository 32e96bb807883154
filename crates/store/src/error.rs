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

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Unique,
            sqlx::Error::Database(database) => {
                let code = database.code().and_then(|code| code.parse::<i64>().ok());
                match code {
                    Some(code) if SQLITE_LATER.contains(&(code & 0xff)) => Self::Unavailable(error),
                    _ => Self::Database(error),
                }
            }
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_) => Self::Unavailable(error),
            _ => Self::Database(error),
        }
    }
}
