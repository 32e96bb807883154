//! `portico move`.

use std::io::IsTerminal;

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use portico_store::{
    Db,
    transfer::{self, Phase, Step, Sum},
};
use serde_json::json;

use super::{print, print_table};
use crate::{cli::MoveArgs, config, wiring};

/// Moves a database, or gives a move up.
///
/// # Errors
/// A database cannot be opened, the source is in use, the target holds something, or in the end the
/// two are not the same.
pub async fn run(args: MoveArgs) -> anyhow::Result<()> {
    let from = config::database_url("--from", args.from)?;
    let Some(to) = args.to else {
        return release(&from).await;
    };
    let to = config::database_url("--to", to)?;
    if from == to {
        bail!("--to: is the database of --from");
    }
    let (source, target) = wiring::databases_to_move(&from, &to).await?;
    let moved = transfer_all(&source, &target).await;
    source.close().await;
    target.close().await;
    show(&moved?, args.json);
    Ok(())
}

async fn release(from: &str) -> anyhow::Result<()> {
    let db = wiring::database_that_moved(from).await?;
    db.write(|tx| Box::pin(transfer::release(tx))).await?;
    db.close().await;
    Ok(())
}

async fn transfer_all(from: &Db, to: &Db) -> anyhow::Result<Vec<Sum>> {
    let mut progress = Progress::new(transfer::count(from).await?);
    transfer::copy(from, to, &mut |step| progress.tell(step)).await?;
    let sums = transfer::compare(from, to, &mut |step| progress.tell(step)).await?;
    progress.bar.finish_and_clear();
    Ok(sums)
}

fn show(sums: &[Sum], as_json: bool) {
    if as_json {
        let tables = sums
            .iter()
            .map(|sum| json!({ "table": sum.table, "rows": sum.rows, "sha256": sum.sha256 }));
        print(json!({ "tables": tables.collect::<Vec<_>>() }));
        return;
    }
    let rows = sums.iter().map(|sum| {
        let start = sum.sha256.get(..16).unwrap_or_default();
        [sum.table.to_owned(), sum.rows.to_string(), start.to_owned()]
    });
    print_table(["TABLE", "ROWS", "SHA-256"], &rows.collect::<Vec<_>>());
    print(
        "Both hold the same. Start the servers on --to with the same encryption keys; they no \
         longer start on --from.",
    );
}

/// Shows how far a move is: a bar on a terminal, else a line for each table.
struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    /// Rows of the tables that are done in this phase.
    before: i64,
    phase: Phase,
}

impl Progress {
    fn new(rows: i64) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = match is_terminal {
            true => ProgressBar::new(rows.unsigned_abs()),
            false => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template("{msg:28} {wide_bar} {pos}/{len} rows, {eta}");
        bar.set_style(style.expect("a valid template"));
        Self {
            bar,
            is_terminal,
            before: 0,
            phase: Phase::Copy,
        }
    }

    fn tell(&mut self, step: Step) {
        if step.phase != self.phase {
            (self.phase, self.before) = (step.phase, 0);
            self.bar.reset_eta();
        }
        let what = match step.phase {
            Phase::Copy => "copied",
            Phase::Compare => "compared",
        };
        self.bar.set_message(format!("{what} {}", step.table));
        self.bar
            .set_position((self.before + step.done).unsigned_abs());
        if step.is_last {
            self.before += step.done;
        }
        if !self.is_terminal && step.done > 0 {
            eprintln!("{what} {}: {} rows", step.table, step.done);
        }
    }
}
