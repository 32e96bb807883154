use jiff::Timestamp;
use portico_ambient::Ambient;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, SqlSafeStr, SqlStr, Sqlite, SqliteConnection,
    Transaction, migrate::Migrator, pool::PoolConnection,
};

use super::{
    Context,
    deferred::{Deferred, Style},
    postgres::Session,
};
use crate::{
    StoreError, Vault,
    row::Row,
    value::{Value, bind_postgres, bind_sqlite},
};

/// A transaction, for reading or for writing, with what a store function needs beside SQL: the
/// vault, the time and new ids. The time is the same throughout one transaction.
pub struct Tx {
    conn: Conn,
    context: Context,
    now: Timestamp,
    deferred: Deferred,
    undo: Undo,
    has_new_jobs: bool,
    after_commit: Vec<Told>,
    has_new_events: bool,
    /// How much of that was there before the current operation.
    told_before: usize,
    has_met_trouble: bool,
}

/// What is to be done once everything is committed.
type Told = Box<dyn FnOnce() + Send>;

/// How what an operation wrote would be undone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undo {
    /// With the whole transaction.
    All,
    /// Alone, but it has written nothing yet: a savepoint is made when it first does.
    Nothing,
    /// Alone, up to its savepoint.
    ToSavepoint,
}

const SAVEPOINT: &str = "SAVEPOINT operation;";

enum Conn {
    SqliteWriter(SqliteConnection),
    SqliteReader(Transaction<'static, Sqlite>),
    SqliteGlance(PoolConnection<Sqlite>),
    Postgres(Session),
}

/// The connection, as its driver's own type.
enum Driver<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut Session),
}

impl Conn {
    fn driver(&mut self) -> Driver<'_> {
        match self {
            Self::SqliteWriter(conn) => Driver::Sqlite(conn),
            Self::SqliteReader(transaction) => Driver::Sqlite(transaction),
            Self::SqliteGlance(connection) => Driver::Sqlite(connection),
            Self::Postgres(session) => Driver::Postgres(session),
        }
    }
}

impl Tx {
    fn new(conn: Conn, context: Context) -> Self {
        Self {
            conn,
            now: context.ambient.now(),
            context,
            deferred: Deferred::default(),
            undo: Undo::All,
            has_new_jobs: false,
            after_commit: Vec::new(),
            has_new_events: false,
            told_before: 0,
            has_met_trouble: false,
        }
    }

    pub(super) fn sqlite_writer(conn: SqliteConnection, context: Context) -> Self {
        Self::new(Conn::SqliteWriter(conn), context)
    }

    pub(super) fn sqlite_reader(
        transaction: Transaction<'static, Sqlite>,
        context: Context,
    ) -> Self {
        Self::new(Conn::SqliteReader(transaction), context)
    }

    pub(super) fn sqlite_glance(connection: PoolConnection<Sqlite>, context: Context) -> Self {
        Self::new(Conn::SqliteGlance(connection), context)
    }

    pub(super) fn postgres(session: Session, context: Context) -> Self {
        Self::new(Conn::Postgres(session), context)
    }

    /// When this transaction began.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Time, randomness and ids.
    pub fn ambient(&self) -> &Ambient {
        &self.context.ambient
    }

    /// What seals and opens personal data.
    pub fn vault(&self) -> &Vault {
        &self.context.vault
    }

    /// Begins one of several operations that share a transaction.
    pub(super) fn begin_operation(&mut self) {
        // What an operation left behind that broke off must never become the next one's.
        self.deferred.clear();
        self.told_before = self.after_commit.len();
        self.has_met_trouble = false;
        self.now = self.context.ambient.now();
        self.undo = Undo::Nothing;
    }

    /// Undoes what the current operation wrote, and nothing else.
    pub(super) async fn undo_operation(&mut self) -> Result<(), StoreError> {
        self.deferred.clear();
        self.untell(self.told_before);
        match self.undo {
            Undo::ToSavepoint => self.control("ROLLBACK TO operation").await,
            Undo::Nothing | Undo::All => Ok(()),
        }
    }

    /// Runs an insertion whose result nobody reads, at the latest before the commit. A unique index
    /// that refuses it is a conflict: the operation runs again and sees what is there.
    pub(crate) fn defer(&mut self, sql: &'static str, args: Vec<Value>) {
        self.deferred.push(sql, args);
    }

    /// Whether a statement of this operation failed because of the disk or the machine.
    pub(super) fn has_met_trouble(&self) -> bool {
        self.has_met_trouble
    }

    /// Runs what was deferred.
    pub(super) async fn flush(&mut self) -> Result<(), StoreError> {
        if self.deferred.is_empty() {
            return Ok(());
        }
        let (sql, args) = match self.conn {
            Conn::Postgres(_) => self.deferred.take(Style::Parts, ""),
            _ => {
                let savepoint = self.savepoint_if_first_write();
                self.deferred.take(Style::Sequence, savepoint)
            }
        };
        let sql = AssertSqlSafe(sql).into_sql_str();
        match self.rows("several", sql, args).await {
            Ok(rows) => {
                // The one result that is of interest: whether a written event is to be sent.
                let is_marked = |row: &Row| matches!(row.time_or_null("outbox_at"), Ok(Some(_)));
                self.has_new_events |= rows.iter().any(is_marked);
                Ok(())
            }
            Err(StoreError::Unique) => Err(StoreError::Conflict),
            Err(error) => Err(error),
        }
    }

