use std::{
    sync::{Arc, LazyLock, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Tells the time. Cheap to clone; all clones of a manual clock move together.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(ManualClock),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// The present instant, cut to microseconds: what both database engines can keep.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => to_micros(Timestamp::now()),
            Source::Manual(manual) => manual.now(),
        }
    }

    /// The time that has passed since a moment of this process: what a wrong clock, or one that is put
    /// right, does not change.
    pub fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        match &self.0 {
            Source::System => START.elapsed(),
            Source::Manual(manual) => manual.elapsed(),
        }
    }

    /// Resolves when `instant` may have come: after the time until then on a system clock, or as
    /// soon as somebody moves a manual one. The caller looks at the clock again.
    pub async fn wait_until(&self, instant: Timestamp) {
        let ahead = instant.duration_since(self.now());
        let sleep = tokio::time::sleep(ahead.try_into().unwrap_or_default());
        match &self.0 {
            Source::System => sleep.await,
            Source::Manual(manual) => {
                let mut moved = manual.moved.subscribe();
                tokio::select! { () = sleep => {}, _ = moved.changed() => {} }
            }
        }
    }
}

/// A clock that runs with the machine's, from a point that can be moved forward; or, when made
/// with [`ManualClock::frozen_at`], only moves when told to.
#[derive(Clone)]
pub struct ManualClock {
    state: Arc<Mutex<State>>,
    moved: watch::Sender<()>,
}

struct State {
    shows: Shows,
    /// The time that was let pass.
    passed: Duration,
}

enum Shows {
    Frozen(Timestamp),
    Running(SignedDuration),
}

impl ManualClock {
    /// A clock that stands still at `instant` until it is moved.
    pub fn frozen_at(instant: Timestamp) -> Self {
        Self::new(Shows::Frozen(to_micros(instant)))
    }

    /// A clock that runs with the machine's and can be moved ahead of it.
    pub fn running() -> Self {
        Self::new(Shows::Running(SignedDuration::ZERO))
    }

    fn new(shows: Shows) -> Self {
        let passed = Duration::ZERO;
        Self {
            state: Arc::new(Mutex::new(State { shows, passed })),
            moved: watch::Sender::new(()),
        }
    }

    /// Lets time pass; negative values step the clock back.
    pub fn advance(&self, by: SignedDuration) {
        let mut state = self.state();
        state.passed += Duration::try_from(by).unwrap_or_default();
        drop(state);
        self.step(by);
    }

    /// Puts the clock forward or back: no time passes.
    pub fn step(&self, by: SignedDuration) {
        match &mut self.state().shows {
            Shows::Frozen(at) => *at = at.saturating_add(by).unwrap_or(Timestamp::MAX),
            Shows::Running(ahead) => *ahead = ahead.saturating_add(by),
        }
        self.moved.send_replace(());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    /// This clock, to hand to the product.
    pub fn clock(&self) -> Clock {
        Clock(Source::Manual(self.clone()))
    }

    fn now(&self) -> Timestamp {
        match &self.state().shows {
            Shows::Frozen(at) => *at,
            Shows::Running(ahead) => Clock::system()
                .now()
                .saturating_add(*ahead)
                .unwrap_or(Timestamp::MAX),
        }
    }

    fn elapsed(&self) -> Duration {
        let state = self.state();
        match state.shows {
            Shows::Frozen(_) => state.passed,
            Shows::Running(_) => Clock::system().elapsed() + state.passed,
        }
    }
}

fn to_micros(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}
