use jiff::Timestamp;
use portico_ambient::Ambient;
use sqlx::{
    AssertSqlSafe, Sqlite, SqliteConnection, Transaction,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use crate::{StoreError, Vault, row::Row, value::Value};

/// A transaction, for reading or for writing, with what a store function needs beside SQL: the
/// vault, the time and new ids. The time is the same throughout one transaction.
pub struct Tx {
    conn: Conn,
    vault: Vault,
    ambient: Ambient,
    now: Timestamp,
    has_new_jobs: bool,
}

enum Conn {
    Writer(SqliteConnection),
    Reader(Transaction<'static, Sqlite>),
}

impl Tx {
    pub(super) fn writer(conn: SqliteConnection, vault: Vault, ambient: Ambient) -> Self {
        Self {
            conn: Conn::Writer(conn),
            vault,
            now: ambient.now(),
            ambient,
            has_new_jobs: false,
        }
    }

    pub(super) fn reader(
        transaction: Transaction<'static, Sqlite>,
        vault: Vault,
        ambient: Ambient,
    ) -> Self {
        Self {
            conn: Conn::Reader(transaction),
            vault,
            now: ambient.now(),
            ambient,
            has_new_jobs: false,
        }
    }

    /// When this transaction began.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Time, randomness and ids.
    pub fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// What seals and opens personal data.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    pub(super) fn tick(&mut self) {
        self.now = self.ambient.now();
    }

    /// Notes that the worker should be woken once this is committed.
    pub(crate) fn note_new_job(&mut self) {
        self.has_new_jobs = true;
    }

    pub(super) fn take_new_jobs(&mut self) -> bool {
        std::mem::take(&mut self.has_new_jobs)
    }

    pub(super) fn into_connection(self) -> Option<SqliteConnection> {
        match self.conn {
            Conn::Writer(conn) => Some(conn),
            Conn::Reader(_) => None,
        }
    }

    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        match &mut self.conn {
            Conn::Writer(conn) => conn,
            Conn::Reader(transaction) => transaction,
        }
    }

    /// Runs a statement of the engine itself: begin, savepoint, commit.
    pub(super) async fn control(&mut self, sql: &'static str) -> Result<(), StoreError> {
        sqlx::query(sql).execute(self.connection()).await?;
        Ok(())
    }

    /// How many migrations have been applied.
    pub(super) async fn schema_version(&mut self) -> Result<i64, StoreError> {
        let exists = "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = '_sqlx_migrations'";
        if self.one("sqlite_master", exists, vec![]).await?.int("n")? == 0 {
            return Ok(0);
        }
        let applied = "SELECT COUNT(*) AS n FROM _sqlx_migrations WHERE success";
        self.one("_sqlx_migrations", applied, vec![])
            .await?
            .int("n")
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let done = bind(sqlx::query(sql), args)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }

    /// Runs an update that repeats a guard: exactly one row must fit it.
    pub(crate) async fn execute_one(
        &mut self,
        what: &'static str,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<(), StoreError> {
        match self.execute(sql, args).await? {
            1 => Ok(()),
            _ => Err(StoreError::Stale(what)),
        }
    }

    /// The first row, if there is one.
    pub(crate) async fn optional(
        &mut self,
        table: &'static str,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        let row: Option<SqliteRow> = bind(sqlx::query(sql), args)
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| Row::new(row, table)))
    }

    /// The row of a query that always has one.
    pub(crate) async fn one(
        &mut self,
        table: &'static str,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<Row, StoreError> {
        self.optional(table, sql, args)
            .await?
            .ok_or(StoreError::Stale(table))
    }

    /// Every row.
    pub(crate) async fn all(
        &mut self,
        table: &'static str,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = bind(sqlx::query(sql), args)
            .fetch_all(self.connection())
            .await?;
        Ok(rows.into_iter().map(|row| Row::new(row, table)).collect())
    }

    /// Every row of a list query. Only `list` builds such text, from constants and `$n` alone.
    pub(crate) async fn all_built(
        &mut self,
        table: &'static str,
        sql: String,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let query = bind(sqlx::query(AssertSqlSafe(sql)), args);
        let rows = query.fetch_all(self.connection()).await?;
        Ok(rows.into_iter().map(|row| Row::new(row, table)).collect())
    }
}

fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    args: Vec<Value>,
) -> Query<'q, Sqlite, SqliteArguments> {
    args.into_iter()
        .fold(query, |query, value| value.bind(query))
}
