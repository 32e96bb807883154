//! What is said of a table.

/// What a column holds, on every engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, in byte order.
    Text,
    /// A whole number of 64 bits.
    Int,
    /// True or false.
    Bool,
    /// Bytes.
    Blob,
    /// An instant, to the microsecond.
    Time,
    /// A calendar day.
    Date,
    /// A JSON document.
    Json,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns of its primary key; text or bytes, never null.
    pub key: &'static [&'static str],
    /// All of its columns.
    pub columns: &'static [(&'static str, Kind)],
}

impl Table {
    /// What a column holds.
    ///
    /// # Panics
    /// The table has no such column.
    pub fn kind(&self, column: &str) -> Kind {
        let found = self.columns.iter().find(|(name, _)| *name == column);
        found.expect("the column stands in the list").1
    }

    /// The columns that hold sealed values.
    pub fn sealed(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.columns.iter().map(|(name, _)| *name);
        columns.filter(|name| name.ends_with("_sealed"))
    }
}
