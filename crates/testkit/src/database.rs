//! A database of its own for each test, on either engine.

use std::path::{Path, PathBuf};

use portico_ambient::Random;
use rusqlite::Connection as Sqlite;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tempfile::TempDir;

/// Names the engine of tests that do not care: `sqlite` (also when unset) or `postgres`.
const ENGINE: &str = "PORTICO_TEST_ENGINE";
/// Where the tests' PostgreSQL is; `scripts/postgres-for-tests` starts it and says so.
const POSTGRES: &str = "PORTICO_TEST_POSTGRES";

/// What an engine said to a statement it refused.
pub type Refused = Box<dyn std::error::Error + Send + Sync>;

/// An empty database, and a directory for whatever else a test keeps.
pub struct TestDatabase {
    dir: TempDir,
    engine: Engine,
}

enum Engine {
    Sqlite,
    /// A schema of the tests' PostgreSQL; it goes away with the whole cluster.
    Postgres {
        server: String,
        schema: String,
    },
}

impl TestDatabase {
    /// On the engine that `PORTICO_TEST_ENGINE` names.
    pub async fn new() -> Self {
        match std::env::var(ENGINE).as_deref() {
            Err(_) | Ok("sqlite") => Self::sqlite(),
            Ok("postgres") => Self::postgres().await,
            Ok(other) => panic!("{ENGINE} is {other}; it must be sqlite or postgres"),
        }
    }

    /// A SQLite file.
    pub fn sqlite() -> Self {
        Self {
            dir: directory(),
            engine: Engine::Sqlite,
        }
    }

    /// A schema of the tests' PostgreSQL.
    pub async fn postgres() -> Self {
        let server = std::env::var(POSTGRES).unwrap_or_else(|_| {
            panic!("{POSTGRES} is not set; run the tests with `cargo nextest run`")
        });
        let schema = format!("t_{}", Random::system().base62(16).to_lowercase());
        let database = Self {
            dir: directory(),
            engine: Engine::Postgres { server, schema },
        };
        database.create().await;
        database
    }

    /// Another empty database of the same engine.
    pub async fn another(&self) -> Self {
        match self.engine {
            Engine::Sqlite => Self::sqlite(),
            Engine::Postgres { .. } => Self::postgres().await,
        }
    }

    async fn create(&self) {
        let Engine::Postgres { schema, .. } = &self.engine else {
            return;
        };
        self.by_hand(format!("CREATE SCHEMA {schema}"))
            .await
            .expect("a schema can be created");
    }

    /// What `Db::open` takes.
    pub fn url(&self) -> String {
        match &self.engine {
            Engine::Sqlite => format!("sqlite://{}", self.file().display()),
            Engine::Postgres { server, schema } => {
                format!("{server}?options=-c%20search_path%3D{schema}")
            }
        }
    }

    fn file(&self) -> PathBuf {
        self.dir().join("test.db")
    }

    /// Whether it is on PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres { .. })
    }

    /// A directory that goes away with the database; SQLite's file is in it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Runs a statement past the store, as a tool of the operator's would.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn by_hand(&self, sql: impl Into<String>) -> Result<(), Refused> {
        let sql = sql.into();
        match self.engine {
            Engine::Sqlite => Ok(Sqlite::open(self.file())?.execute_batch(&sql)?),
            Engine::Postgres { .. } => {
                let mut conn = PgConnection::connect(&self.url()).await?;
                let sql = AssertSqlSafe(sql);
                sqlx::raw_sql(sql).execute(&mut conn).await?;
                Ok(conn.close().await?)
            }
        }
    }

    /// The text and the number of each row of a query, past the store.
    pub async fn counts(&self, sql: &'static str) -> Vec<(String, i64)> {
        counts_at(&self.url(), sql).await
    }

    /// Every column as the engine describes it: table, name, type and place in the primary key, 0
    /// for none.
    pub async fn schema(&self) -> Vec<String> {
        let found = match self.engine {
            Engine::Sqlite => {
                self.counts(
                    "SELECT t.name || '.' || c.name || ' ' || c.type, c.pk \
                     FROM sqlite_master AS t, pragma_table_info(t.name) AS c \
                     WHERE t.type = 'table' AND t.name <> '_sqlx_migrations'",
                )
                .await
            }
            Engine::Postgres { .. } => {
                self.counts(
                    "SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type \
                     || COALESCE(' ' || c.collation_name, ''), \
                     CAST(COALESCE(k.ordinal_position, 0) AS BIGINT) \
                     FROM information_schema.columns AS c \
                     LEFT JOIN information_schema.table_constraints AS p \
                     ON p.table_schema = c.table_schema AND p.table_name = c.table_name \
                     AND p.constraint_type = 'PRIMARY KEY' \
                     LEFT JOIN information_schema.key_column_usage AS k \
                     ON k.constraint_name = p.constraint_name \
                     AND k.table_schema = c.table_schema AND k.table_name = c.table_name \
                     AND k.column_name = c.column_name \
                     WHERE c.table_schema = current_schema() \
                     AND c.table_name <> '_sqlx_migrations'",
                )
                .await
            }
        };
        found
            .into_iter()
            .map(|(column, part)| format!("{column} {part}"))
            .collect()
    }

    /// Everything the engine stores, as bytes: what somebody who steals the disk gets.
    pub async fn stolen(&self) -> Vec<u8> {
        match &self.engine {
            Engine::Sqlite => std::fs::read_dir(self.dir())
                .expect("the directory is there")
                .flat_map(|file| {
                    let path = file.expect("it can be listed").path();
                    std::fs::read(path).expect("its files can be read")
                })
                .collect(),
            Engine::Postgres { schema, .. } => {
                let mut conn = PgConnection::connect(&self.url())
                    .await
                    .expect("the server is there");
                every_row(&mut conn, schema).await
            }
        }
    }
}

/// The text and the number of each row of a query to the database at `url`.
pub(crate) async fn counts_at(url: &str, sql: &'static str) -> Vec<(String, i64)> {
    if let Some(file) = url.strip_prefix("sqlite://") {
        return counts_in(Path::new(file), sql).expect("the query fits the schema");
    }
    let mut conn = PgConnection::connect(url)
        .await
        .expect("the server is there");
    let rows = sqlx::query_as(sql).fetch_all(&mut conn).await;
    rows.expect("the query fits the schema")
}

/// The same of a SQLite file.
fn counts_in(file: &Path, sql: &str) -> rusqlite::Result<Vec<(String, i64)>> {
    let conn = Sqlite::open(file)?;
    let mut query = conn.prepare(sql)?;
    query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Each table's rows as text, and what their binary columns hold as it is.
async fn every_row(conn: &mut PgConnection, schema: &str) -> Vec<u8> {
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = $1";
    let tables: Vec<String> = sqlx::query_scalar(tables)
        .bind(schema)
        .fetch_all(&mut *conn)
        .await
        .expect("the tables can be listed");
    let mut all = Vec::new();
    for table in tables {
        let sql = format!("SELECT CAST(t AS TEXT) AS line FROM {schema}.{table} AS t");
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *conn).await;
        for row in rows.expect("the table can be read") {
            let line: String = row.get("line");
            for binary in line.split("\\\\x").skip(1) {
                all.extend(bytes_of(binary));
            }
            all.extend(line.into_bytes());
        }
    }
    all
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .chars()
        .map_while(|digit| digit.to_digit(16))
        .map(|digit| u8::try_from(digit).expect("a hexadecimal digit"))
        .collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory can be made")
}
