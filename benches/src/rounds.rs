//! Rounds: everything that is compared runs in turn, again and again, so that what else the machine
//! does meets all alike.

use serde_json::{Value as Json, json};

use crate::{cpu::Meter, load::Measured};

/// What is measured in a round.
pub struct Contestant<'a> {
    /// What it is called in the results.
    pub name: &'static str,
    /// Whether rounds are added until the first contestant's ratio to it agrees with itself.
    is_judged: bool,
    /// Measures once.
    pub run: Box<dyn FnMut() -> anyhow::Result<Outcome> + 'a>,
}

/// A contestant by that name.
pub fn contestant<'a, O: Into<Outcome>>(
    name: &'static str,
    mut run: impl FnMut() -> anyhow::Result<O> + 'a,
) -> Contestant<'a> {
    Contestant {
        name,
        is_judged: true,
        run: Box::new(move || Ok(run()?.into())),
    }
}

/// The same, of which nothing is asked.
pub fn aside<'a, O: Into<Outcome>>(
    name: &'static str,
    run: impl FnMut() -> anyhow::Result<O> + 'a,
) -> Contestant<'a> {
    Contestant {
        is_judged: false,
        ..contestant(name, run)
    }
}

/// What a contestant came to in one round.
pub struct Outcome {
    /// What is compared.
    pub figure: f64,
    /// How many operations the processor time of the run is shared by; none where it says nothing.
    pub operations: Option<u64>,
}

impl From<f64> for Outcome {
    fn from(figure: f64) -> Self {
        Self {
            figure,
            operations: None,
        }
    }
}

impl From<Measured> for Outcome {
    fn from(measured: Measured) -> Self {
        Self {
            figure: measured.rate,
            operations: Some(measured.count),
        }
    }
}

/// What was measured, a column for each contestant.
pub struct Rounds {
    names: Vec<&'static str>,
    /// The names of those, but for the first, whose ratios have to agree.
    judged: Vec<&'static str>,
    rounds: Vec<Vec<f64>>,
    /// Microseconds of processor for one operation.
    cpu: Vec<Vec<f64>>,
}

/// Rounds whose ratios lie further apart than this share of their median are not believed.
const AGREEMENT: f64 = 0.15;
/// How many rounds are added at the most until they agree.
const MORE: usize = 4;

impl Rounds {
    /// One round that is discarded, then `count`; more while ratios disagree. Every second round goes
    /// the other way round, so that nobody always runs in the wake of the same one.
    ///
    /// # Errors
    /// A contestant failed.
    pub fn run(
        count: usize,
        meter: &Meter,
        mut contestants: Vec<Contestant<'_>>,
    ) -> anyhow::Result<Self> {
        let mut all = Self {
            names: contestants.iter().map(|it| it.name).collect(),
            judged: contestants
                .iter()
                .skip(1)
                .filter(|it| it.is_judged)
                .map(|it| it.name)
                .collect(),
            rounds: Vec::new(),
            cpu: Vec::new(),
        };
        eprintln!("  a round to warm up");
        once(&mut contestants, meter, false)?;
        while all.rounds.len() < count || (all.disagree() && all.rounds.len() < count + MORE) {
            let nth = all.rounds.len() + 1;
            let why = if nth > count {
                ", for ratios disagree"
            } else {
                ""
            };
            eprintln!("  round {nth}{why}");
            let (round, cpu) = once(&mut contestants, meter, nth % 2 == 1)?;
            all.rounds.push(round);
            all.cpu.push(cpu);
        }
        Ok(all)
    }

    /// The median of a contestant's figures.
    pub fn median(&self, name: &str) -> f64 {
        median(self.figures(name))
    }

    /// The median of one contestant's figure divided by another's in the same round.
    pub fn ratio(&self, name: &str, to: &str) -> f64 {
        median(self.ratios(name, to))
    }

    /// How far the ratios of two lie apart, as a share of their median.
    pub fn spread(&self, name: &str, to: &str) -> f64 {
        let ratios = self.ratios(name, to);
        let most = ratios.iter().copied().fold(f64::MIN, f64::max);
        let least = ratios.iter().copied().fold(f64::MAX, f64::min);
        (most - least) / median(ratios)
    }

    /// Microseconds of processor, of all processes together, for one operation of a contestant.
    pub fn cpu(&self, name: &str) -> f64 {
        median(self.column(&self.cpu, name))
    }

    /// Every figure, by name.
    pub fn json(&self) -> Json {
        let all = |table| {
            let columns = self
                .names
                .iter()
                .map(|name| ((*name).to_owned(), self.column(table, name).into()));
            Json::Object(columns.collect())
        };
        json!({ "figures": all(&self.rounds), "processorMicroseconds": all(&self.cpu) })
    }

    /// The ratios of the first contestant to each other one that is judged: those nearest to their median, three at
    /// least and more than half of all, have to agree.
    fn disagree(&self) -> bool {
        self.judged.iter().any(|other| {
            let mut ratios = self.ratios(self.names[0], other);
            let middle = median(ratios.clone());
            ratios.sort_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()));
            ratios.truncate((ratios.len() / 2 + 1).max(3));
            let near = |ratio: &f64| (ratio - middle).abs() <= AGREEMENT * middle / 2.0;
            !ratios.iter().all(near)
        })
    }

    fn ratios(&self, name: &str, to: &str) -> Vec<f64> {
        let pairs = self.figures(name).into_iter().zip(self.figures(to));
        pairs.map(|(figure, other)| figure / other).collect()
    }

    fn figures(&self, name: &str) -> Vec<f64> {
        self.column(&self.rounds, name)
    }

    fn column(&self, table: &[Vec<f64>], name: &str) -> Vec<f64> {
        let column = self
            .names
            .iter()
            .position(|it| *it == name)
            .expect("a contestant's name");
        table.iter().map(|round| round[column]).collect()
    }
}

/// Runs each once, backwards if asked to. Figures, and microseconds of processor for an operation, in
/// the order of the contestants.
fn once(
    contestants: &mut [Contestant<'_>],
    meter: &Meter,
    backwards: bool,
) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let count = contestants.len();
    let (mut figures, mut cpu) = (vec![f64::NAN; count], vec![f64::NAN; count]);
    for step in 0..count {
        let at = if backwards { count - 1 - step } else { step };
        let contestant = &mut contestants[at];
        let used = meter.seconds();
        let outcome = (contestant.run)()?;
        figures[at] = outcome.figure;
        let mut told = String::new();
        if let Some(operations) = outcome.operations {
            cpu[at] = (meter.seconds() - used) * 1e6 / operations as f64;
            told = format!("{:>10.1} µs of processor each", cpu[at]);
        }
        eprintln!("    {:<28} {:>12.3}{told}", contestant.name, outcome.figure);
    }
    Ok((figures, cpu))
}

/// The middle one, or the mean of the two in the middle.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let half = figures.len() / 2;
    match figures.len() % 2 {
        0 => (figures[half - 1] + figures[half]) / 2.0,
        _ => figures[half],
    }
}
