//! SQLite: one file, one writer, a few readers.

mod checkpoint;
mod connection;
mod group;
mod migrations;
mod pace;
mod queue;
mod row;
mod shape;
mod writer;

use std::time::Duration;

use deadpool::{
    Runtime,
    managed::{Object, Pool, PoolError, Timeouts},
};
use futures_util::future::BoxFuture;

use self::{checkpoint::Checkpoints, connection::PATIENCE, writer::Writer};
pub(super) use self::{
    connection::{Connection, Opener},
    migrations::{MIGRATIONS, run as migrate},
};
pub(crate) use self::{
    connection::{Use, file_of, open},
    row::SqliteRow,
};
use super::{Context, Tx};
use crate::{Failure, StoreError};

const READERS: usize = 4;

#[derive(Clone)]
pub(super) struct Sqlite {
    readers: Pool<Opener>,
    writer: Writer,
    context: Context,
}

/// Whether the file is not there yet.
pub(super) fn is_new(url: &str) -> bool {
    file_of(url).is_ok_and(|path| !path.exists())
}

/// Whether another process has the file open: with it, nobody gets it alone.
pub(super) fn is_in_use(url: &str) -> Result<bool, StoreError> {
    let conn = open(file_of(url)?, Use::Existing)?;
    conn.busy_timeout(Duration::ZERO)?;
    conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    match conn
        .execute_batch("BEGIN EXCLUSIVE")
        .map_err(StoreError::from)
    {
        Ok(()) => Ok(false),
        Err(StoreError::Unavailable(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

/// A connection for reading, and perhaps its transaction, which ends when it is dropped.
pub(super) struct Reader(Object<Opener>);

impl Reader {
    pub(super) fn connection(&self) -> &Connection {
        &self.0
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Sqlite {
    pub(super) fn open(url: &str, context: &Context) -> Result<Self, StoreError> {
        let path = file_of(url)?;
        let conn = Connection::open(path, Use::Write)?;
        let checkpoints = Checkpoints::of(path);
        let writer = Writer::start((conn, checkpoints), context.clone())?;
        let readers = Pool::builder(Opener(path.to_owned()))
            .max_size(READERS)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(PATIENCE),
                ..Timeouts::default()
            })
            .build()
            .expect("a runtime is given, which is all that time-outs need");
        Ok(Self {
            readers,
            writer,
            context: context.clone(),
        })
    }

    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        self.writer.migrate().await
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.writer.write(work).await
    }

    pub(super) async fn read(&self) -> Result<Tx, StoreError> {
        let reader = self.reader().await?;
        reader.connection().execute("BEGIN", &[])?;
        Ok(Tx::sqlite_reader(reader, self.context.clone()))
    }

    pub(super) async fn glance(&self) -> Result<Tx, StoreError> {
        let reader = self.reader().await?;
        Ok(Tx::sqlite_reader(reader, self.context.clone()))
    }

    async fn reader(&self) -> Result<Reader, StoreError> {
        let reader = self.readers.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            other => StoreError::unavailable(other.to_string()),
        })?;
        Ok(Reader(reader))
    }

    pub(super) fn waiting(&self) -> u64 {
        self.writer.waiting()
    }

    pub(super) async fn close(&self) {
        // Readers first: SQLite folds its log back into the file when the last connection is closed,
        // and one that only reads cannot do that.
        self.readers.close();
        self.writer.close().await;
    }
}
