use std::sync::{Arc, Mutex};

use portico_domain::id::{Id, Kind};

use crate::{Clock, Random};

/// Makes ids that grow: within a millisecond by a counter, and a clock that steps back does not
/// make them shrink.
#[derive(Clone)]
pub struct Ids {
    clock: Clock,
    random: Random,
    last: Arc<Mutex<(u64, u16)>>,
}

impl Ids {
    pub(crate) fn new(clock: Clock, random: Random) -> Self {
        Self {
            clock,
            random,
            last: Arc::default(),
        }
    }

    /// From now on, makes ids later than one made at `millis` with `counter`.
    pub(crate) fn continue_after(&self, made_at: (u64, u16)) {
        let mut last = self.last.lock().expect("no holder of this lock panics");
        *last = made_at.max(*last);
    }

    pub(crate) fn next<K: Kind>(&self) -> Id<K> {
        let now = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        let (millis, counter) = {
            let mut last = self.last.lock().expect("no holder of this lock panics");
            *last = match *last {
                (millis, counter) if millis >= now && counter < u16::MAX => (millis, counter + 1),
                (millis, _) if millis >= now => (millis + 1, 0),
                _ => (now, 0),
            };
            *last
        };
        Id::from_parts(millis, counter, self.random.bytes())
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use portico_domain::id::SessionId;

    use super::*;
    use crate::ManualClock;

    #[test]
    fn ids_grow_even_when_the_clock_steps_back() {
        let clock = ManualClock::frozen_at("2026-01-01T00:00:00Z".parse().expect("a time"));
        let ids = Ids::new(clock.clock(), Random::system());
        let mut made: Vec<SessionId> = Vec::new();
        for round in 0..1_000 {
            if round == 500 {
                clock.advance(SignedDuration::from_hours(-1));
            }
            made.push(ids.next());
        }
        assert!(made.is_sorted());
    }

    #[test]
    fn ids_of_the_next_process_follow_those_of_the_last_even_when_the_clock_stepped_back() {
        let clock = ManualClock::frozen_at("2026-01-01T00:00:00Z".parse().expect("a time"));
        let last: SessionId = Ids::new(clock.clock(), Random::system()).next();
        clock.advance(SignedDuration::from_hours(-1));
        let ids = Ids::new(clock.clock(), Random::system());
        ids.continue_after(last.made_at().expect("was made by us"));
        assert!(ids.next::<portico_domain::id::Session>() > last);
    }
}
