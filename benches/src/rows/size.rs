//! Row 8: the binary.

use super::Bench;
use crate::{
    memory::megabytes,
    table::{Row, Sense},
};

/// Row 8.
///
/// # Errors
/// The binary is not there.
pub fn rows(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let size = std::fs::metadata(&bench.binary)?.len();
    let row = Row::new(
        8,
        "stripped binary, everything inside",
        Sense::AtMost,
        (20.0, 15.0),
        megabytes(size),
    );
    Ok(vec![row.unit("MB")])
}
