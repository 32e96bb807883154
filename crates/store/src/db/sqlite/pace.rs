//! How long a commit waits for operations that are on their way.
//!
//! A commit costs the same for one operation as for many. Callers who were answered by the last
//! commit send their next operation a moment after it, and those who came meanwhile are already
//! waiting: without a pause, half of the callers would always wait for the other half's commit. That
//! is worth a pause where the disk is slow. Where it is fast, a pause would keep the machine waiting
//! that could run the other half meanwhile.

use std::time::{Duration, Instant};

/// The longest pause, however slow the disk is.
const LONGEST: Duration = Duration::from_millis(5);

/// What an operation takes of the machine, roughly. A commit that takes less than that for each of its
/// operations is not what they wait for.
const OPERATION: Duration = Duration::from_micros(100);

/// What the last commit tells about the next.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// How many operations may come: those of the last commit and those that waited behind it.
    expected: usize,
    /// What the last commit took.
    commit: Duration,
}

impl Pace {
    /// Until when to wait, from now on, for more operations than were `gathered`; `None` for not at
    /// all.
    pub(super) fn deadline(&self, gathered: usize) -> Option<Instant> {
        self.expects_more(gathered)
            .then(|| Instant::now() + self.commit.min(LONGEST))
    }

    /// Whether more operations are on their way than were `gathered`.
    pub(super) fn expects_more(&self, gathered: usize) -> bool {
        gathered < self.expected
    }

    /// Notes a commit of so many operations, behind which others waited.
    pub(super) fn committed(&mut self, operations: usize, waiting: usize, took: Duration) {
        let expected = operations + waiting;
        let own = OPERATION * u32::try_from(expected).unwrap_or(u32::MAX);
        self.expected = if took > own { expected } else { 0 };
        self.commit = took;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_who_is_alone_never_waits() {
        let mut pace = Pace::default();
        assert!(pace.deadline(1).is_none());
        pace.committed(1, 0, Duration::from_millis(4));
        assert!(pace.deadline(1).is_none());
    }

    #[test]
    fn a_fast_disk_is_not_worth_a_pause() {
        let mut pace = Pace::default();
        pace.committed(16, 16, Duration::from_millis(1));
        assert!(pace.deadline(16).is_none());
        pace.committed(2, 1, Duration::from_millis(1));
        assert!(pace.deadline(2).is_some());
    }

    #[test]
    fn those_of_the_last_commit_are_waited_for_as_long_as_it_took_and_no_longer() {
        let mut pace = Pace::default();
        pace.committed(16, 16, Duration::from_millis(4));
        let latest = Instant::now() + Duration::from_millis(4);
        assert!(pace.deadline(16).is_some_and(|deadline| deadline >= latest));
        assert!(pace.deadline(32).is_none());
        pace.committed(16, 16, Duration::from_secs(60));
        let longest = Instant::now() + LONGEST + Duration::from_secs(1);
        assert!(pace.deadline(16).is_some_and(|deadline| deadline < longest));
    }
}
