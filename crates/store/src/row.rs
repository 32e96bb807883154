use jiff::{Timestamp, civil::Date};
use rusqlite::types::FromSql;
use sqlx::{Decode, Postgres, Type, types::Json};

use crate::{
    StoreError,
    db::{PostgresRow, SqliteRow},
    native::{PgDate, PgTime},
};

/// One row of a result. Reading a column names the table and row when the content is impossible.
pub(crate) struct Row {
    row: Native,
    table: &'static str,
}

/// The row, as its driver's own type.
pub(crate) enum Native {
    Sqlite(SqliteRow),
    Postgres(PostgresRow),
}

impl From<SqliteRow> for Native {
    fn from(row: SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<PostgresRow> for Native {
    fn from(row: PostgresRow) -> Self {
        Self::Postgres(row)
    }
}

impl Row {
    pub(crate) fn new(row: impl Into<Native>, table: &'static str) -> Self {
        Self {
            row: row.into(),
            table,
        }
    }

    /// The columns before the one called `next`, and those after it, which are of that table.
    pub(crate) fn split(self, table: &'static str) -> Result<(Self, Self), StoreError> {
        let parts = match self.row {
            Native::Sqlite(row) => row
                .split("next")
                .map(|(row, next)| (Native::Sqlite(row), Native::Sqlite(next))),
            Native::Postgres(row) => row
                .split("next")
                .map(|(row, next)| (Native::Postgres(row), Native::Postgres(next))),
        };
        let (row, next) = parts.ok_or(StoreError::Corrupt {
            table: self.table,
            row: String::new(),
            column: "next",
        })?;
        let before = Self {
            row,
            table: self.table,
        };
        Ok((before, Self { row: next, table }))
    }

    /// The row, unless it stands for one that a join did not find. Such a one has no id either.
    pub(crate) fn if_found(self) -> Result<Option<Self>, StoreError> {
        Ok(self.text_or_null("id")?.is_some().then_some(self))
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.read(column)
    }

    pub(crate) fn text_or_null(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.read(column)
    }

    pub(crate) fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        self.read(column)
    }

    pub(crate) fn int_or_null(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.read(column)
    }

    pub(crate) fn count(&self, column: &'static str) -> Result<u32, StoreError> {
        self.int(column)?
            .try_into()
            .map_err(|_| self.corrupt(column))
    }

    pub(crate) fn count_or_null(&self, column: &'static str) -> Result<Option<u32>, StoreError> {
        let count = self.int_or_null(column)?.map(u32::try_from);
        count.transpose().map_err(|_| self.corrupt(column))
    }

    pub(crate) fn bool(&self, column: &'static str) -> Result<bool, StoreError> {
        self.read(column)
    }

    pub(crate) fn bool_or_null(&self, column: &'static str) -> Result<Option<bool>, StoreError> {
        self.read(column)
    }

    pub(crate) fn blob(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.read(column)
    }

    pub(crate) fn blob_or_null(&self, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(column)
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.time_or_null(column)?
            .ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn time_or_null(
        &self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let time = match &self.row {
            Native::Sqlite(row) => match row.get::<Option<i64>>(column) {
                Ok(micros) => micros.map(Timestamp::from_microsecond).transpose().ok(),
                Err(_) => None,
            },
            Native::Postgres(row) => row
                .get::<Option<PgTime>>(column)
                .map(|time| time.map(|time| time.0)),
        };
        time.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn date_or_null(&self, column: &'static str) -> Result<Option<Date>, StoreError> {
        match &self.row {
            Native::Sqlite(_) => self.parse_or_null(column),
            Native::Postgres(row) => row
                .get::<Option<PgDate>>(column)
                .map(|date| date.map(|date| date.0))
                .ok_or_else(|| self.corrupt(column)),
        }
    }

    /// A column whose text is parsed into a type; what does not parse is corrupt.
    pub(crate) fn parse<T: std::str::FromStr>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| self.corrupt(column))
    }

    pub(crate) fn parse_or_null<T: std::str::FromStr>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text = self.text_or_null(column)?;
        text.map(|text| text.parse().map_err(|_| self.corrupt(column)))
            .transpose()
    }

    /// A column that holds a document.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let document = match &self.row {
            Native::Sqlite(row) => row
                .get::<String>(column)
                .ok()
                .and_then(|text| serde_json::from_str(&text).ok()),
            Native::Postgres(row) => row.get::<Json<T>>(column).map(|Json(document)| document),
        };
        document.ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn corrupt(&self, column: &'static str) -> StoreError {
        let row = match &self.row {
            Native::Sqlite(row) => row.first::<String>().ok(),
            Native::Postgres(row) => row.first(),
        };
        StoreError::Corrupt {
            table: self.table,
            row: row.unwrap_or_default(),
            column,
        }
    }

    fn read<'r, T>(&'r self, column: &'static str) -> Result<T, StoreError>
    where
        T: FromSql + Decode<'r, Postgres> + Type<Postgres>,
    {
        let value = match &self.row {
            Native::Sqlite(row) => row.get(column).ok(),
            Native::Postgres(row) => row.get(column),
        };
        value.ok_or_else(|| self.corrupt(column))
    }
}
