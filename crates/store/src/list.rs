//! Keyset paging: newest first, by id, never by OFFSET.

use crate::{StoreError, Tx, row::Row, value::Value};

/// Which part of a list is asked for.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// Items older than this id.
    pub after: Option<String>,
    /// Items newer than this id.
    pub before: Option<String>,
    /// How many at the most: 0–200.
    pub limit: u32,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// The last item's id, when older ones follow.
    pub more_after: Option<String>,
    /// The first item's id, when newer ones precede.
    pub more_before: Option<String>,
}

impl<T> Page<T> {
    /// The same page with its items turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(turn).collect(),
            more_after: self.more_after,
            more_before: self.more_before,
        }
    }
}

/// A list query under construction. Text comes from constants only; values are parameters.
pub(crate) struct ListQuery {
    table: &'static str,
    conditions: Vec<String>,
    args: Vec<Value>,
}

impl ListQuery {
    pub(crate) fn of(table: &'static str) -> Self {
        Self {
            table,
            conditions: Vec::new(),
            args: Vec::new(),
        }
    }

    /// `column = value`.
    pub(crate) fn with(mut self, column: &'static str, value: impl Into<Value>) -> Self {
        self.args.push(value.into());
        self.conditions
            .push(format!("{column} = ${}", self.args.len()));
        self
    }

    /// `column = value`, if there is one.
    pub(crate) fn with_some<V: Into<Value>>(self, column: &'static str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.with(column, value),
            None => self,
        }
    }

    /// `column` is one of `values`; no condition when there are none.
    pub(crate) fn with_any(mut self, column: &'static str, values: &[&str]) -> Self {
        if values.is_empty() {
            return self;
        }
        let mut marks = Vec::new();
        for value in values {
            self.args.push(Value::from(*value));
            marks.push(format!("${}", self.args.len()));
        }
        self.conditions
            .push(format!("{column} IN ({})", marks.join(", ")));
        self
    }

    /// A condition without a parameter.
    pub(crate) fn with_fixed(mut self, condition: &'static str) -> Self {
        self.conditions.push(condition.to_owned());
        self
    }

    /// The page's rows, turned into items.
    pub(crate) async fn page<T>(
        self,
        tx: &mut Tx,
        request: &PageRequest,
        mut item: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Page<T>, StoreError> {
        let backwards = request.before.is_some();
        let anchor = request.after.clone().or_else(|| request.before.clone());
        let limit = request.limit as usize;
        let mut rows = self
            .rows(tx, anchor.as_deref(), backwards, request.limit + 1)
            .await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        if backwards {
            rows.reverse();
        }
        let first = rows.first().map(|row| row.text("id")).transpose()?;
        let last = rows.last().map(|row| row.text("id")).transpose()?;
        let behind = !rows.is_empty() && self.is_behind(tx, anchor.as_deref(), backwards).await?;
        let (older, newer) = if backwards {
            (behind, more)
        } else {
            (more, behind)
        };
        Ok(Page {
            items: rows.iter().map(&mut item).collect::<Result<_, _>>()?,
            more_after: last.filter(|_| older),
            more_before: first.filter(|_| newer),
        })
    }

    async fn rows(
        &self,
        tx: &mut Tx,
        anchor: Option<&str>,
        backwards: bool,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let mut args = self.args.clone();
        let mut conditions = self.conditions.clone();
        let (comparison, order) = if backwards {
            (">", "ASC")
        } else {
            ("<", "DESC")
        };
        if let Some(anchor) = anchor {
            args.push(Value::from(anchor));
            conditions.push(format!("id {comparison} ${}", args.len()));
        }
        args.push(Value::from(limit));
        let sql = format!(
            "SELECT * FROM {} WHERE {} ORDER BY id {order} LIMIT ${}",
            self.table,
            conditions.join(" AND "),
            args.len()
        );
        tx.all_built(self.table, sql, args).await
    }

    /// Whether the list holds the anchor or something on its far side: then the page leads back.
    /// The anchor itself may have left the list since.
    async fn is_behind(
        &self,
        tx: &mut Tx,
        anchor: Option<&str>,
        backwards: bool,
    ) -> Result<bool, StoreError> {
        let Some(anchor) = anchor else {
            return Ok(false);
        };
        let comparison = if backwards { "<=" } else { ">=" };
        let mut args = self.args.clone();
        let mut conditions = self.conditions.clone();
        args.push(Value::from(anchor));
        conditions.push(format!("id {comparison} ${}", args.len()));
        let conditions = conditions.join(" AND ");
        let sql = format!("SELECT id FROM {} WHERE {conditions} LIMIT 1", self.table);
        Ok(!tx.all_built(self.table, sql, args).await?.is_empty())
    }
}
