use jiff::Timestamp;
use portico_ambient::Ambient;
use portico_domain::id::ApiKeyId;
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::{
    Context,
    deferred::{Deferred, Note},
    postgres::{self, Session},
    sqlite,
};
use crate::{
    StoreError, Vault, doubts::Doubts, rate_limits::FullBuckets, row::Row, value::Value, webhooks,
};

/// A transaction, for reading or for writing, with what a store function needs beside SQL: the
/// vault, the time and new ids. The time is the same throughout one transaction.
pub struct Tx {
    pub(super) conn: Conn,
    context: Context,
    now: Timestamp,
    pub(super) deferred: Deferred,
    /// How much of that was there before the current operation.
    deferred_before: usize,
    after_commit: Vec<Told>,
    /// The same of what is to be told.
    told_before: usize,
    has_new_jobs: bool,
    has_new_events: bool,
    /// Whether events were written of which it is not known whether they are to be sent.
    has_events: bool,
    /// Whether the current operation has sent anything but questions.
    has_written: bool,
    has_met_trouble: bool,
    /// Whether the current operation ran before, and nothing was kept.
    is_rerun: bool,
    /// An API key that was found open, and its project's settings. Nothing was sent since that could change
    /// either: what is deferred is none of it.
    open_key: Option<(ApiKeyId, String)>,
}

