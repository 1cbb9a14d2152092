//! Detects a connection that died silently, as when a laptop slept. The browser answers the server's pings out of reach
//! of scripts, so after 25 s of silence the client sends a ping of its own.
//!
//! Silence is what the longer of the device's two clocks says: the time of day goes on while the device sleeps, and the
//! one that counts from the page's start is never set back.

use crate::view::steady;
use js_sys::Date;

const SILENCE_MS: f64 = 25_000.0;
const PATIENCE_MS: f64 = 10_000.0;

/// What to do after a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Ping,
    Dead,
}

/// Both clocks of the device, in milliseconds.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    time_of_day: f64,
    steady: f64,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { time_of_day: Date::now(), steady: steady::now_ms() }
    }

    fn since(self, earlier: Self) -> f64 {
        (self.time_of_day - earlier.time_of_day).max(self.steady - earlier.steady)
    }
}

/// When the server was last heard, and when it was pinged.
pub(super) struct Heartbeat {
    heard: Moment,
    asked: Option<Moment>,
}

impl Heartbeat {
    pub(super) fn new(now: Moment) -> Self {
        Self { heard: now, asked: None }
    }

    /// Notes that a message arrived.
    pub(super) fn hear(&mut self, now: Moment) {
        self.heard = now;
        self.asked = None;
    }

    /// Called every few seconds. After a sleep the first call pings before it gives the connection up.
    pub(super) fn check(&mut self, now: Moment) -> Beat {
        match self.asked {
            Some(asked) if now.since(asked) >= PATIENCE_MS => Beat::Dead,
            None if now.since(self.heard) >= SILENCE_MS => {
                self.asked = Some(now);
                Beat::Ping
            }
            _ => Beat::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn at(ms: f64) -> Moment {
        Moment { time_of_day: ms, steady: ms }
    }

    #[wasm_bindgen_test]
    fn silence_is_asked_once_and_then_judged() {
        let mut heart = Heartbeat::new(at(0.0));
        assert_eq!(heart.check(at(24_999.0)), Beat::Nothing);
        assert_eq!(heart.check(at(25_000.0)), Beat::Ping);
        assert_eq!(heart.check(at(34_999.0)), Beat::Nothing);
        assert_eq!(heart.check(at(35_000.0)), Beat::Dead);
    }

    #[wasm_bindgen_test]
    fn any_message_is_a_sign_of_life() {
        let mut heart = Heartbeat::new(at(0.0));
        assert_eq!(heart.check(at(30_000.0)), Beat::Ping);
        heart.hear(at(31_000.0));
        assert_eq!(heart.check(at(50_000.0)), Beat::Nothing);
    }

    #[wasm_bindgen_test]
    fn a_long_sleep_is_not_taken_for_death_before_the_other_side_was_asked() {
        let mut heart = Heartbeat::new(at(0.0));
        assert_eq!(heart.check(at(9_000_000.0)), Beat::Ping);
    }

    #[wasm_bindgen_test]
    fn silence_is_noticed_after_sleep_and_after_the_clock_was_set_back() {
        for (time_of_day, steady) in [(9_000_000.0, 1_000.0), (-9_000_000.0, 26_000.0)] {
            assert_eq!(Heartbeat::new(at(0.0)).check(Moment { time_of_day, steady }), Beat::Ping);
        }
    }
}
