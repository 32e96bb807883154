//! Migrations of a SQLite file, in the form and the table that `sqlx` keeps them in, so that both
//! engines tell their state in the same way.

use portico_ambient::Ambient;
use sqlx::migrate::{MigrateError, Migrator};

use super::connection::Connection;
use crate::{
    StoreError,
    value::{Value, args},
};

pub(in crate::db) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

const TABLE: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
)";
const APPLIED: &str = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version";
const INSERT: &str = "INSERT INTO _sqlx_migrations \
    (version, description, success, checksum, execution_time) VALUES ($1, $2, TRUE, $3, $4)";

/// Applies what is missing, each migration in a transaction of its own.
pub(in crate::db) fn run(conn: &Connection, ambient: &Ambient) -> Result<(), StoreError> {
    conn.batch(TABLE)?;
    for row in conn.rows(APPLIED, &[])? {
        let corrupt = |_| StoreError::Corrupt {
            table: "_sqlx_migrations",
            row: String::new(),
            column: "checksum",
        };
        let version: i64 = row.get("version").map_err(corrupt)?;
        let checksum: Vec<u8> = row.get("checksum").map_err(corrupt)?;
        match MIGRATIONS.iter().find(|known| known.version == version) {
            None => return Err(MigrateError::VersionMissing(version).into()),
            Some(known) if *known.checksum != checksum => {
                return Err(MigrateError::VersionMismatch(version).into());
            }
            Some(_) => {}
        }
    }
    for migration in MIGRATIONS.iter() {
        apply(conn, ambient, migration)?;
    }
    Ok(())
}

fn apply(
    conn: &Connection,
    ambient: &Ambient,
    migration: &sqlx::migrate::Migration,
) -> Result<(), StoreError> {
    let begun = ambient.now();
    conn.batch("BEGIN IMMEDIATE")?;
    let applied = (|| {
        // Another process may have been quicker.
        let there = "SELECT 1 AS n FROM _sqlx_migrations WHERE version = $1";
        if !conn.rows(there, &[migration.version.into()])?.is_empty() {
            return Ok(());
        }
        conn.batch(migration.sql.as_str())?;
        let took = ambient.now().duration_since(begun).as_nanos();
        let row: Vec<Value> = args![
            migration.version,
            migration.description.as_ref(),
            migration.checksum.to_vec(),
            i64::try_from(took).unwrap_or(i64::MAX),
        ];
        conn.execute(INSERT, &row).map(drop)
    })();
    conn.batch(if applied.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    })?;
    applied
}
