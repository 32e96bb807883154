use std::sync::{Arc, Mutex};

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

enum State {
    Frozen(Timestamp),
    Running(SignedDuration),
}

impl ManualClock {
    /// A clock that stands still at `instant` until it is moved.
    pub fn frozen_at(instant: Timestamp) -> Self {
        Self::new(State::Frozen(to_micros(instant)))
    }

    /// A clock that runs with the machine's and can be moved ahead of it.
    pub fn running() -> Self {
        Self::new(State::Running(SignedDuration::ZERO))
    }

    fn new(state: State) -> Self {
        Self {
            state: Arc::new(Mutex::new(state)),
            moved: watch::Sender::new(()),
        }
    }

    /// Moves the clock by `by`; negative values step it back.
    pub fn advance(&self, by: SignedDuration) {
        match &mut *self.state.lock().expect("no holder of this lock panics") {
            State::Frozen(at) => *at = at.saturating_add(by).unwrap_or(Timestamp::MAX),
            State::Running(ahead) => *ahead = ahead.saturating_add(by),
        }
        self.moved.send_replace(());
    }

    /// This clock, to hand to the product.
    pub fn clock(&self) -> Clock {
        Clock(Source::Manual(self.clone()))
    }

    fn now(&self) -> Timestamp {
        match &*self.state.lock().expect("no holder of this lock panics") {
            State::Frozen(at) => *at,
            State::Running(ahead) => Clock::system()
                .now()
                .saturating_add(*ahead)
                .unwrap_or(Timestamp::MAX),
        }
    }
}

fn to_micros(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}
