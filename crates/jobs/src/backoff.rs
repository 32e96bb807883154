use jiff::{SignedDuration, Timestamp};
use portico_ambient::Ambient;

const SHORTEST: SignedDuration = SignedDuration::from_secs(1);
const LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// After this many doublings the pause is at its longest.
const DOUBLINGS: u32 = 9;

/// When to try again after `tries` tries: after one second, then twice as long each time up to five
/// minutes, and up to half of it sooner, so that what failed together does not return together.
pub(crate) fn retry_at(ambient: &Ambient, tries: u32) -> Timestamp {
    let doubled = SHORTEST * 2_i32.pow(tries.min(DOUBLINGS));
    let scattered = doubled
        .min(LONGEST)
        .mul_f64(1.0 - ambient.random.fraction() / 2.0);
    ambient.now() + scattered
}

#[cfg(test)]
mod tests {
    use portico_ambient::ManualClock;

    use super::*;

    #[test]
    fn pauses_double_from_a_second_to_five_minutes_and_scatter() {
        let start: Timestamp = "2026-03-02T10:00:00Z".parse().expect("a time");
        let ambient = Ambient::with_clock(ManualClock::frozen_at(start).clock());
        for (tries, longest) in [
            (0, 1),
            (1, 2),
            (5, 32),
            (8, 256),
            (9, 300),
            (4_000_000, 300),
        ] {
            let pauses: Vec<_> = (0..50)
                .map(|_| retry_at(&ambient, tries).duration_since(start))
                .collect();
            let longest = SignedDuration::from_secs(longest);
            assert!(
                pauses
                    .iter()
                    .all(|pause| *pause <= longest && *pause * 2 >= longest)
            );
            assert!(pauses.iter().any(|pause| *pause != pauses[0]));
        }
    }
}
