//! When a delivery that has failed is tried again: the delays of the Standard Webhooks specification, each a little longer by
//! chance, so that what failed at one moment does not come back at one.

use crate::random;
use chrono::TimeDelta;
use std::time::Duration;

/// The delays between tries, in seconds: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h.
pub const DELAYS_S: [u32; 6] = [5, 300, 1_800, 7_200, 18_000, 36_000];
/// The longest wait that a receiver may ask for.
const MAX_ASKED: Duration = Duration::from_secs(12 * 3_600);
/// The most that a delay is longer by, in percent of it.
const JITTER_PERCENT: i64 = 20;

/// The delay before the next try after `tries` before the one that has failed; `None` where it was the last. Not shorter than the
/// receiver has `asked` for.
pub fn delay(tries: u32, asked: Option<Duration>) -> Option<TimeDelta> {
    let seconds = DELAYS_S.get(tries as usize)?;
    let planned = TimeDelta::seconds(i64::from(*seconds));
    let asked = asked.and_then(|asked| TimeDelta::from_std(asked.min(MAX_ASKED)).ok()).unwrap_or_default();
    let delay = planned.max(asked);
    Some(delay + TimeDelta::milliseconds(random::within(0..=delay.num_milliseconds() * JITTER_PERCENT / 100)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_end_and_are_not_shorter_than_asked_for() {
        for (tries, seconds) in (0..).zip(DELAYS_S) {
            let delay = delay(tries, None).expect("another try").num_milliseconds();
            let planned = i64::from(seconds) * 1_000;
            assert!((planned..=planned * 6 / 5).contains(&delay), "{tries}: {delay}");
        }
        assert_eq!(delay(6, Some(Duration::from_secs(1))), None);
        let asked = |seconds| delay(0, Some(Duration::from_secs(seconds))).expect("another try").num_seconds();
        assert!((120..=144).contains(&asked(120)) && (5..=6).contains(&asked(1)));
        assert!(asked(1_000_000) <= 12 * 3_600 * 6 / 5, "bounded");
    }
}
