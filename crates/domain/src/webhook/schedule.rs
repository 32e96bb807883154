use jiff::{SignedDuration, Timestamp};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// Seconds from each failed try to the next; after the last one the delivery has failed.
pub const RETRIES: [i64; 9] = [
    5,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];

/// How far `Retry-After` can put a try off.
pub const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// An endpoint that only failed for so long is disabled.
pub const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);

/// How long the old secret still signs after a rotation.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// When a delivery is tried again after `tries` failed ones; `None` when that was the last. It is
/// never earlier than the schedule or `earliest` say, and up to a tenth later, as `jitter` (0 to 1)
/// decides, so that what failed together does not come back together.
pub fn retry_at(
    now: Timestamp,
    tries: u32,
    jitter: f64,
    earliest: Option<Timestamp>,
) -> Option<Timestamp> {
    let index = usize::try_from(tries.checked_sub(1)?).ok()?;
    let pause = SignedDuration::from_secs(*RETRIES.get(index)?);
    let scattered = pause + pause.mul_f64(0.1 * jitter.clamp(0.0, 1.0));
    let due = now.saturating_add(scattered).unwrap_or(Timestamp::MAX);
    let latest = now.saturating_add(LONGEST_PAUSE).unwrap_or(Timestamp::MAX);
    Some(due.max(earliest.unwrap_or(due).min(latest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-02T10:00:00Z".parse().expect("a time")
    }

    fn pause(tries: u32, jitter: f64, earliest: Option<i64>) -> Option<i64> {
        let earliest = earliest.map(|seconds| now() + SignedDuration::from_secs(seconds));
        let due = retry_at(now(), tries, jitter, earliest)?;
        Some(due.duration_since(now()).as_secs())
    }

    #[test]
    fn pauses_grow_and_then_it_is_over() {
        let pauses: Vec<_> = (1..=10).map(|tries| pause(tries, 0.0, None)).collect();
        let hours = |hours: i64| Some(hours * 3_600);
        let expected = [
            Some(5),
            Some(300),
            Some(1_800),
            hours(2),
            hours(5),
            hours(10),
            hours(14),
        ];
        assert_eq!(pauses[..7], expected);
        assert_eq!(pauses[7..], [hours(20), hours(24), None]);
        assert_eq!(pause(2, 1.0, None), Some(330));
        assert_eq!(pause(0, 0.0, None), None);
    }

    #[test]
    fn the_endpoint_can_ask_for_more_time_but_not_for_ever() {
        assert_eq!(pause(1, 0.0, Some(120)), Some(120));
        assert_eq!(
            pause(2, 0.0, Some(120)),
            Some(300),
            "never earlier than the schedule"
        );
        assert_eq!(pause(1, 0.0, Some(10 * 24 * 3_600)), Some(24 * 3_600));
    }
}
