use portico_store::{Place, tables::TABLES};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

use crate::TestApp;

impl TestApp {
    /// Every value of every row, sealed ones opened, as `table.column: text`: what somebody can learn
    /// who has the database and the key.
    pub async fn everything_stored(&self) -> Vec<String> {
        let mut conn = SqliteConnection::connect(&self.database_url())
            .await
            .expect("the database opens a second time");
        let mut found = Vec::new();
        for table in TABLES {
            for (column, _) in table.columns {
                let keys = table.key.iter().map(|key| match table.kind(key) {
                    portico_store::tables::Kind::Blob => format!("lower(hex({key}))"),
                    _ => (*key).to_owned(),
                });
                let sql = format!(
                    "SELECT {} AS key, CAST({column} AS BLOB) AS value FROM {} \
                     WHERE {column} IS NOT NULL",
                    keys.collect::<Vec<_>>().join(" || '/' || "),
                    table.name
                );
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn);
                for row in rows.await.expect("every listed column is there") {
                    let value = self.opened(table.name, column, &row);
                    let text = String::from_utf8_lossy(&value);
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
        row: &sqlx::sqlite::SqliteRow,
    ) -> Vec<u8> {
        let (key, value): (String, Vec<u8>) = (row.get("key"), row.get("value"));
        let Some(column) = column.strip_suffix("_sealed") else {
            return value;
        };
        let place = Place {
            table,
            row: &key,
            column,
        };
        let opened = self.app.db.vault().open(place, &value);
        opened.expect("it opens in its place").to_vec()
    }
}
