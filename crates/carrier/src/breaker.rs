//! A carrier that fails is left alone for a while.
//!
//! Guarantee: after [`FAILURES`] calls in a row without an answer no call is made until a pause is over;
//! then one call tries, and only when it is answered do the others follow. What is held back was not sent,
//! so whoever called may try again later. Nothing is kept: each process finds out for itself, and a
//! restart begins closed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use portico_ambient::Ambient;
use portico_domain::phone::PhoneNumber;
use portico_metrics::metrics;

use crate::{
    Gateway, GatewayError, Kind, Notice, NoticeError, PortRequest, Portability, Progress, Submitted,
};

/// How many calls in a row go unanswered before calls are held back.
const FAILURES: u32 = 5;
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(10);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// After this many doublings the pause is at its longest.
const DOUBLINGS: u32 = 5;

/// A gateway behind a circuit breaker.
pub struct Breaker {
    provider: String,
    gateway: Arc<dyn Gateway>,
    ambient: Ambient,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Calls without an answer since the last that had one.
    failures: u32,
    /// Pauses since then.
    pauses: u32,
    /// Until when no call is made.
    open_until: Option<Timestamp>,
    /// Whether the call that tries is under way.
    is_trying: bool,
}

/// A call under way. Dropped without an end it was broken off: that is a time-out.
struct Call<'b> {
    breaker: &'b Breaker,
    ended: bool,
}

impl Breaker {
    /// `gateway` behind a breaker of its own.
    pub fn new(provider: &str, gateway: Arc<dyn Gateway>, ambient: Ambient) -> Self {
        metrics().gateways.set_open(provider, false);
        Self {
            provider: provider.to_owned(),
            gateway,
            ambient,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn guard<T>(
        &self,
        call: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        let running = self.begin()?;
        let answer = call.await;
        match &answer {
            Err(GatewayError::Unavailable(_) | GatewayError::TimedOut | GatewayError::CutOff) => {
                running.end(false);
            }
            // The carrier is there, whatever is to be made of what it said.
            Ok(_) | Err(GatewayError::Unreadable(_)) => running.end(true),
        }
        answer
    }

    fn begin(&self) -> Result<Call<'_>, GatewayError> {
        let mut state = self.state();
        if let Some(until) = state.open_until {
            if state.is_trying || self.ambient.now() < until {
                let message = "calls are held back after failures".to_owned();
                return Err(GatewayError::Unavailable(message));
            }
            state.is_trying = true;
        }
        Ok(Call {
            breaker: self,
            ended: false,
        })
    }

    fn end(&self, is_answered: bool) {
        let mut state = self.state();
        if is_answered {
            if state.open_until.is_some() {
                let provider = self.provider.as_str();
                tracing::info!(provider, "the carrier answers again");
                metrics().gateways.set_open(provider, false);
            }
            *state = State::default();
            return;
        }
        state.failures += 1;
        let was_trying = std::mem::take(&mut state.is_trying);
        let opens = state.open_until.is_none() && state.failures >= FAILURES;
        if opens || was_trying {
            self.open(&mut state);
        }
    }

    fn open(&self, state: &mut State) {
        let pause = SHORTEST_PAUSE * 2_i32.pow(state.pauses.min(DOUBLINGS));
        let scattered = pause
            .min(LONGEST_PAUSE)
            .mul_f64(1.0 - self.ambient.random.fraction() / 2.0);
        state.pauses += 1;
        state.open_until = Some(self.ambient.now() + scattered);
        let (provider, failures) = (self.provider.as_str(), state.failures);
        tracing::warn!(
            provider,
            failures,
            "the carrier does not answer; calls are held back"
        );
        metrics().gateways.set_open(provider, true);
    }
}

impl Call<'_> {
    fn end(mut self, is_answered: bool) {
        self.ended = true;
        self.breaker.end(is_answered);
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.breaker.end(false);
        }
    }
}

#[async_trait]
impl Gateway for Breaker {
    async fn check(
        &self,
        provider: &str,
        number: &PhoneNumber,
    ) -> Result<Portability, GatewayError> {
        self.guard(self.gateway.check(provider, number)).await
    }

    async fn submit(&self, request: &PortRequest) -> Result<Submitted, GatewayError> {
        self.guard(self.gateway.submit(request)).await
    }

