//! Whose work may be taken over.
//!
//! Guarantee: a job is taken from a worker that gave no sign of life for
//! [`LEASE`](portico_store::jobs::LEASE), measured by how long this process has seen the same claim
//! stand. What the machines' clocks say does not matter: one that is wrong or steps neither frees a
//! job that still runs nor keeps one whose worker is dead. A crash forgets what was seen, and
//! watching begins anew.

use std::{collections::HashMap, time::Duration};

use portico_store::jobs::Lease;
use tokio::time::Instant;

/// The claims this process sees, and since when each has stood unchanged.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    since: HashMap<Lease, Instant>,
    looked_at: Option<Instant>,
}

impl Leases {
    /// Whether it is time to look again; if so, that is noted.
    pub fn is_time_to_look(&mut self, now: Instant, pause: Duration) -> bool {
        let is_time = self.looked_at.is_none_or(|at| now - at >= pause);
        if is_time {
            self.looked_at = Some(now);
        }
        is_time
    }

    /// Takes note of every claim there is `now`; those that have stood for `patience`.
    pub fn abandoned(
        &mut self,
        claims: Vec<Lease>,
        now: Instant,
        patience: Duration,
    ) -> Vec<Lease> {
        let before = std::mem::take(&mut self.since);
        let since = |claim: &Lease| before.get(claim).copied().unwrap_or(now);
        self.since = claims
            .into_iter()
            .map(|it| (it.clone(), since(&it)))
            .collect();
        let standing = self.since.iter().filter(|(_, at)| now - **at >= patience);
        standing.map(|(claim, _)| claim.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use portico_ambient::Ambient;

    use super::*;

    #[test]
    fn only_a_claim_that_stands_unchanged_is_abandoned() {
        let mut leases = Leases::default();
        let start = Instant::now();
        let patience = Duration::from_secs(15);
        let claim = |hours| Lease {
            job: Ambient::system().id(),
            owner: "somebody".to_owned(),
            until: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours),
        };
        // A clock that is far ahead, and one that is far behind.
        let (renewed, dead) = (claim(500_000), claim(-500_000));
        let renewal = Lease {
            until: renewed.until + SignedDuration::from_secs(5),
            ..renewed.clone()
        };
        let mut after = |seconds, claims: &[&Lease]| {
            let claims = claims.iter().map(|&it| it.clone()).collect();
            leases.abandoned(claims, start + Duration::from_secs(seconds), patience)
        };
        assert_eq!(after(0, &[&renewed, &dead]), []);
        assert_eq!(after(14, &[&renewal, &dead]), []);
        assert_eq!(after(15, &[&renewal, &dead]), std::slice::from_ref(&dead));
        assert_eq!(after(16, &[&renewal]), []);
        assert_eq!(
            after(17, &[&renewal, &dead]),
            [],
            "it was put back and claimed again"
        );
        assert_eq!(after(29, &[&renewal]), std::slice::from_ref(&renewal));
    }
}
