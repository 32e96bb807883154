//! Processor time. On a machine that others use too, what a request costs says more than how many fit
//! into a second.

/// Processes whose time is counted, with their children; this one and its ended children always are.
#[derive(Default)]
pub struct Meter(pub Vec<u32>);

/// What `/proc` counts in: hundredths of a second on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

impl Meter {
    /// Seconds so far.
    pub fn seconds(&self) -> f64 {
        let everyone = stats();
        let ours = std::process::id();
        let counted = everyone
            .iter()
            .filter(|it| it.id == ours || self.0.contains(&it.id) || self.0.contains(&it.parent));
        counted.map(|it| it.ticks).sum::<f64>() / TICKS
    }
}

struct Stat {
    id: u32,
    parent: u32,
    /// Of the process and of its children that have ended.
    ticks: f64,
}

fn stats() -> Vec<Stat> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(stat).collect()
}

fn stat(id: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in brackets may hold anything.
    let fields: Vec<_> = text.rsplit_once(") ")?.1.split(' ').collect();
    let number = |at: usize| fields.get(at)?.parse::<f64>().ok();
    let parent = fields.get(1)?.parse().ok()?;
    let ticks = (11..15).map(number).sum::<Option<f64>>()?;
    Some(Stat { id, parent, ticks })
}
