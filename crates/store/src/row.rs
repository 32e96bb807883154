use jiff::Timestamp;
use sqlx::{Row as _, sqlite::SqliteRow};

use crate::StoreError;

/// One row of a result. Reading a column names the table and row when the content is impossible.
pub(crate) struct Row {
    row: SqliteRow,
    table: &'static str,
}

impl Row {
    pub(crate) fn new(row: SqliteRow, table: &'static str) -> Self {
        Self { row, table }
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

    pub(crate) fn count(&self, column: &'static str) -> Result<u32, StoreError> {
        self.int(column)?
            .try_into()
            .map_err(|_| self.corrupt(column))
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
        let micros: Option<i64> = self.read(column)?;
        let time = micros.map(Timestamp::from_microsecond).transpose();
        time.map_err(|_| self.corrupt(column))
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

    /// A column whose text is JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn corrupt(&self, column: &'static str) -> StoreError {
        let row = self.row.try_get::<String, _>(0).unwrap_or_default();
        StoreError::Corrupt {
            table: self.table,
            row,
            column,
        }
    }

    fn read<'r, T>(&'r self, column: &'static str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.row.try_get(column).map_err(|_| self.corrupt(column))
    }
}
