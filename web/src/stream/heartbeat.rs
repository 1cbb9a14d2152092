//! Noticing a connection that died without a word, as when a laptop slept. The server's own pings are answered by the
//! browser where no script sees them, so silence is broken by a ping of ours.

const SILENCE_MS: f64 = 25_000.0;
const PATIENCE_MS: f64 = 10_000.0;

/// What to do about the silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Ping,
    Dead,
}

/// When the other side was last heard, and when it was asked.
pub(super) struct Heartbeat {
    heard_ms: f64,
    asked_ms: Option<f64>,
}

impl Heartbeat {
    pub(super) fn new(now_ms: f64) -> Self {
        Self { heard_ms: now_ms, asked_ms: None }
    }

    /// Something arrived.
    pub(super) fn hear(&mut self, now_ms: f64) {
        self.heard_ms = now_ms;
        self.asked_ms = None;
    }

    /// To be called every few seconds; after a sleep the first call asks before it judges.
    pub(super) fn check(&mut self, now_ms: f64) -> Beat {
        match self.asked_ms {
            Some(asked_ms) if now_ms - asked_ms >= PATIENCE_MS => Beat::Dead,
            None if now_ms - self.heard_ms >= SILENCE_MS => {
                self.asked_ms = Some(now_ms);
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

    #[wasm_bindgen_test]
    fn silence_is_asked_once_and_then_judged() {
        let mut heart = Heartbeat::new(0.0);
        assert_eq!(heart.check(24_999.0), Beat::Nothing);
        assert_eq!(heart.check(25_000.0), Beat::Ping);
        assert_eq!(heart.check(34_999.0), Beat::Nothing);
        assert_eq!(heart.check(35_000.0), Beat::Dead);
    }

    #[wasm_bindgen_test]
    fn any_message_is_a_sign_of_life() {
        let mut heart = Heartbeat::new(0.0);
        assert_eq!(heart.check(30_000.0), Beat::Ping);
        heart.hear(31_000.0);
        assert_eq!(heart.check(50_000.0), Beat::Nothing);
    }

    #[wasm_bindgen_test]
    fn a_long_sleep_is_not_taken_for_death_before_the_other_side_was_asked() {
        let mut heart = Heartbeat::new(0.0);
        assert_eq!(heart.check(9_000_000.0), Beat::Ping);
    }
}
