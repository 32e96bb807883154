//! A copy of a SQLite database in one file, made while servers write.
//!
//! Guarantee: the file appears under its name only when it is whole, checked and on disk, readable by
//! its owner alone; an existing file is never touched. The copy is one moment of the database:
//! everything acknowledged before the command began is in it. A crash leaves a file named `.partial`,
//! which nothing reads.
//!
//! The copy differs from the database in one thing. An attempt that waits to be sent may have been
//! sent by the time the copy is restored, so there it counts as `sending`: whoever finds it asks the
//! gateway first.

use std::{
    fs::{File, OpenOptions},
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;

use crate::{
    StoreError,
    db::{Use, file_of, open_sqlite},
    tables::TABLES,
};

/// How long another process that writes is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file is there already.
    #[error("exists already; a backup never replaces a file")]
    Exists,
    /// The file system refused.
    #[error("cannot be written")]
    Io(#[from] std::io::Error),
    /// The copy is not whole.
    #[error("the copy is not whole: {0}")]
    Damaged(String),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A backup that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// Rows of all tables.
    pub rows: i64,
    /// The file's size.
    pub bytes: u64,
}

/// Copies the database at `url` into the new file `path`.
///
/// # Errors
/// [`BackupError`]; then there is no such file.
pub fn sqlite(url: &str, path: &Path) -> Result<Backup, BackupError> {
    if path.try_exists()? {
        return Err(BackupError::Exists);
    }
    let partial = Partial::create(path)?;
    let source = connect(file_of(url)?, Use::Existing)?;
    let before = count_events(&source)?;
    copy(&source, &partial.0)?;
    mark_attempts(&partial.0)?;
    let after = count_events(&source)?;
    drop(source);
    let rows = check(&partial.0, before..=after)?;
    let bytes = partial.publish(path)?;
    Ok(Backup { rows, bytes })
}

fn connect(path: &Path, purpose: Use) -> Result<Connection, BackupError> {
    let conn = open_sqlite(path, purpose)?;
    conn.busy_timeout(PATIENCE)?;
    Ok(conn)
}

fn copy(source: &Connection, to: &Path) -> Result<(), BackupError> {
    let to = to
        .to_str()
        .ok_or_else(|| std::io::Error::new(ErrorKind::InvalidFilename, "the name is not UTF-8"))?;
    source.execute("VACUUM INTO $1", [to])?;
    Ok(())
}

fn mark_attempts(path: &Path) -> Result<(), BackupError> {
    let copy = connect(path, Use::Existing)?;
    let sending = "UPDATE attempts SET state = 'sending' WHERE state = 'waiting'";
    copy.execute(sending, [])?;
    Ok(())
}

/// Reads the whole copy; how many rows it has.
fn check(path: &Path, events: std::ops::RangeInclusive<i64>) -> Result<i64, BackupError> {
    let copy = connect(path, Use::Read)?;
    let said: String = one(&copy, "PRAGMA integrity_check(1)")?;
    if said != "ok" {
        return Err(BackupError::Damaged(said));
    }
    // Events are never removed, so the copy's moment lies between the two counts.
    let copied = count_events(&copy)?;
    if !events.contains(&copied) {
        let what = format!(
            "{copied} events instead of {} to {}",
            events.start(),
            events.end()
        );
        return Err(BackupError::Damaged(what));
    }
    let mut rows = 0;
    for table in TABLES {
        rows += one::<i64>(&copy, &format!("SELECT COUNT(*) FROM {}", table.name))?;
    }
    Ok(rows)
}

fn count_events(conn: &Connection) -> Result<i64, BackupError> {
    one(conn, "SELECT COUNT(*) FROM events")
}

fn one<T: rusqlite::types::FromSql>(conn: &Connection, sql: &str) -> Result<T, BackupError> {
    Ok(conn.query_row(sql, [], |row| row.get(0))?)
}

/// The file while it is not whole; removed unless it is published.
struct Partial(PathBuf);

impl Partial {
    fn create(path: &Path) -> Result<Self, BackupError> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        let partial = PathBuf::from(name);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&partial)?;
        Ok(Self(partial))
    }

    /// Gives the file its name once it is on disk; its size.
    fn publish(self, path: &Path) -> Result<u64, BackupError> {
        let file = File::open(&self.0)?;
        file.sync_all()?;
        // Unlike a rename, a link never replaces a file that has come since.
        std::fs::hard_link(&self.0, path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => BackupError::Exists,
            _ => error.into(),
        })?;
        std::fs::remove_file(&self.0)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After `publish` it is gone already.
        let _ = std::fs::remove_file(&self.0);
    }
}
