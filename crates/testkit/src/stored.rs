use portico_store::{Place, copy, tables::TABLES};

use crate::TestApp;

/// More rows than any test makes.
const ALL: u32 = 100_000;

impl TestApp {
    /// Every value of every row, sealed ones opened, as `table.column: text`: what somebody can learn
    /// who has the database and the key.
    pub async fn everything_stored(&self) -> Vec<String> {
        let mut tx = self.app.read().await.expect("the database reads");
        let mut found = Vec::new();
        for table in TABLES {
            let rows = copy::read(&mut tx, table, None, ALL).await;
            for row in rows.expect("every row can be read") {
                for (column, value) in row.fields() {
                    let value = value.map(|value| self.opened(table.name, column, &row, value));
                    let text = String::from_utf8_lossy(value.as_deref().unwrap_or_default());
                    found.push(format!("{}.{column}: {text}", table.name));
                }
            }
        }
        found
    }

    fn opened(
        &self,
        table: &'static str,
        column: &'static str,
        row: &copy::StoredRow,
        value: Vec<u8>,
    ) -> Vec<u8> {
        let Some(column) = column.strip_suffix("_sealed") else {
            return value;
        };
        let name = row.name();
        let row = name.as_str();
        let place = Place { table, row, column };
        let opened = self.app.db.vault().open(place, &value);
        opened.expect("it opens in its place").to_vec()
    }
}
