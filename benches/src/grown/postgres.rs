//! Copies in a PostgreSQL database, through `COPY`.

use std::{
    fmt::Write as _,
    io::{BufWriter, Write},
    process::Stdio,
};

use anyhow::{Context, bail};
use jiff::Timestamp;

use super::{Created, Filled, Original, Value, Values};
use crate::postgres::Postgres;

/// A database of the private cluster.
pub struct Database<'p> {
    /// The cluster.
    pub postgres: &'p Postgres,
    /// Its name.
    pub name: &'p str,
}

impl Database<'_> {
    fn sql(&self, text: &str) -> anyhow::Result<String> {
        let printed = self.postgres.sql(self.name, text)?;
        Ok(printed.trim_end_matches('\n').to_owned())
    }

    fn columns(&self, table: &str) -> anyhow::Result<Vec<String>> {
        let columns = self.sql(&format!(
            "SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass \
             AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        ))?;
        Ok(columns.lines().map(str::to_owned).collect())
    }
}

impl Filled for Database<'_> {
    fn newest_session(&self) -> anyhow::Result<Created> {
        let row = self.sql(
            "SELECT id, subject, encode(data_sealed, 'hex') FROM events \
             WHERE type = 'connectSession.created' ORDER BY id DESC LIMIT 1",
        )?;
        let mut fields = row.split('|').map(str::to_owned);
        let mut field = || fields.next().context("the product has created a session");
        let (event, session, sealed) = (field()?, field()?, field()?);
        let byte = |at| u8::from_str_radix(&sealed[at..at + 2], 16);
        let sealed = (0..sealed.len()).step_by(2).map(byte);
        Ok(Created {
            event,
            session,
            sealed: sealed.collect::<Result<_, _>>()?,
        })
    }

    fn copy(&self, of: Original<'_>, count: u64, values: Values<'_>) -> anyhow::Result<()> {
        let Original {
            table,
            condition,
            changes,
        } = of;
        let columns = self.columns(table)?;
        let list = columns.join(", ");
        let select = format!("COPY (SELECT {list} FROM {table} WHERE {condition}) TO STDOUT");
        let one = self.sql(&select)?;
        let mut fields: Vec<_> = one.split('\t').map(str::to_owned).collect();
        if fields.len() != columns.len() {
            bail!("there is no row of {table} to copy");
        }
        let at = |change: &&str| columns.iter().position(|column| column == change);
        let places: Option<Vec<_>> = changes.iter().map(at).collect();
        let places = places.context("a column that changes is gone")?;
        let mut psql = self.postgres.client("psql");
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.name, "-c"]);
        psql.arg(format!("COPY {table} ({list}) FROM STDIN"));
        let mut psql = psql.stdin(Stdio::piped()).spawn()?;
        let mut rows = BufWriter::with_capacity(1 << 18, psql.stdin.take().context("a pipe")?);
        for number in 0..count {
            for (place, value) in places.iter().zip(values(number)?) {
                write_field(&mut fields[*place], &value)?;
            }
            rows.write_all(fields.join("\t").as_bytes())?;
            rows.write_all(b"\n")?;
        }
        rows.flush()?;
        drop(rows);
        if !psql.wait()?.success() {
            bail!("{table} refuses copies");
        }
        Ok(())
    }

    fn size(&self) -> anyhow::Result<f64> {
        let size = self.sql("SELECT pg_database_size(current_database())")?;
        Ok(size.parse()?)
    }

    fn finish(&self) -> anyhow::Result<()> {
        // Neither should run while something is measured.
        self.sql("VACUUM ANALYZE")?;
        self.sql("CHECKPOINT").map(drop)
    }
}

/// As `COPY` reads it. Texts here have nothing that would have to be escaped.
fn write_field(field: &mut String, value: &Value) -> anyhow::Result<()> {
    field.clear();
    match value {
        Value::Text(text) => field.push_str(text),
        Value::Time(micros) => write!(field, "{}", Timestamp::from_microsecond(*micros)?)?,
        Value::Nothing => field.push_str("\\N"),
        Value::Bytes(bytes) => {
            field.push_str("\\\\x");
            for byte in bytes {
                for half in [byte >> 4, byte & 15] {
                    field.push(char::from(b"0123456789abcdef"[usize::from(half)]));
                }
            }
        }
    }
    Ok(())
}
