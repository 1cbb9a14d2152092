//! The server's time between two messages that tell it, kept by the device's two clocks: the one that shows the time of
//! day, which may be corrected at any moment, and the one that counts from the page's start, which never is but may stand
//! still while the device sleeps.
//!
//! Where both have counted the same, the time goes on by it. Where the time of day has jumped, it was corrected or the
//! device has slept, and nothing here tells which: the server is asked. A jump ahead that it has not answered within
//! [`PATIENCE_MS`] is taken for sleep, since a price that looks too old harms less than one that looks too new.
//!
//! Deliberately absent: signals, requests, and the browser.

/// A difference between the two clocks that is no jump: both are read one after the other, and adjusted a little.
const JUMP_MS: f64 = 2_000.0;
const PATIENCE_MS: f64 = 2_000.0;
/// A `Date` header is of whole seconds.
const SECOND_MS: f64 = 1_000.0;

/// Both clocks of the device at one moment, in milliseconds.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// Since 1970.
    pub(super) time_of_day_ms: f64,
    /// Since the page's start.
    pub(super) steady_ms: f64,
}

/// The server's time, as far as it is known.
#[derive(Clone, Copy)]
pub(super) struct ServerTime {
    now_ms: f64,
    read: Reading,
    /// A jump ahead that the server was asked about, and when.
    jump: Option<(f64, f64)>,
}

impl ServerTime {
    /// Begins with the device's own time.
    pub(super) fn new(read: Reading) -> Self {
        Self { now_ms: read.time_of_day_ms, read, jump: None }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.now_ms as i64
    }

    /// Goes on to a later reading. Returns whether the server has to be asked for its time.
    pub(super) fn advance(&mut self, read: Reading) -> bool {
        let steady_ms = (read.steady_ms - self.read.steady_ms).max(0.0);
        let jumped_ms = read.time_of_day_ms - self.read.time_of_day_ms - steady_ms;
        self.now_ms += steady_ms;
        self.read = read;
        if let Some((ahead_ms, _)) = self.jump.take_if(|(_, at_ms)| read.steady_ms - *at_ms >= PATIENCE_MS) {
            self.now_ms += ahead_ms;
        }
        let has_jumped = jumped_ms.abs() > JUMP_MS;
        if has_jumped {
            let before_ms = self.jump.map_or(0.0, |(ahead_ms, _)| ahead_ms);
            self.jump = Some(((before_ms + jumped_ms).max(0.0), read.steady_ms));
        }
        has_jumped
    }

    /// Takes over what the server says is the time.
    pub(super) fn set(&mut self, server_ms: f64) {
        self.now_ms = server_ms;
        self.jump = None;
    }

    /// Notes that it is this or later. So much of a jump has been confirmed.
    pub(super) fn set_at_least(&mut self, server_ms: f64) {
        let ahead_ms = (server_ms - self.now_ms).max(0.0);
        self.now_ms += ahead_ms;
        self.jump = self.jump.map(|(jump_ms, at_ms)| ((jump_ms - ahead_ms).max(0.0), at_ms));
    }

    /// Takes over a `Date` header of an answer that took so long: a time that agrees with it is the better one.
    pub(super) fn set_roughly(&mut self, sent_ms: f64, took_ms: f64) {
        self.set(self.now_ms.clamp(sent_ms, sent_ms + SECOND_MS + took_ms.max(0.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    const HOUR_MS: f64 = 3_600_000.0;

    fn at(time_of_day_ms: f64, steady_ms: f64) -> Reading {
        Reading { time_of_day_ms, steady_ms }
    }

    /// A clock that the server has set to 5,000 hours, at a device that is an hour behind.
    fn told() -> ServerTime {
        let mut time = ServerTime::new(at(4_999.0 * HOUR_MS, 0.0));
        time.set(5_000.0 * HOUR_MS);
        time
    }

    #[wasm_bindgen_test]
    fn a_correction_of_the_device_is_asked_about_and_changes_nothing() {
        for corrected_ms in [HOUR_MS, 6.0 * HOUR_MS, -6.0 * HOUR_MS] {
            let mut time = told();
            assert!(!time.advance(at(4_999.0 * HOUR_MS + 1_000.0, 1_000.0)));
            assert!(time.advance(at(4_999.0 * HOUR_MS + corrected_ms + 2_000.0, 2_000.0)));
            assert_eq!(time.now_ms(), (5_000.0 * HOUR_MS) as i64 + 2_000);
            time.set_roughly(5_000.0 * HOUR_MS + 2_000.0, 50.0);
            assert!(!time.advance(at(4_999.0 * HOUR_MS + corrected_ms + 9_000.0, 9_000.0)));
            assert_eq!(time.now_ms(), (5_000.0 * HOUR_MS) as i64 + 9_000);
        }
    }

    #[wasm_bindgen_test]
    fn sleep_that_nobody_contradicts_makes_prices_old() {
        let mut time = told();
        assert!(time.advance(at(5_005.0 * HOUR_MS, 1_000.0)));
        time.advance(at(5_005.0 * HOUR_MS + 2_000.0, 3_000.0));
        assert_eq!(time.now_ms(), (5_006.0 * HOUR_MS) as i64 + 2_000);
    }

    #[wasm_bindgen_test]
    fn a_clock_set_back_makes_no_price_younger() {
        let mut time = told();
        assert!(time.advance(at(4_000.0 * HOUR_MS, 1_000.0)));
        time.advance(at(4_000.0 * HOUR_MS + 9_000.0, 10_000.0));
        assert_eq!(time.now_ms(), (5_000.0 * HOUR_MS) as i64 + 10_000);
    }

    #[wasm_bindgen_test]
    fn a_round_that_was_published_after_a_sleep_ends_the_night() {
        let mut time = told();
        assert!(time.advance(at(5_005.0 * HOUR_MS, 1_000.0)));
        time.set_at_least(5_006.0 * HOUR_MS);
        time.set_at_least(5_001.0 * HOUR_MS);
        time.advance(at(5_005.0 * HOUR_MS + 5_000.0, 6_000.0));
        let passed_ms = time.now_ms() - (5_006.0 * HOUR_MS) as i64;
        assert!((4_000..7_000).contains(&passed_ms), "{passed_ms}");
    }

    #[wasm_bindgen_test]
    fn a_date_header_moves_only_what_it_contradicts() {
        let mut time = told();
        let right_ms = 5_000.0 * HOUR_MS;
        for (sent_ms, took_ms, is_ms) in [
            (right_ms - 900.0, 0.0, right_ms),
            (right_ms + 300.0, 0.0, right_ms + 300.0),
            (right_ms - 4_000.0, 5_000.0, right_ms + 300.0),
            (right_ms - 4_000.0, 1_000.0, right_ms - 2_000.0),
        ] {
            time.set_roughly(sent_ms, took_ms);
            assert_eq!(time.now_ms(), is_ms as i64);
        }
    }
}
