//! Rounds: everything that is compared runs in turn, again and again, so that what else the machine
//! does meets all alike.

use std::time::Instant;

use serde_json::{Value as Json, json};

use crate::cpu::Meter;

/// What is measured in a round.
pub struct Contestant<'a> {
    /// What it is called in the results.
    pub name: &'static str,
    /// Measures once.
    pub run: Box<dyn FnMut() -> anyhow::Result<f64> + 'a>,
}

/// A contestant by that name.
pub fn contestant<'a>(
    name: &'static str,
    run: impl FnMut() -> anyhow::Result<f64> + 'a,
) -> Contestant<'a> {
    Contestant {
        name,
        run: Box::new(run),
    }
}

/// What was measured, a column for each contestant.
pub struct Rounds {
    names: Vec<&'static str>,
    rounds: Vec<Vec<f64>>,
    /// Microseconds of processor for one operation, where figures are rates.
    cpu: Vec<Vec<f64>>,
}

/// Rounds whose ratios lie further apart than this share of their median are not believed.
const AGREEMENT: f64 = 0.15;
/// How many rounds are added at the most until they agree.
const MORE: usize = 4;

impl Rounds {
    /// One round that is discarded, then `count`; more while the first two contestants' ratios
    /// disagree.
    ///
    /// # Errors
    /// A contestant failed.
    pub fn run(
        count: usize,
        meter: &Meter,
        mut contestants: Vec<Contestant<'_>>,
    ) -> anyhow::Result<Self> {
        let names: Vec<_> = contestants.iter().map(|it| it.name).collect();
        let mut all = Self {
            names,
            rounds: Vec::new(),
            cpu: Vec::new(),
        };
        let mut first = true;
        while first
            || all.rounds.len() < count
            || (all.disagree() && all.rounds.len() < count + MORE)
        {
            let (mut round, mut cpu) = (Vec::new(), Vec::new());
            for contestant in &mut contestants {
                let (began, used) = (Instant::now(), meter.seconds());
                let figure = (contestant.run)()?;
                let each =
                    (meter.seconds() - used) * 1e6 / (figure * began.elapsed().as_secs_f64());
                eprintln!(
                    "  {:<28} {figure:>12.3} {each:>12.1} µs of processor",
                    contestant.name
                );
                round.push(figure);
                cpu.push(each);
            }
            if !first {
                all.rounds.push(round);
                all.cpu.push(cpu);
            }
            first = false;
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

    /// Microseconds of processor, of all processes together, for one operation of a contestant whose
    /// figures are rates.
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

    /// Without the round that lies furthest out the rest has to agree.
    fn disagree(&self) -> bool {
        let [first, second, ..] = self.names[..] else {
            return false;
        };
        let mut ratios = self.ratios(first, second);
        let middle = median(ratios.clone());
        ratios.sort_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()));
        ratios.truncate(3);
        ratios
            .iter()
            .any(|ratio| (ratio - middle).abs() > AGREEMENT * middle / 2.0)
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

/// The middle one, or the mean of the two in the middle.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let half = figures.len() / 2;
    match figures.len() % 2 {
        0 => (figures[half - 1] + figures[half]) / 2.0,
        _ => figures[half],
    }
}