/// What is to be done once everything is committed.
type Told = Box<dyn FnOnce() + Send>;

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
            deferred_before: 0,
            after_commit: Vec::new(),
            told_before: 0,
            has_new_jobs: false,
            has_new_events: false,
            has_events: false,
            has_written: false,
            has_met_trouble: false,
            is_rerun: false,
            open_key: None,
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
        self.deferred_before = match self.conn {
            // Waits for the others' messages.
            Conn::Postgres(_) => self.deferred.len(),
            // What an operation left behind that broke off must never become the next one's.
            Conn::SqliteWriter(_) | Conn::SqliteReader(_) => 0,
        };
        self.deferred.truncate(self.deferred_before);
        self.told_before = self.after_commit.len();
        self.has_written = false;
        self.has_met_trouble = false;
        if let Conn::SqliteWriter(_) = self.conn {
            // The writer's transaction is made once for all; one on PostgreSQL for each group.
            self.now = self.context.ambient.now();
        }
    }

    /// Whether [`Tx::undo_operation`] leaves nothing of the operation and the others untouched: it has
    /// sent nothing but questions, and had them answered.
    pub(super) fn is_undone_alone(&self) -> bool {
        !self.has_written && !self.has_met_trouble
    }

    /// Forgets the current operation, which has sent nothing but questions.
    pub(super) fn undo_operation(&mut self) {
        self.deferred.truncate(self.deferred_before);
        self.untell(self.told_before);
    }

    /// Forgets everything: the transaction was undone.
    pub(super) fn undo_all(&mut self) {
        self.deferred.truncate(0);
        self.untell(0);
        self.has_new_jobs = false;
        self.has_new_events = false;
        self.has_events = false;
        self.open_key = None;
    }

    /// Notes that an operation runs, for the first time or once more.
    pub(super) fn note_run(&mut self, again: bool) {
        self.is_rerun = again;
    }

    /// Whether the operation ran before, and nothing was kept. Then it should take nothing for granted.
    pub fn is_rerun(&self) -> bool {
        self.is_rerun
    }

    /// Whether it is worth while to take a usual answer for granted in that project: a question costs
    /// much more than what is sent anyway, and the usual was not missed just before.
    pub(crate) fn may_take_for_granted(&self, project: &str) -> bool {
        let doubts = &self.context.doubts;
        self.asks_at_a_distance() && !self.is_rerun && !doubts.hold(project, self.now)
    }

    /// Whether a question is a way there and back, instead of microseconds.
    pub(crate) fn asks_at_a_distance(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }

    /// Runs an insertion whose result nobody waits for, at the latest before the commit, and before
    /// anything that may read what it inserts. A unique index that refuses it is a conflict: the
    /// operation runs again and sees what is there. What it returns is a note, see [`Note`].
    ///
    /// A question may be deferred too, whose only row is a note that something is not as the operation
    /// took it for granted.
    pub(crate) fn defer(&mut self, sql: &'static str, args: Vec<Value>) {
        self.deferred.push(sql, args);
    }

    /// Whether a statement of this operation failed: on SQLite because of the disk or the machine, on
    /// PostgreSQL for any reason, because the transaction is of no use after it.
    pub(super) fn has_met_trouble(&self) -> bool {
        self.has_met_trouble
    }

    /// Notes that a statement failed in that way.
    pub(super) fn note_trouble(&mut self) {
        self.has_met_trouble = true;
    }

    /// Notes that a statement follows that writes.
    pub(super) fn note_write(&mut self) {
        self.has_written = true;
        self.open_key = None;
    }

    /// Whether that key was found open in this transaction, with these settings, and still is: several
    /// operations that share a transaction mostly come with one key.
    pub(crate) fn has_seen_open(&self, key: ApiKeyId, settings: &str) -> bool {
        let seen = self.open_key.as_ref();
        seen.is_some_and(|(id, with)| *id == key && with == settings)
    }

    /// Notes that it was.
    pub(crate) fn note_open(&mut self, key: ApiKeyId, settings: &str) {
        self.open_key = Some((key, settings.to_owned()));
    }

    /// Runs what was deferred.
    pub(super) async fn flush(&mut self) -> Result<(), StoreError> {
        while !self.deferred.is_empty() {
            self.has_written |= self.deferred.writes_from(self.deferred_before);
            self.deferred_before = 0;
            let rows = match self.conn {
                Conn::Postgres(_) => self.insert_together().await,
                Conn::SqliteWriter(_) | Conn::SqliteReader(_) => self.insert_each().await,
            };
            match rows {
                Ok(rows) => {
                    let heeded = rows.iter().try_for_each(|row| self.heed(row));
                    if heeded.is_err() && self.asks_at_a_distance() {
                        // It may be another operation's: the one that asks cannot be undone alone.
                        self.note_trouble();
                    }
                    heeded?;
                }
                Err(StoreError::Unique) => return Err(StoreError::Conflict),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn insert_together(&mut self) -> Result<Vec<Row>, StoreError> {
        let (sql, args) = self.deferred.take_together();
        let sql = AssertSqlSafe(sql).into_sql_str();
        self.rows("several", sql, args).await
    }

    async fn insert_each(&mut self) -> Result<Vec<Row>, StoreError> {
        let mut all = Vec::new();
        for (sql, args) in self.deferred.take() {
            all.extend(self.rows("several", sql.into_sql_str(), args).await?);
        }
        Ok(all)
    }

    /// Takes notice of what an insertion that was deferred met.
    fn heed(&mut self, row: &Row) -> Result<(), StoreError> {
        let Some(at) = row.time_or_null("at")? else {
            return Ok(());
        };
        match row.parse("note")? {
            Note::Outbox => {
                self.has_new_events = true;
                Ok(())
            }
            Note::Full => {
                self.context.full_buckets.note(row.text("subject")?, at);
                Err(StoreError::Conflict)
            }
            Note::Unmet => {
                self.context.doubts.note(row.text("subject")?, self.now);
                Err(StoreError::Conflict)
            }
        }
    }

    /// The buckets of rate limits that this process has seen full.
    pub(crate) fn full_buckets(&self) -> &FullBuckets {
        &self.context.full_buckets
    }

    /// Where something taken for granted was not so.
    pub(crate) fn doubts(&self) -> &Doubts {
        &self.context.doubts
    }

    /// Notes that the worker should be woken once this is committed.
    pub(crate) fn note_new_job(&mut self) {
        self.has_new_jobs = true;
    }

    /// Notes that the senders of webhooks should be woken once this is committed.
    pub(crate) fn note_new_event(&mut self) {
        self.has_new_events = true;
    }

    /// Notes that an event was written, perhaps into the outbox: see [`Tx::look_into_outbox`].
    pub(crate) fn note_event(&mut self) {
        self.has_events = true;
    }

    /// Looks whether the senders are to be woken for what several operations wrote. One question for all
    /// of them is cheaper than an answer of each insertion, for which SQLite fills a table of its own.
    pub(super) async fn look_into_outbox(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.has_events) && !self.has_new_events {
            self.has_new_events = webhooks::outbox::holds_something(self).await?;
        }
        Ok(())
    }

    /// Has `tell` run once this operation is committed, and not if it is undone or run again. For
    /// counting what happened; a crash in between forgets it, so nothing may depend on it.
    pub fn after_commit(&mut self, tell: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(tell));
    }

    /// Forgets what an operation that was undone wanted told.
    fn untell(&mut self, so_far: usize) {
        self.after_commit.truncate(so_far);
    }

    /// Everything is committed: wakes whoever waits for it, and tells it.
    pub(super) fn committed(&mut self, operations: u64) {
        self.open_key = None;
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

    /// Does something with the connection, where the engine is SQLite.
    pub(super) fn on_sqlite(&mut self, act: impl FnOnce(&sqlite::Connection)) {
        if let Driver::Sqlite(conn) = self.conn.driver() {
            act(conn);
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
