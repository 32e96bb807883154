//! How a transaction runs single statements. Their text is the same on both engines.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::{
    postgres::{PostgresRow, Session, named},
    tx::{Driver, Tx},
};
use crate::{
    StoreError,
    row::Row,
    value::{Value, bind_postgres},
};

impl Tx {
    /// Runs a statement of the engine itself: begin, savepoint, commit.
    pub(super) async fn control(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.run(sql.into_sql_str(), vec![]).await.map(drop)
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> Result<u64, StoreError> {
        self.write(sql.into_sql_str(), args).await
    }

    /// Runs a statement built from constants and `$n` alone; how many rows it changed.
    pub(crate) async fn execute_built(
        &mut self,
        sql: String,
        args: Vec<Value>,
    ) -> Result<u64, StoreError> {
        self.write(AssertSqlSafe(sql).into_sql_str(), args).await
    }

    async fn write(&mut self, sql: SqlStr, args: Vec<Value>) -> Result<u64, StoreError> {
        self.flush().await?;
        self.note_write();
        self.run(sql, args).await
    }

    pub(super) async fn run(&mut self, sql: SqlStr, args: Vec<Value>) -> Result<u64, StoreError> {
        match self.conn.driver() {
            Driver::Sqlite(conn) => {
                let done = conn.execute(sql.as_str(), &args);
                self.noting(done)
            }
            Driver::Postgres(session) => {
                let run = bind_postgres(sqlx::query(sql), args).execute(session.asking());
                let done = Session::in_time(run).await;
                let done = session.noting(done);
                self.noting_all(done).map(|done| done.rows_affected())
            }
        }
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
        Ok(self.all(table, sql, args).await?.into_iter().next())
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
        self.ask(table, sql.into_sql_str(), args).await
    }

    /// Every row of a list query. Only `list` and `many` build such text, from
    /// constants and `$n` alone.
    pub(crate) async fn all_built(
        &mut self,
        table: &'static str,
        sql: String,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        self.ask(table, AssertSqlSafe(sql).into_sql_str(), args)
            .await
    }

    /// Passes SQLite's answer on, and notes when the disk or the machine failed.
    fn noting<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::Unavailable(_)) = done {
            self.note_trouble();
        }
        done
    }

    /// Passes PostgreSQL's answer on, and notes when it was none: then the transaction is of no use.
    fn noting_all<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if done.is_err() {
            self.note_trouble();
        }
        done
    }

    async fn ask(
        &mut self,
        table: &'static str,
        sql: SqlStr,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let is_question = sql.as_str().starts_with("SELECT ");
        if !is_question || self.deferred.concerns(sql.as_str()) {
            self.flush().await?;
        }
        if !is_question {
            self.note_write();
        }
        self.rows(table, sql, args).await
    }

    pub(super) async fn rows(
        &mut self,
        table: &'static str,
        sql: SqlStr,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        match self.conn.driver() {
            Driver::Sqlite(conn) => {
                let rows = conn.rows(sql.as_str(), &args);
                let rows = self.noting(rows)?;
                Ok(rows.into_iter().map(|row| Row::new(row, table)).collect())
            }
            Driver::Postgres(session) => {
                let named = named(sql.as_str()).map(|sql| AssertSqlSafe(sql).into_sql_str());
                let query = sqlx::query(named.unwrap_or(sql));
                let run = bind_postgres(query, args).fetch_all(session.asking());
                let rows = Session::in_time(run).await;
                let rows = session.noting(rows);
                let rows = self.noting_all(rows)?;
                let rows = rows.into_iter().map(PostgresRow::new);
                Ok(rows.map(|row| Row::new(row, table)).collect())
            }
        }
    }
}
