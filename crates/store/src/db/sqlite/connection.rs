//! One connection to a SQLite file. Statements run where they are asked for: most take microseconds,
//! less than handing them to another thread would.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{CachedStatement, Connection as Driver, OpenFlags};

use super::{checkpoint::note_length, row::SqliteRow, shape::Shapes};
use crate::{StoreError, value::Value};

/// How long a lock of another process is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Prepared statements a connection keeps, and their shapes: more than there are texts.
const STATEMENTS: usize = 256;
/// What the connection that writes keeps of the file, in KiB: insertions at random places of an index
/// come to the same pages again.
const WRITER_CACHE: i64 = 16 * 1_024;

/// A connection. Dropping it closes it.
pub(in crate::db) struct Connection {
    driver: Driver,
    shapes: Shapes,
}

/// The file that a `sqlite://PATH` names.
pub(crate) fn file_of(url: &str) -> Result<&Path, StoreError> {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = path.strip_prefix("//").unwrap_or(path);
    match path.contains('?') {
        // Read as part of the name it would quietly make another file.
        true => Err(StoreError::Parameters),
        false => Ok(Path::new(path)),
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// To read and write; the file is made if it is not there.
    Write,
    /// To read only; the file must be there.
    Read,
    /// To read and write a file that must be there.
    Existing,
}

impl Connection {
    /// Opens the file.
    pub(super) fn open(path: &Path, purpose: Use) -> Result<Self, StoreError> {
        let conn = open(path, purpose)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        if purpose != Use::Read {
            conn.pragma_update(None, "journal_mode", "WAL")?;
        }
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        if purpose != Use::Read {
            // Not in a commit: see `checkpoint`.
            conn.wal_hook(Some(|_, pages| {
                note_length(pages.unsigned_abs());
                Ok(())
            }));
        }
        // What is erased is overwritten in its page, which is being written anyway.
        conn.pragma_update(None, "secure_delete", "FAST")?;
        // What a savepoint would undo is kept in memory.
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        if purpose == Use::Write {
            conn.pragma_update(None, "cache_size", -WRITER_CACHE)?;
        }
        Ok(Self {
            driver: conn,
            shapes: Shapes::with_room(STATEMENTS),
        })
    }

    /// Runs a statement; how many rows it changed.
    pub(in crate::db) fn execute(&self, sql: &str, args: &[Value]) -> Result<u64, StoreError> {
        let mut statement = self.bound(sql, args)?;
        Ok(statement.raw_execute()? as u64)
    }

    /// Runs a statement; the rows it returns.
    pub(in crate::db) fn rows(
        &self,
        sql: &str,
        args: &[Value],
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let mut statement = self.bound(sql, args)?;
        let mut rows = statement.raw_query();
        let (mut found, mut columns) = (Vec::new(), None);
        while let Some(row) = rows.next()? {
            let columns = match &mut columns {
                Some(columns) => columns,
                unknown => unknown.insert(self.shapes.columns(sql, row.as_ref())?),
            };
            found.push(SqliteRow::read(columns, row)?);
        }
        Ok(found)
    }

    /// Runs several statements without parameters, such as a migration has.
    pub(super) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.driver.execute_batch(sql)?)
    }

    /// Ends a transaction of which nothing was written.
    pub(in crate::db) fn end(&self) {
        if !self.driver.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK", &[])
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "ending a read of the database"
            );
        }
    }

    /// Closes it, and says so if that fails.
    pub(in crate::db) fn close(self) {
        if let Err((_, error)) = self.driver.close() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "closing the database"
            );
        }
    }

    fn bound(&self, sql: &str, args: &[Value]) -> Result<CachedStatement<'_>, StoreError> {
        let mut statement = self.driver.prepare_cached(sql)?;
        let places = self.shapes.places(sql, &statement);
        for (place, number) in (1..).zip(&*places) {
            let value = number.checked_sub(1).and_then(|at| args.get(at));
            let value = value.ok_or(rusqlite::Error::InvalidParameterCount(args.len(), place))?;
            statement.raw_bind_parameter(place, value)?;
        }
        Ok(statement)
    }
}

/// The driver's own connection to a file, with our patience and nothing else.
pub(crate) fn open(path: &Path, purpose: Use) -> Result<Driver, StoreError> {
    let flags = match purpose {
        Use::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Use::Existing => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Use::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let conn = Driver::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(PATIENCE)?;
    Ok(conn)
}

/// Opens connections for a pool of readers.
#[derive(Debug)]
pub(in crate::db) struct Opener(pub(super) PathBuf);

impl deadpool::managed::Manager for Opener {
    type Type = Connection;
    type Error = StoreError;

    async fn create(&self) -> Result<Connection, StoreError> {
        Connection::open(&self.0, Use::Read)
    }

    /// A file needs no asking whether it is still there.
    async fn recycle(
        &self,
        _: &mut Connection,
        _: &deadpool::managed::Metrics,
    ) -> deadpool::managed::RecycleResult<StoreError> {
        Ok(())
    }
}
