//! One module per command. Each works on the database itself, so it takes effect on a running
//! server at once.

pub mod api_key;
pub mod backup;
pub mod carrier;
pub mod health;
pub mod keys;
pub mod migrate;
pub mod r#move;
pub mod project;
pub mod redact;
pub mod serve;

use std::{fmt::Display, io::Write};

use jiff::Timestamp;
use portico_app::AppError;
use portico_store::Db;

use crate::{cli::ConfigArgs, config::Settings, wiring};

async fn database(args: &ConfigArgs) -> anyhow::Result<Db> {
    let settings = Settings::load(args.config.as_deref())?;
    wiring::database_to_manage(&settings).await
}

/// What an operation refused, naming each setting at fault.
fn refused(error: AppError) -> anyhow::Error {
    match error {
        AppError::Invalid(problems) => {
            let each = problems
                .iter()
                .map(|problem| format!("{}: {}", problem.property, problem.message));
            anyhow::anyhow!(each.collect::<Vec<_>>().join(" "))
        }
        other => other.into(),
    }
}

/// Prints to standard output. A reader that went away is no error.
fn print(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints rows in aligned columns.
fn print_table<const N: usize>(head: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].len()]).max().unwrap_or_default()
    };
    let line = |cells: [&str; N]| {
        let padded = cells
            .into_iter()
            .enumerate()
            .map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    print(line(head));
    for row in rows {
        print(line(row.each_ref().map(String::as_str)));
    }
}

/// An instant, to the second.
fn time(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
