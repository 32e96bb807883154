//! Puts the figures of a run into docs/PERFORMANCE.md, between two marks, and the plot beside it.

use std::path::Path;

use anyhow::Context;
use serde_json::Value as Json;

use crate::{
    plot,
    table::{Row, markdown, musts},
};

const BEGIN: &str = "<!-- figures: written by scripts/bench --document -->";
const END: &str = "<!-- end of figures -->";

/// Writes what was measured, and on what machine, into the folder of documents.
///
/// # Errors
/// The document is not there, or has lost its marks.
pub fn write(docs: &Path, (rows, machine): (&[Row], &Json), quick: bool) -> anyhow::Result<()> {
    let images = docs.join("images");
    std::fs::create_dir_all(&images)?;
    std::fs::write(images.join("performance.svg"), plot::svg(rows))?;
    let file = docs.join("PERFORMANCE.md");
    let text = std::fs::read_to_string(&file)?;
    let figures = format!(
        "\n{}\n\n{}\n\n**{}.**\n\n![How far each figure lies from what it must reach](images/performance.svg)\n",
        occasion(machine, quick),
        markdown(rows),
        musts(rows)
    );
    let (before, rest) = text
        .split_once(BEGIN)
        .context("no mark before the figures")?;
    let (_, after) = rest.split_once(END).context("no mark after the figures")?;
    std::fs::write(file, format!("{before}{BEGIN}\n{figures}\n{END}{after}"))?;
    Ok(())
}

fn occasion(machine: &Json, quick: bool) -> String {
    let said = |name: &str| machine[name].as_str().unwrap_or_default().to_owned();
    let day = said("date")
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_owned();
    let postgres = said("postgres");
    let postgres = postgres.split(' ').nth(2).unwrap_or("?");
    let mut text = format!(
        "{day}, commit {}: {} cores, {}, PostgreSQL {postgres}, Node {}.",
        said("commit"),
        machine["cores"],
        said("kernel"),
        said("node").trim_start_matches('v'),
    );
    if quick {
        text += " One short round of each (`--quick`): **provisional, and no row counts as met by it.**";
    }
    text
}
