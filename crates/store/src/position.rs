//! A place in a table's primary-key order, as a parameter list and as text that can be kept.

use serde_json::Value as Json;

use crate::{
    StoreError,
    row::Row,
    tables::{Kind, Table},
    value::Value,
};

/// The primary key of one row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Position(pub Vec<Value>);

impl Position {
    /// Where `row` stands.
    pub fn of(table: &Table, row: &Row) -> Result<Self, StoreError> {
        let parts = table.key.iter().map(|column| match table.kind(column) {
            Kind::Blob => row.blob(column).map(Value::from),
            _ => row.text(column).map(Value::from),
        });
        parts.collect::<Result<_, _>>().map(Self)
    }

    /// The form that can be kept.
    pub fn to_text(&self) -> String {
        Json::from(self.parts()).to_string()
    }

    /// Reads the form that was kept; `None` for anything else.
    pub fn from_text(table: &Table, text: &str) -> Option<Self> {
        let parts: Vec<String> = serde_json::from_str(text).ok()?;
        if parts.len() != table.key.len() {
            return None;
        }
        let read = |(column, part): (&&str, String)| match table.kind(column) {
            Kind::Blob => unhex(&part).map(Value::from),
            _ => Some(Value::from(part)),
        };
        let values: Option<Vec<_>> = table.key.iter().zip(parts).map(read).collect();
        values.map(Self)
    }

    /// The name that sealed values of the row are bound to: its id, if it has one.
    pub fn row_name(&self, table: &Table) -> String {
        let mut parts = self.parts();
        match table.key.iter().position(|column| *column == "id") {
            Some(at) => parts.swap_remove(at),
            None => parts.join("/"),
        }
    }

    fn parts(&self) -> Vec<String> {
        let parts = self.0.iter().map(|value| match value {
            Value::Text(text) => text.clone().unwrap_or_default(),
            Value::Blob(bytes) => hex(bytes.as_deref().unwrap_or_default()),
            _ => unreachable!("keys are text or bytes; see `tables`"),
        });
        parts.collect()
    }
}

/// `a, b`: a table's primary key.
pub(crate) fn key_columns(table: &Table) -> String {
    table.key.join(", ")
}

/// `($3, $4)`: as many parameters as the key has columns, from `first`.
pub(crate) fn key_marks(table: &Table, first: usize) -> String {
    let marks = (first..first + table.key.len()).map(|n| format!("${n}"));
    format!("({})", marks.collect::<Vec<_>>().join(", "))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    digits
        .len()
        .is_multiple_of(2)
        .then(|| pairs.collect())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::TABLES;

    #[test]
    fn a_position_is_kept_as_text() {
        let table = TABLES.iter().find(|table| table.name == "idempotency_keys");
        let table = table.expect("the table");
        let position = Position(vec![Value::from("acme"), Value::from(vec![0, 255])]);
        let text = position.to_text();
        assert_eq!(Position::from_text(table, &text), Some(position.clone()));
        assert_eq!(position.row_name(table), "acme/00ff");
        for wrong in ["", "[]", r#"["acme","0"]"#, r#"["acme","zz"]"#] {
            assert_eq!(Position::from_text(table, wrong), None, "{wrong}");
        }
    }
}
