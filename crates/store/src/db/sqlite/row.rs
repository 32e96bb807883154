use std::{ops::Range, sync::Arc};

use rusqlite::{
    Statement,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value as Native, ValueRef},
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

    /// Where the column of that name stands among them.
    fn position(&self, column: &str) -> Option<usize> {
        let Names { text, ends } = &*self.all;
        let before = self.within.start.checked_sub(1);
        let mut start = before.map_or(0, |before| ends[before]);
        ends[self.within.clone()].iter().position(|&end| {
            let name = &text.as_bytes()[start..end];
            start = end;
            name == column.as_bytes()
        })
    }
}

/// One row of a result, copied out of SQLite.
pub(crate) struct SqliteRow {
    columns: Columns,
    values: Vec<Native>,
}

impl SqliteRow {
    pub(super) fn read(columns: &Columns, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let values = columns.within.clone().map(|at| row.get(at));
        Ok(Self {
            values: values.collect::<rusqlite::Result<_>>()?,
            columns: columns.clone(),
        })
    }

    /// The columns before the one of that name, and those after it.
    pub(crate) fn split(mut self, column: &str) -> Option<(Self, Self)> {
        let at = self.columns.position(column)?;
        let Range { start, end } = self.columns.within;
        let part = |within, values| Self {
            columns: Columns {
                all: self.columns.all.clone(),
                within,
            },
            values,
        };
        let after = self.values.split_off(at + 1);
        self.values.truncate(at);
        Some((
            part(start..start + at, self.values),
            part(start + at + 1..end, after),
        ))
    }

    pub(crate) fn get<T: FromSql>(&self, column: &str) -> FromSqlResult<T> {
        let at = self.columns.position(column);
        self.at(at.ok_or(FromSqlError::InvalidType)?)
    }

    pub(crate) fn first<T: FromSql>(&self) -> FromSqlResult<T> {
        self.at(0)
    }

    fn at<T: FromSql>(&self, at: usize) -> FromSqlResult<T> {
        let value = self.values.get(at).ok_or(FromSqlError::InvalidType)?;
        T::column_result(value.into())
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
