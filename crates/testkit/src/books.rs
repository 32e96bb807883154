//! What must hold of a database whatever crashed over it: Portico's books against the carrier's.
//!
//! The simulator is a carrier of its own, so its books say what really reached it. Everything is
//! read past the store.

use std::fmt;

use crate::database::counts_at;

/// The books in the database at a URL.
pub struct Books {
    url: String,
}

/// How much the books hold, so that a test can say that it tested something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Requests that Portico means to have handed in.
    pub attempts: i64,
    /// Requests that reached the carrier.
    pub received: i64,
    /// Events, of every kind.
    pub events: i64,
    /// Portings that were brought to an end.
    pub ended: i64,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} portings ended, {} attempts, {} of them received, {} events",
            self.ended, self.attempts, self.received, self.events
        )
    }
}

/// Each finds nothing, or rows that name what is wrong.
const RULES: [(&str, &str); 8] = [
    (
        "a request reached the carrier more than once",
        "SELECT reference, COUNT(*) FROM simulator_calls \
         WHERE call = 'submit' AND result IN ('received', 'duplicate') \
         GROUP BY reference HAVING COUNT(*) > 1",
    ),
    (
        "an attempt that Portico takes for handed in did not reach the carrier",
        "SELECT a.reference, CAST(1 AS BIGINT) FROM attempts a \
         WHERE a.state IN ('accepted', 'answered') AND NOT EXISTS (\
         SELECT 1 FROM simulator_submissions s WHERE s.reference = a.reference)",
    ),
    (
        "the carrier has a request that Portico does not know to be there",
        "SELECT s.reference, CAST(1 AS BIGINT) FROM simulator_submissions s \
         WHERE NOT EXISTS (SELECT 1 FROM attempts a \
         WHERE a.reference = s.reference AND a.state IN ('accepted', 'answered'))",
    ),
    (
        "a request was not told exactly once",
        "SELECT p.id || ' ' || p.status || ', attempt ' || \
         COALESCE((SELECT MAX(a.state) FROM attempts a WHERE a.porting_id = p.id), 'missing'), \
         CAST(p.attempt AS BIGINT) FROM portings p \
         WHERE p.status <> 'canceled' AND p.attempt <> (SELECT COUNT(*) FROM events e \
         WHERE e.subject = p.id AND e.type LIKE '%porting.requested')",
    ),
    (
        "a canceled porting told of more requests than there were",
        "SELECT p.id, CAST(p.attempt AS BIGINT) FROM portings p \
         WHERE p.status = 'canceled' AND p.attempt < (SELECT COUNT(*) FROM events e \
         WHERE e.subject = p.id AND e.type LIKE '%porting.requested')",
    ),
    (
        "events have gaps",
        "SELECT subject, COUNT(*) FROM events GROUP BY subject \
         HAVING COUNT(*) <> MAX(sequence) OR MIN(sequence) <> 1",
    ),
    (
        "a PIN outlived its porting",
        "SELECT id, CAST(1 AS BIGINT) FROM portings \
         WHERE status IN ('completed', 'canceled', 'expired', 'failed') \
         AND (account_pin_sealed IS NOT NULL OR billing_pin_sealed IS NOT NULL)",
    ),
    (
        "a subscription waits for a porting that has ended",
        "SELECT s.id, CAST(1 AS BIGINT) FROM subscriptions s JOIN portings p \
         ON p.id = s.porting_id WHERE s.status = 'pending' \
         AND p.status IN ('completed', 'canceled', 'expired')",
    ),
];

impl Books {
    /// The books in the database at `url`, which names one host.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }

    /// What is still under way, by kind of job; nothing when every gateway has been asked and told
    /// everything.
    pub async fn under_way(&self) -> Vec<(String, i64)> {
        let sql = "SELECT kind, COUNT(*) FROM jobs \
                   WHERE kind IN ('porting.submit', 'porting.watch', 'porting.cancel') \
                   GROUP BY kind";
        counts_at(&self.url, sql).await
    }

    /// Checks every rule.
    ///
    /// # Panics
    /// One is broken.
    pub async fn check(&self) -> Totals {
        for (wrong, sql) in RULES {
            let found = counts_at(&self.url, sql).await;
            assert!(found.is_empty(), "{wrong}: {found:?}");
        }
        let total = async |sql| counts_at(&self.url, sql).await[0].1;
        Totals {
            attempts: total("SELECT 'n', COUNT(*) FROM attempts WHERE state <> 'dropped'").await,
            received: total("SELECT 'n', COUNT(*) FROM simulator_submissions").await,
            events: total("SELECT 'n', COUNT(*) FROM events").await,
            ended: total(
                "SELECT 'n', COUNT(*) FROM portings \
                 WHERE status IN ('completed', 'canceled', 'expired', 'failed')",
            )
            .await,
        }
    }

    /// The id and the sequence of every event.
    pub async fn events(&self) -> Vec<(String, i64)> {
        counts_at(&self.url, "SELECT id, sequence FROM events").await
    }

    /// Who holds a job right now.
    pub async fn lease_owners(&self) -> Vec<String> {
        let sql = "SELECT lease_owner, COUNT(*) FROM jobs \
                   WHERE lease_owner IS NOT NULL GROUP BY lease_owner";
        let owners = counts_at(&self.url, sql).await.into_iter();
        owners.map(|(owner, _)| owner).collect()
    }

    /// How many portings are in each status.
    pub async fn statuses(&self) -> Vec<(String, i64)> {
        let sql = "SELECT status, COUNT(*) FROM portings GROUP BY status ORDER BY status";
        counts_at(&self.url, sql).await
    }
}
