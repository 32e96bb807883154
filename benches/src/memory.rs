//! What a process takes, as Linux counts it.

use std::path::Path;

/// Memory of a process, in bytes.
#[derive(Clone, Copy)]
pub struct Memory {
    /// What is in RAM, mapped files included.
    pub resident: u64,
    /// What only this process has, and no file stands behind.
    pub anonymous: u64,
}

/// The memory of a process.
///
/// # Errors
/// It is not there.
pub fn of(process: u32) -> anyhow::Result<Memory> {
    let text = std::fs::read_to_string(
        Path::new("/proc")
            .join(process.to_string())
            .join("smaps_rollup"),
    )?;
    let field = |name: &str| -> anyhow::Result<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next());
        let number = number.ok_or_else(|| anyhow::anyhow!("no {name} in smaps_rollup"))?;
        Ok(number.parse::<u64>()? * 1024)
    };
    Ok(Memory {
        resident: field("Rss:")?,
        anonymous: field("Anonymous:")?,
    })
}

/// Bytes as megabytes of a million.
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
