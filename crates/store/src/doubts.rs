//! Where something that is usually so was not, a short while ago: there it is asked for beforehand.
//!
//! Only a hint where to look first. What is taken for granted is checked in the transaction in any case,
//! and an operation for which it was not so runs again, with its neighbours. To ask where there was no
//! need costs one question, so a doubt lasts long.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

/// How long a doubt lasts.
const LASTS: SignedDuration = SignedDuration::from_mins(5);

/// By project, when something was not as it was taken for granted.
#[derive(Debug, Default)]
pub(crate) struct Doubts(Mutex<HashMap<String, Timestamp>>);

impl Doubts {
    pub(crate) fn note(&self, project: String, at: Timestamp) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|_, noted| lasts(*noted, at));
        noted.insert(project, at);
    }

    /// Whether something was otherwise in `project` just before `now`.
    pub(crate) fn hold(&self, project: &str, now: Timestamp) -> bool {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(project).is_some_and(|noted| lasts(*noted, now))
    }
}

fn lasts(noted: Timestamp, now: Timestamp) -> bool {
    now.duration_since(noted).abs() < LASTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_lasts_a_while_and_is_one_projects_own() {
        let doubts = Doubts::default();
        let at = Timestamp::UNIX_EPOCH;
        doubts.note("acme".to_owned(), at);
        assert!(doubts.hold("acme", at + LASTS / 2));
        assert!(!doubts.hold("acme", at + LASTS));
        assert!(!doubts.hold("other", at));
    }
}
