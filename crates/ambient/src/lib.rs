//! Time, randomness and ids: what the other crates are handed instead of reading it from the machine.
//!
//! This is the only crate that reads the wall clock or the operating system's random source; the
//! lint configuration refuses both elsewhere. A test hands in a clock it can move.

mod clock;
mod ids;
mod random;

pub use clock::{Clock, ManualClock};
pub use ids::Ids;
pub use random::Random;

/// One handle on everything that is not a pure function of its input. Cheap to clone.
#[derive(Clone)]
pub struct Ambient {
    /// What time it is.
    pub clock: Clock,
    /// Where unpredictable bytes come from.
    pub random: Random,
    ids: Ids,
}

impl Ambient {
    /// The machine's clock and random source.
    pub fn system() -> Self {
        Self::with_clock(Clock::system())
    }

    /// The given clock, and the machine's random source.
    pub fn with_clock(clock: Clock) -> Self {
        let random = Random::system();
        Self {
            ids: Ids::new(clock.clone(), random.clone()),
            clock,
            random,
        }
    }

    /// The present instant.
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Makes every further id later in byte order than `last`, whatever the clock says: for the
    /// greatest id an earlier process left.
    pub fn continue_ids_after<K: portico_domain::id::Kind>(&self, last: portico_domain::id::Id<K>) {
        if let Some(made_at) = last.made_at() {
            self.ids.continue_after(made_at);
        }
    }

    /// A new id, later in byte order than every id this process made before.
    pub fn id<K: portico_domain::id::Kind>(&self) -> portico_domain::id::Id<K> {
        self.ids.next()
    }
}
