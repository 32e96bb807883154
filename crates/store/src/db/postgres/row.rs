use std::{ops::Range, sync::Arc};

use sqlx::{Column as _, Decode, Postgres, Row as _, Type, postgres::PgRow};

/// Some columns of a row of a result that stand beside each other.
pub(crate) struct PostgresRow {
    row: Arc<PgRow>,
    /// All of them, if none.
    within: Option<Range<usize>>,
}

impl PostgresRow {
    pub(crate) fn new(row: PgRow) -> Self {
        Self {
            row: Arc::new(row),
            within: None,
        }
    }

    /// The columns before the one of that name, and those after it.
    pub(crate) fn split(self, column: &str) -> Option<(Self, Self)> {
        let within = self.within.unwrap_or(0..self.row.len());
        let at = position(&self.row, &within, column)?;
        let part = |within| Self {
            row: self.row.clone(),
            within: Some(within),
        };
        Some((part(within.start..at), part(at + 1..within.end)))
    }

    /// `None` if there is no such column, or what it holds is no `T`.
    pub(crate) fn get<'r, T>(&'r self, column: &str) -> Option<T>
    where
        T: Decode<'r, Postgres> + Type<Postgres>,
    {
        match &self.within {
            None => self.row.try_get(column).ok(),
            Some(within) => {
                let at = position(&self.row, within, column)?;
                self.row.try_get(at).ok()
            }
        }
    }

    pub(crate) fn first(&self) -> Option<String> {
        let at = self.within.as_ref().map_or(0, |within| within.start);
        self.row.try_get(at).ok()
    }
}

fn position(row: &PgRow, within: &Range<usize>, column: &str) -> Option<usize> {
    let columns = row.columns().get(within.clone())?;
    let at = columns.iter().position(|known| known.name() == column)?;
    Some(within.start + at)
}
