//! Calls whose end nobody heard.
//!
//! Guarantee: what a gateway says it does not have, after a call whose end nobody heard, is sent again only
//! when this process has known for [`UNHEARD`] that the call may still be carried out. That is measured as
//! [leases](crate::leases) are: what the machines' clocks say does not matter, and a crash forgets it.

use std::{collections::HashMap, time::Duration};

/// How long a call may still be carried out after it was given up: three times as long as it may take.
const UNHEARD: Duration = Duration::from_secs(30);
/// When one that others have brought to an end is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(3_600);

/// The calls this process knows of, by attempt and number, and since when.
#[derive(Debug, Default)]
pub(crate) struct Unheard {
    since: HashMap<(String, Option<u32>), Duration>,
}

impl Unheard {
    /// Takes note of an attempt's open call; how long is still to be waited for its end.
    pub fn rest(&mut self, reference: &str, call: Option<u32>, now: Duration) -> Option<Duration> {
        // Another thread may have looked at the clock later and come first.
        let since = |then: Duration| now.saturating_sub(then);
        self.since.retain(|_, then| since(*then) < FORGOTTEN);
        let known = self.since.entry((reference.to_owned(), call));
        let passed = since(*known.or_insert(now));
        UNHEARD.checked_sub(passed).filter(|rest| !rest.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_waited_for_from_when_it_is_known() {
        let mut unheard = Unheard::default();
        let mut rest = |call, at| {
            let rest = unheard.rest("prt_1-1", call, Duration::from_secs(at));
            rest.map(|rest| rest.as_secs())
        };
        assert_eq!(rest(Some(1), 100), Some(30));
        assert_eq!(rest(Some(1), 129), Some(1));
        assert_eq!(rest(Some(1), 130), None);
        assert_eq!(rest(Some(3), 140), Some(30), "it was sent again");
        assert_eq!(rest(None, 140), Some(30), "nobody noted which");
        assert_eq!(
            rest(Some(3), 139),
            Some(30),
            "of two threads the later was first"
        );
        assert_eq!(rest(Some(3), 4_000), Some(30), "it was forgotten");
    }
}
