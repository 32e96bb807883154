use jiff::Timestamp;
use portico_ambient::Ambient;
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::{
    Context,
    deferred::Deferred,
    postgres::{self, Session},
    sqlite,
};
use crate::{StoreError, Vault, row::Row, value::Value};

/// A transaction, for reading or for writing, with what a store function needs beside SQL: the
/// vault, the time and new ids. The time is the same throughout one transaction.
pub struct Tx {
    pub(super) conn: Conn,
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

/// Where statements go.
pub(super) enum Conn {
    SqliteWriter(sqlite::Connection),
    SqliteReader(sqlite::Reader),
    Postgres(Session),
}

/// The same, whatever it is for.
pub(super) enum Driver<'c> {
    Sqlite(&'c sqlite::Connection),
    Postgres(&'c mut Session),
}

impl Conn {
    pub(super) fn driver(&mut self) -> Driver<'_> {
        match self {
            Self::SqliteWriter(conn) => Driver::Sqlite(conn),
            Self::SqliteReader(reader) => Driver::Sqlite(reader.connection()),
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

    pub(super) fn sqlite_writer(conn: sqlite::Connection, context: Context) -> Self {
        Self::new(Conn::SqliteWriter(conn), context)
    }

    pub(super) fn sqlite_reader(reader: sqlite::Reader, context: Context) -> Self {
        Self::new(Conn::SqliteReader(reader), context)
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

    /// Makes what the current operation wrote a part of the transaction.
    pub(super) async fn keep_operation(&mut self) -> Result<(), StoreError> {
        match self.undo {
            Undo::ToSavepoint => self.control("RELEASE operation").await,
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
        let rows = match self.conn {
            // A message costs more than an insertion does.
            Conn::Postgres(_) => {
                let (sql, args) = self.deferred.take_together();
                let sql = AssertSqlSafe(sql).into_sql_str();
                self.rows("several", sql, args).await
            }
            Conn::SqliteWriter(_) | Conn::SqliteReader(_) => self.insert_one_by_one().await,
        };
        match rows {
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

    async fn insert_one_by_one(&mut self) -> Result<Vec<Row>, StoreError> {
        self.savepoint_if_first_write().await?;
        let mut all = Vec::new();
        for (sql, args) in self.deferred.take() {
            all.extend(self.rows("several", sql.into_sql_str(), args).await?);
        }
        Ok(all)
    }

    /// Makes the savepoint to which an operation can be undone, if this is its first write.
    pub(super) async fn savepoint_if_first_write(&mut self) -> Result<(), StoreError> {
        if self.undo == Undo::Nothing {
            self.control("SAVEPOINT operation").await?;
            self.undo = Undo::ToSavepoint;
        }
        Ok(())
    }

    /// Notes that a statement failed because of the disk or the machine.
    pub(super) fn note_trouble(&mut self) {
        self.has_met_trouble = true;
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

    /// Closes the writer's connection.
    pub(super) fn close(self) {
        if let Conn::SqliteWriter(connection) = self.conn {
            connection.close();
        }
    }

    /// Applies the migrations that are missing.
    pub(super) async fn migrate(&mut self) -> Result<(), StoreError> {
        let ambient = self.context.ambient.clone();
        match self.conn.driver() {
            Driver::Sqlite(conn) => sqlite::migrate(conn, &ambient),
            Driver::Postgres(session) => {
                let conn = session.connection();
                Ok(postgres::MIGRATIONS.run_direct(None, conn, false).await?)
            }
        }
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
}