    /// What has to stand before an operation's first statement that writes.
    fn savepoint_if_first_write(&mut self) -> &'static str {
        match self.undo {
            Undo::Nothing => {
                self.undo = Undo::ToSavepoint;
                SAVEPOINT
            }
            Undo::All | Undo::ToSavepoint => "",
        }
    }

    /// Notes that the worker should be woken once this is committed.
    pub(crate) fn note_new_job(&mut self) {
        self.has_new_jobs = true;
    }

    /// Notes that the senders of webhooks should be woken once this is committed.
    pub(crate) fn note_new_event(&mut self) {
        self.has_new_events = true;
    }

    /// Has `tell` run once this operation is committed, and not if it is undone or run again. For
    /// counting what happened; a crash in between forgets it, so nothing may depend on it.
    pub fn after_commit(&mut self, tell: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(tell));
    }

    /// Forgets what an operation that was undone wanted told.
    pub(super) fn untell(&mut self, so_far: usize) {
        self.after_commit.truncate(so_far);
    }

    /// Everything is committed: wakes whoever waits for it, and tells it.
    pub(super) fn committed(&mut self, operations: u64) {
        self.context.statistics.committed(operations);
        if std::mem::take(&mut self.has_new_jobs) {
            self.context.new_jobs.notify_one();
        }
        if std::mem::take(&mut self.has_new_events) {
            self.context.new_events.notify_one();
        }
        for tell in self.after_commit.drain(..) {
            tell();
        }
    }

    /// Commits. On SQLite the writer does that, for several operations at once.
    pub(super) async fn commit(&mut self) -> Result<(), StoreError> {
        debug_assert!(self.deferred.is_empty(), "flushed before the commit");
        match self.conn.driver() {
            Driver::Sqlite(_) => Ok(()),
            Driver::Postgres(session) => session.commit().await,
        }
    }

    pub(super) async fn close(self) {
        let Conn::SqliteWriter(connection) = self.conn else {
            return;
        };
        if let Err(error) = connection.close().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "closing the database"
            );
        }
    }

    pub(super) async fn migrate(
        &mut self,
        migrations: &'static Migrator,
    ) -> Result<(), StoreError> {
        match self.conn.driver() {
            Driver::Sqlite(conn) => migrations.run_direct(None, conn, false).await?,
            Driver::Postgres(session) => {
                let conn: &mut PgConnection = session.connection();
                migrations.run_direct(None, conn, false).await?;
            }
        }
        Ok(())
    }

    /// Runs a statement of the engine itself: begin, savepoint, commit.
    pub(super) async fn control(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.run(sql.into_sql_str(), vec![]).await.map(drop)
    }

    /// How many migrations have been applied.
    pub(super) async fn schema_version(&mut self) -> Result<i64, StoreError> {
        let exists = match self.conn.driver() {
            Driver::Sqlite(_) => {
                "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = '_sqlx_migrations'"
            }
            Driver::Postgres(_) => {
                "SELECT COUNT(*) AS n FROM information_schema.tables \
                 WHERE table_name = '_sqlx_migrations' AND table_schema = current_schema()"
            }
        };
        if self.one("the schema", exists, vec![]).await?.int("n")? == 0 {
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
        // On its own: the rows that a message changed are counted over all its statements.
        match self.savepoint_if_first_write() {
            "" => {}
            savepoint => self.control(savepoint).await?,
        }
        self.run(sql, args).await
    }

    async fn run(&mut self, sql: SqlStr, args: Vec<Value>) -> Result<u64, StoreError> {
        match self.conn.driver() {
            Driver::Sqlite(conn) => {
                let done = bind_sqlite(sqlx::query(sql), args).execute(conn).await;
                Ok(self.noting(done)?.rows_affected())
            }
            Driver::Postgres(session) => {
                let run = bind_postgres(sqlx::query(sql), args).execute(session.connection());
                let done = Session::in_time(run).await;
                Ok(session.noting(done)?.rows_affected())
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
    fn noting<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        let done = done.map_err(StoreError::from);
        self.has_met_trouble |= matches!(done, Err(StoreError::Unavailable(_)));
        done
    }

    async fn ask(
        &mut self,
        table: &'static str,
        sql: SqlStr,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        self.flush().await?;
        let savepoint = match sql.as_str().starts_with("SELECT ") {
            true => "",
            false => self.savepoint_if_first_write(),
        };
        match savepoint {
            "" => self.rows(table, sql, args).await,
            savepoint => {
                let both = AssertSqlSafe(format!("{savepoint}{}", sql.as_str()));
                self.rows(table, both.into_sql_str(), args).await
            }
        }
    }

    async fn rows(
        &mut self,
        table: &'static str,
        sql: SqlStr,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        match self.conn.driver() {
            Driver::Sqlite(conn) => {
                let rows = bind_sqlite(sqlx::query(sql), args).fetch_all(conn).await;
                let rows = self.noting(rows)?;
                Ok(rows.into_iter().map(|row| Row::new(row, table)).collect())
            }
            Driver::Postgres(session) => {
                let run = bind_postgres(sqlx::query(sql), args).fetch_all(session.connection());
                let rows = Session::in_time(run).await;
                let rows = session.noting(rows)?;
                Ok(rows.into_iter().map(|row| Row::new(row, table)).collect())
            }
        }
    }
}
