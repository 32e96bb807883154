//! Sealing anew what an older key sealed, while servers run.
//!
//! Guarantee: a row is written only when it still holds the very ciphertext that was opened, so a
//! value a server writes meanwhile is never lost. Each batch keeps, in its own transaction, how far it
//! came; a crash undoes at most that batch. Running it again changes nothing that is done.

use std::collections::BTreeMap;

use crate::{
    StoreError, Tx,
    keys::is_current,
    position::{Position, key_columns, key_marks},
    progress::{self, Progress},
    tables::{TABLES, Table},
    value::Value,
    vault::{KeyId, Place},
};

/// Rows looked at in one transaction.
const BATCH: u32 = 200;
/// Rows looked at in one statement when only their keys are counted.
const COUNTED: u32 = 5_000;
const END: &str = "end";

/// A column of sealed values.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    table: &'static Table,
    name: &'static str,
}

/// What a batch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// Rows sealed anew so far, since the work on the column began.
    pub resealed: i64,
    /// Whether the column is done.
    pub is_last: bool,
}

/// Every column of sealed values.
pub fn columns() -> impl Iterator<Item = Column> {
    TABLES
        .iter()
        .flat_map(|table| table.sealed().map(move |name| Column { table, name }))
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.table.name, self.name)
    }
}

impl Column {
    /// The name that values of the column are bound to.
    fn place(&self) -> &'static str {
        self.name.strip_suffix("_sealed").unwrap_or(self.name)
    }

    /// The next rows' keys with `what` of the column, under that name.
    async fn rows(
        &self,
        tx: &mut Tx,
        after: Option<&Position>,
        (what, limit): (&str, u32),
    ) -> Result<Vec<(Position, Vec<u8>)>, StoreError> {
        let (table, column, key) = (self.table, self.name, key_columns(self.table));
        let mut args = after.map(|position| position.0.clone()).unwrap_or_default();
        let beyond = match after {
            Some(_) => format!("AND ({key}) > {}", key_marks(table, 1)),
            None => String::new(),
        };
        args.push(Value::from(limit));
        let sql = format!(
            "SELECT {key}, {what} AS found FROM {} WHERE {column} IS NOT NULL {beyond} \
             ORDER BY {key} LIMIT ${}",
            table.name,
            args.len()
        );
        let rows = tx.all_built(table.name, sql, args).await?;
        rows.iter()
            .map(|row| Ok((Position::of(table, row)?, row.blob("found")?)))
            .collect()
    }

    async fn replace(
        &self,
        tx: &mut Tx,
        position: &Position,
        values: (Vec<u8>, Vec<u8>),
    ) -> Result<u64, StoreError> {
        let (table, column) = (self.table, self.name);
        let (old, new) = values;
        let mut args = vec![Value::from(new), Value::from(old)];
        args.extend(position.0.clone());
        let sql = format!(
            "UPDATE {} SET {column} = $1 WHERE ({}) = {} AND {column} = $2",
            table.name,
            key_columns(table),
            key_marks(table, 3)
        );
        tx.execute_built(sql, args).await
    }
}

/// The task of sealing everything with the key that seals now.
fn task(tx: &Tx) -> String {
    format!("keys.rotate/{}", tx.vault().key_id())
}

/// Seals the next rows of a column anew.
///
/// # Errors
/// A value was sealed with a key that is not configured, does not open, or the store failed.
pub async fn reseal(tx: &mut Tx, column: Column) -> Result<Batch, StoreError> {
    let (task, item) = (task(tx), column.to_string());
    let before = progress::find(tx, &task, &item).await?;
    let (position, mut resealed) = match before {
        Some(before) => (before.position, before.done),
        None => (None, 0),
    };
    if position.as_deref() == Some(END) {
        let is_last = true;
        return Ok(Batch { resealed, is_last });
    }
    let after = position.and_then(|text| Position::from_text(column.table, &text));
    let rows = column
        .rows(tx, after.as_ref(), (column.name, BATCH))
        .await?;
    for (position, sealed) in &rows {
        resealed += i64::from(reseal_row(tx, column, position, sealed).await?);
    }
    let is_last = rows.len() < BATCH as usize;
    let last = rows.last().map(|(position, _)| position.to_text());
    let position = if is_last { Some(END.to_owned()) } else { last };
    let done = resealed;
    progress::keep(tx, &task, &item, &Progress { position, done }).await?;
    Ok(Batch { resealed, is_last })
}

async fn reseal_row(
    tx: &mut Tx,
    column: Column,
    position: &Position,
    sealed: &[u8],
) -> Result<bool, StoreError> {
    let vault = tx.vault().clone();
    if is_current(&vault, sealed) {
        return Ok(false);
    }
    let row = position.row_name(column.table);
    let place = Place {
        table: column.table.name,
        row: &row,
        column: column.place(),
    };
    let anew = vault.reseal(place, sealed)?;
    let values = (sealed.to_vec(), anew);
    Ok(column.replace(tx, position, values).await? == 1)
}

/// Forgets how far the work came: it is done, or begins anew.
///
/// # Errors
/// The store failed.
pub async fn forget(tx: &mut Tx) -> Result<(), StoreError> {
    let task = task(tx);
    progress::forget(tx, &task).await
}

/// How many values each key has sealed, by the key's id as text. Reads every sealed column, piece by
/// piece.
///
/// # Errors
/// A value has no known form, or the store failed.
pub async fn count_by_key(tx: &mut Tx) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    for column in columns() {
        // The first bytes say the key.
        let head = format!("SUBSTR({}, 1, 5)", column.name);
        let mut after = None;
        loop {
            let rows = column.rows(tx, after.as_ref(), (&head, COUNTED)).await?;
            for (position, head) in &rows {
                let id = KeyId::of_head(head).ok_or_else(|| StoreError::Corrupt {
                    table: column.table.name,
                    row: position.row_name(column.table),
                    column: column.name,
                })?;
                *counts.entry(id.to_string()).or_default() += 1;
            }
            if rows.len() < COUNTED as usize {
                break;
            }
            after = rows.into_iter().next_back().map(|(position, _)| position);
        }
    }
    Ok(counts)
}
