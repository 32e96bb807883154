//! Copies in a SQLite file.

use std::{io::ErrorKind, path::Path};

use anyhow::bail;
use rusqlite::{
    Connection, ToSql, params_from_iter,
    types::{ToSqlOutput, Value as Sql},
};

use super::{Created, Filled, Original, Value, Values};

/// Nothing here has to survive a crash, and no server is there.
const ALONE: &str = "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -500000;";

/// An open file.
pub struct File(Connection);

impl File {
    /// Beside a server.
    ///
    /// # Errors
    /// There is none.
    pub fn open(file: &Path) -> anyhow::Result<Self> {
        Ok(Self(Connection::open(file)?))
    }

    /// Without a server, and fast.
    ///
    /// # Errors
    /// There is none, or a server has it.
    pub fn alone(file: &Path) -> anyhow::Result<Self> {
        let opened = Self::open(file)?;
        opened.0.execute_batch(ALONE)?;
        Ok(opened)
    }
}

/// Makes `to` a copy of a file that nobody has open.
///
/// # Errors
/// It cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    // A log that was left there would be taken for the copy's.
    for rest in ["-wal", "-shm"] {
        let mut name = to.as_os_str().to_owned();
        name.push(rest);
        match std::fs::remove_file(name) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    std::fs::copy(from, to)?;
    // What is written back later would be measured.
    Ok(std::fs::File::open(to)?.sync_all()?)
}

impl Filled for File {
    fn newest_session(&self) -> anyhow::Result<Created> {
        let sql = "SELECT id, subject, data_sealed FROM events \
                   WHERE type = 'connectSession.created' ORDER BY id DESC LIMIT 1";
        Ok(self.0.query_row(sql, [], |row| {
            Ok(Created {
                event: row.get(0)?,
                session: row.get(1)?,
                sealed: row.get(2)?,
            })
        })?)
    }

    fn copy(&self, of: Original<'_>, count: u64, values: Values<'_>) -> anyhow::Result<()> {
        let Original {
            table,
            condition,
            changes,
        } = of;
        self.0.execute_batch("BEGIN IMMEDIATE")?;
        // Apart from the table, so that a copy does not read what it writes.
        let sql = format!("CREATE TEMP TABLE one AS SELECT * FROM {table} WHERE {condition}");
        self.0.execute(&sql, [])?;
        let one = self.0.prepare("SELECT * FROM one")?;
        let columns: Vec<_> = one.column_names().into_iter().map(str::to_owned).collect();
        drop(one);
        let value = |name: &String| match changes.iter().position(|change| change == name) {
            Some(at) => format!("?{}", at + 1),
            None => name.clone(),
        };
        let taken: Vec<_> = columns.iter().map(value).collect();
        let (columns, taken) = (columns.join(", "), taken.join(", "));
        let sql = format!("INSERT INTO {table} ({columns}) SELECT {taken} FROM one");
        let mut insert = self.0.prepare(&sql)?;
        for number in 0..count {
            if insert.execute(params_from_iter(values(number)?))? != 1 {
                bail!("there is no row of {table} to copy");
            }
        }
        drop(insert);
        Ok(self.0.execute_batch("DROP TABLE one; COMMIT")?)
    }

    fn size(&self) -> anyhow::Result<f64> {
        let pragma = |name: &str| -> rusqlite::Result<f64> {
            let sql = format!("PRAGMA {name}");
            let value = self.0.query_row(&sql, [], |row| row.get::<_, i64>(0));
            value.map(|value| value as f64)
        };
        Ok((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?)
    }

    fn finish(&self) -> anyhow::Result<()> {
        self.0.execute_batch("PRAGMA journal_mode = WAL")?;
        // What is written back later would be measured.
        if let Some(file) = self.0.path() {
            std::fs::File::open(file)?.sync_all()?;
        }
        Ok(())
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Text(text) => text.as_str().into(),
            Self::Bytes(bytes) => bytes.as_slice().into(),
            Self::Time(micros) => (*micros).into(),
            Self::Nothing => ToSqlOutput::Owned(Sql::Null),
        })
    }
}
