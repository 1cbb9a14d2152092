//! The current time, once a second, by the server's clock: by a laptop's clock that is minutes off, fresh prices would
//! look old, and one that is days off would request bars of the wrong days.

use super::shell::toasts::Toasts;
use chrono::{DateTime, Utc};
use js_sys::Date;
use leptos::prelude::*;
use std::time::Duration;

/// The error up to which a clock that was set from a `Date` header is left alone.
const ROUGHLY_MS: i64 = 60_000;

/// The app's clock.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    now_ms: RwSignal<i64>,
    ahead_ms: StoredValue<i64>,
}

impl Clock {
    pub(super) fn start(toasts: Toasts) -> Self {
        let clock = Self { now_ms: RwSignal::new(Date::now() as i64), ahead_ms: StoredValue::new(0) };
        set_interval(
            move || {
                clock.tick();
                toasts.tick();
            },
            Duration::from_secs(1),
        );
        clock
    }

    /// Sets the clock from the stream's server time.
    pub(crate) fn set_exactly(self, server_time: DateTime<Utc>) {
        self.set(server_time.timestamp_millis() - Date::now() as i64);
    }

    /// Sets the clock from a response's `Date` header, which is of whole seconds and late by the network's delay: a
    /// clock that is nearly right is left alone.
    pub(crate) fn set_roughly(self, sent_ms: f64) {
        let ahead_ms = sent_ms as i64 - Date::now() as i64;
        if (ahead_ms - self.ahead_ms.get_value()).abs() > ROUGHLY_MS {
            self.set(ahead_ms);
        }
    }

    fn set(self, ahead_ms: i64) {
        self.ahead_ms.set_value(ahead_ms);
        self.tick();
    }

    /// Milliseconds since a moment; updated every second.
    pub(crate) fn age_ms(self, moment: DateTime<Utc>) -> i64 {
        self.now_ms.get() - moment.timestamp_millis()
    }

    /// The server's time in milliseconds; updated every second.
    pub(crate) fn now_ms(self) -> i64 {
        self.now_ms.get()
    }

    /// The server's time as a date, untracked.
    pub(crate) fn today(self) -> Date {
        Date::new(&(self.now_ms.get_untracked() as f64).into())
    }

    /// This device's own time in milliseconds; updated every second.
    pub(crate) fn device_ms(self) -> f64 {
        self.now_ms.track();
        Date::now()
    }

    /// Updates the time now, without waiting for the next second: timers of a hidden tab are throttled.
    pub(crate) fn tick(self) {
        self.now_ms.set(Date::now() as i64 + self.ahead_ms.get_value());
    }
}