    async fn has(&self, reference: &str) -> Result<bool, GatewayError> {
        self.guard(self.gateway.has(reference)).await
    }

    async fn submitted(&self, reference: &str) -> Result<Submitted, GatewayError> {
        self.gateway.submitted(reference).await
    }

    async fn progress(&self, reference: &str) -> Result<Progress, GatewayError> {
        self.guard(self.gateway.progress(reference)).await
    }

    async fn cancel(&self, reference: &str) -> Result<(), GatewayError> {
        self.guard(self.gateway.cancel(reference)).await
    }

    fn kind(&self) -> Option<Kind> {
        self.gateway.kind()
    }

    fn notice(&self, notice: &Notice<'_>) -> Result<(), NoticeError> {
        self.gateway.notice(notice)
    }
}

#[cfg(test)]
mod tests {
    use portico_ambient::ManualClock;

    use super::*;

    fn breaker() -> (Breaker, ManualClock) {
        let start: Timestamp = "2026-03-02T10:00:00Z".parse().expect("a time");
        let clock = ManualClock::frozen_at(start);
        let ambient = Ambient::with_clock(clock.clock());
        (Breaker::new("acme", Arc::new(Nothing), ambient), clock)
    }

    struct Nothing;

    #[async_trait]
    impl Gateway for Nothing {
        async fn check(&self, _: &str, _: &PhoneNumber) -> Result<Portability, GatewayError> {
            Err(GatewayError::TimedOut)
        }
        async fn submit(&self, _: &PortRequest) -> Result<Submitted, GatewayError> {
            Err(GatewayError::TimedOut)
        }
        async fn has(&self, _: &str) -> Result<bool, GatewayError> {
            Err(GatewayError::TimedOut)
        }
        async fn progress(&self, _: &str) -> Result<Progress, GatewayError> {
            Err(GatewayError::TimedOut)
        }
        async fn cancel(&self, _: &str) -> Result<(), GatewayError> {
            Err(GatewayError::TimedOut)
        }
    }

    /// Whether a call was made, and not held back.
    async fn is_called(breaker: &Breaker, answer: Result<(), GatewayError>) -> bool {
        let mut called = false;
        let call = async {
            called = true;
            answer
        };
        let _ = breaker.guard(call).await;
        called
    }

    async fn break_it(breaker: &Breaker) {
        for _ in 0..FAILURES {
            assert!(is_called(breaker, Err(GatewayError::TimedOut)).await);
        }
        assert!(!is_called(breaker, Ok(())).await);
    }

    #[tokio::test]
    async fn after_failures_in_a_row_calls_are_held_back_and_one_tries() {
        let (breaker, clock) = breaker();
        for _ in 0..3 {
            assert!(is_called(&breaker, Err(GatewayError::TimedOut)).await);
        }
        assert!(is_called(&breaker, Err(GatewayError::Unreadable(String::new()))).await);
        break_it(&breaker).await;
        clock.advance(SHORTEST_PAUSE);
        let trying = breaker.begin().expect("one may try");
        assert!(!is_called(&breaker, Ok(())).await, "the others wait for it");
        trying.end(true);
        for _ in 0..FAILURES - 1 {
            assert!(is_called(&breaker, Err(GatewayError::TimedOut)).await);
        }
        assert!(is_called(&breaker, Ok(())).await, "it counts anew");
    }

    #[tokio::test]
    async fn a_try_that_fails_makes_the_pause_longer() {
        let (breaker, clock) = breaker();
        break_it(&breaker).await;
        clock.advance(SHORTEST_PAUSE);
        assert!(is_called(&breaker, Err(GatewayError::TimedOut)).await);
        clock.advance(SHORTEST_PAUSE - SignedDuration::from_secs(1));
        assert!(!is_called(&breaker, Ok(())).await);
        clock.advance(SHORTEST_PAUSE + SignedDuration::from_secs(1));
        assert!(is_called(&breaker, Ok(())).await);
    }

    #[tokio::test]
    async fn a_call_that_is_broken_off_counts_as_one_without_an_answer() {
        let (breaker, _) = breaker();
        for _ in 0..FAILURES {
            drop(breaker.begin().expect("it is closed"));
        }
        assert!(!is_called(&breaker, Ok(())).await);
    }
}
