//! Whole rows, whatever their table: read in primary-key order and written as they were.
//!
//! Sealed values travel as they are; nothing here needs a key. What a row says is also a text that is
//! the same on every engine, so that two databases can be compared without trusting either.

use serde_json::{Value as Json, json};

use crate::{
    StoreError, Tx,
    position::{Position, hex, key_columns, key_marks},
    row::Row,
    tables::{Kind, Table},
    value::Value,
};

/// A row of a table in the list.
#[derive(Debug, Clone)]
pub struct StoredRow {
    table: &'static Table,
    values: Vec<Value>,
    position: Position,
}

impl StoredRow {
    fn read(table: &'static Table, row: &Row) -> Result<Self, StoreError> {
        let columns = table.columns.iter();
        let values = columns.map(|(column, kind)| row.value(column, *kind));
        Ok(Self {
            table,
            values: values.collect::<Result<_, _>>()?,
            position: Position::of(table, row)?,
        })
    }

    /// The name that its sealed values are bound to.
    pub fn name(&self) -> String {
        self.position.row_name(self.table)
    }

    /// Where it stands in its table, in a form that can be kept.
    pub fn position(&self) -> String {
        self.position.to_text()
    }

    /// Its columns with what they hold, in the order of the list; `None` for null.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, Option<Vec<u8>>)> {
        let columns = self.table.columns.iter().map(|(name, _)| *name);
        columns.zip(self.values.iter().map(bytes))
    }

    /// What it says, the same on every engine.
    pub fn canonical(&self) -> String {
        let fields: Vec<Json> = self.values.iter().map(canonical).collect();
        Json::from(fields).to_string()
    }
}

fn canonical(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Int(int) => json!(int),
        Value::Bool(bool) => json!(bool),
        Value::Blob(blob) => json!(blob.as_deref().map(hex)),
        Value::Time(time) => json!(time.map(|time| time.as_microsecond())),
        Value::Date(date) => json!(date.map(|date| date.to_string())),
        Value::Json(document) => document.clone(),
    }
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Blob(blob) => blob.clone(),
        Value::Text(text) => text.clone().map(String::into_bytes),
        other => match canonical(other) {
            Json::Null => None,
            value => Some(value.to_string().into_bytes()),
        },
    }
}

/// The next rows of a table in primary-key order, after a position that was kept.
///
/// # Errors
/// The position is none of this table's, a row cannot be read, or the store failed.
pub async fn read(
    tx: &mut Tx,
    table: &'static Table,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<StoredRow>, StoreError> {
    let key = key_columns(table);
    let mut args = Vec::new();
    let mut beyond = String::new();
    if let Some(text) = after {
        let position = Position::from_text(table, text).ok_or(StoreError::Stale("the progress"))?;
        args = position.0;
        beyond = format!("WHERE ({key}) > {}", key_marks(table, 1));
    }
    args.push(Value::from(limit));
    let sql = format!(
        "SELECT * FROM {} {beyond} ORDER BY {key} LIMIT ${}",
        table.name,
        args.len()
    );
    let rows = tx.all_built(table.name, sql, args).await?;
    rows.iter().map(|row| StoredRow::read(table, row)).collect()
}

/// Writes rows of one table as they are; all of the same table.
///
/// # Errors
/// [`StoreError::Unique`] when one is there already, or the store failed.
pub async fn insert(tx: &mut Tx, rows: &[StoredRow]) -> Result<(), StoreError> {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let columns: Vec<_> = first.table.columns.iter().map(|(name, _)| *name).collect();
    let width = columns.len();
    let marks = |row: usize| {
        let numbers = (1..=width).map(|n| format!("${}", row * width + n));
        format!("({})", numbers.collect::<Vec<_>>().join(", "))
    };
    let sql = format!(
        "INSERT INTO {} ({}) VALUES {}",
        first.table.name,
        columns.join(", "),
        (0..rows.len()).map(marks).collect::<Vec<_>>().join(", ")
    );
    let args = rows.iter().flat_map(|row| row.values.clone()).collect();
    tx.execute_built(sql, args).await.map(drop)
}

/// How many rows a table has.
///
/// # Errors
/// The store failed.
pub async fn count(tx: &mut Tx, table: &Table) -> Result<i64, StoreError> {
    let sql = format!("SELECT COUNT(*) AS n FROM {}", table.name);
    let rows = tx.all_built(table.name, sql, vec![]).await?;
    rows.first().map_or(Ok(0), |row| row.int("n"))
}

impl Row {
    fn value(&self, column: &'static str, kind: Kind) -> Result<Value, StoreError> {
        Ok(match kind {
            Kind::Text => Value::Text(self.text_or_null(column)?),
            Kind::Int => Value::Int(self.int_or_null(column)?),
            Kind::Bool => Value::Bool(self.bool_or_null(column)?),
            Kind::Blob => Value::Blob(self.blob_or_null(column)?),
            Kind::Time => Value::Time(self.time_or_null(column)?),
            Kind::Date => Value::Date(self.date_or_null(column)?),
            Kind::Json => Value::Json(self.json(column)?),
        })
    }
}
