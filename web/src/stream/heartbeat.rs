//! Detects a connection that died silently, as when a laptop slept. The browser answers the server's pings out of reach
//! of scripts, so after 25 s of silence the client sends a ping of its own.

const SILENCE_MS: f64 = 25_000.0;
const PATIENCE_MS: f64 = 10_000.0;

/// What to do after a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Ping,
    Dead,
}

/// When the server was last heard, and when it was pinged.
pub(super) struct Heartbeat {
    heard_ms: f64,
    asked_ms: Option<f64>,
}

impl Heartbeat {
    pub(super) fn new(now_ms: f64) -> Self {
        Self { heard_ms: now_ms, asked_ms: None }
    }

    /// Notes that a message arrived.
    pub(super) fn hear(&mut self, now_ms: f64) {
        self.heard_ms = now_ms;
        self.asked_ms = None;
    }

    /// Called every few seconds. After a sleep the first call pings before it gives the connection up.
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
