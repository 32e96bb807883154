use std::{ops::Range, sync::Arc};

use rusqlite::{
    Statement,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

use crate::value::Value;

/// The names of some of a result's columns that stand beside each other.
#[derive(Clone)]
pub(super) struct Columns {
    all: Arc<Names>,
    within: Range<usize>,
}

/// Names in one piece of memory, and where each ends.
struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Columns {
    pub(super) fn of(statement: &Statement<'_>) -> rusqlite::Result<Self> {
        let count = statement.column_count();
        let mut names = Names {
            text: String::with_capacity(16 * count),
            ends: Vec::with_capacity(count),
        };
        for at in 0..count {
            names.text.push_str(statement.column_name(at)?);
            names.ends.push(names.text.len());
        }
        Ok(Self {
            all: Arc::new(names),
            within: 0..count,
        })
    }

    /// How many columns the result has.
    pub(super) fn count(&self) -> usize {
        self.all.ends.len()
    }

    /// Which of the result's columns has that name.
    fn position(&self, column: &str) -> Option<usize> {
        let Names { text, ends } = &*self.all;
        let before = self.within.start.checked_sub(1);
        let mut start = before.map_or(0, |before| ends[before]);
        self.within.clone().find(|&at| {
            let name = &text.as_bytes()[start..ends[at]];
            start = ends[at];
            name == column.as_bytes()
        })
    }
}

/// One row of a result, copied out of SQLite; or some of its columns that stand beside each other.
pub(crate) struct SqliteRow {
    columns: Columns,
    taken: Arc<Taken>,
}

/// A whole row. What its texts and blobs hold stands in one piece of memory.
struct Taken {
    cells: Vec<Cell>,
    bytes: Vec<u8>,
}

/// A value, or where it stands.
enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(Range<usize>),
    Blob(Range<usize>),
}

impl Taken {
    fn read(row: &rusqlite::Row<'_>, count: usize) -> rusqlite::Result<Self> {
        let mut taken = Self {
            cells: Vec::with_capacity(count),
            bytes: Vec::with_capacity(32 * count),
        };
        for at in 0..count {
            let cell = match row.get_ref(at)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(int) => Cell::Int(int),
                ValueRef::Real(real) => Cell::Real(real),
                ValueRef::Text(text) => Cell::Text(taken.keep(text)),
                ValueRef::Blob(blob) => Cell::Blob(taken.keep(blob)),
            };
            taken.cells.push(cell);
        }
        Ok(taken)
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    fn value(&self, at: usize) -> Option<ValueRef<'_>> {
        Some(match self.cells.get(at)? {
            Cell::Null => ValueRef::Null,
            Cell::Int(int) => ValueRef::Integer(*int),
            Cell::Real(real) => ValueRef::Real(*real),
            Cell::Text(at) => ValueRef::Text(&self.bytes[at.clone()]),
            Cell::Blob(at) => ValueRef::Blob(&self.bytes[at.clone()]),
        })
    }
}

impl SqliteRow {
    pub(super) fn read(columns: &Columns, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            taken: Arc::new(Taken::read(row, columns.count())?),
            columns: columns.clone(),
        })
    }

    /// The columns before the one of that name, and those after it.
    pub(crate) fn split(self, column: &str) -> Option<(Self, Self)> {
        let at = self.columns.position(column)?;
        let Range { start, end } = self.columns.within;
        let part = |within| Self {
            columns: Columns {
                all: self.columns.all.clone(),
                within,
            },
            taken: self.taken.clone(),
        };
        Some((part(start..at), part(at + 1..end)))
    }

    pub(crate) fn get<T: FromSql>(&self, column: &str) -> FromSqlResult<T> {
        let at = self.columns.position(column);
        self.at(at.ok_or(FromSqlError::InvalidType)?)
    }

    pub(crate) fn first<T: FromSql>(&self) -> FromSqlResult<T> {
        let first = self.columns.within.clone().next();
        self.at(first.ok_or(FromSqlError::InvalidType)?)
    }

    fn at<T: FromSql>(&self, at: usize) -> FromSqlResult<T> {
        T::column_result(self.taken.value(at).ok_or(FromSqlError::InvalidType)?)
    }
}

/// As SQLite keeps it: times are microseconds since 1970, dates and documents are text.
impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let null = ValueRef::Null;
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(text) => text
                .as_ref()
                .map_or(null, |text| ValueRef::Text(text.as_bytes())),
            Self::Int(int) => int.map_or(null, ValueRef::Integer),
            Self::Bool(bool) => bool.map_or(null, |bool| ValueRef::Integer(bool.into())),
            Self::Blob(blob) => blob.as_ref().map_or(null, |blob| ValueRef::Blob(blob)),
            Self::Time(time) => time.map_or(null, |time| ValueRef::Integer(time.as_microsecond())),
            Self::Date(None) => null,
            Self::Date(Some(date)) => return Ok(date.to_string().into()),
            Self::Json(document) => return Ok(document.to_string().into()),
        }))
    }
}
