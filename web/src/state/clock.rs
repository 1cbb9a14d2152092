//! The current time, once a second, by the server's clock: by a laptop's clock that is minutes off, fresh prices would
//! look old, and one that is days off would request bars of the wrong days.
//!
//! How it is kept between two messages of the server is in `server_time.rs`.

use super::server_time::{Reading, ServerTime};
use super::shell::toasts::Toasts;
use crate::view::steady;
use chrono::{DateTime, Utc};
use js_sys::Date;
use leptos::prelude::*;
use std::time::Duration;

/// The app's clock.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    now_ms: RwSignal<i64>,
    time: StoredValue<ServerTime>,
    /// How often the device's time of day has jumped.
    jumps: RwSignal<u32>,
}

impl Clock {
    pub(super) fn start(toasts: Toasts) -> Self {
        let time = ServerTime::new(reading());
        let clock =
            Self { now_ms: RwSignal::new(time.now_ms()), time: StoredValue::new(time), jumps: RwSignal::new(0) };
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
        self.set(|time| time.set(server_time.timestamp_millis() as f64));
    }

    /// Sets the clock from the `Date` header of a response that took so long.
    pub(crate) fn set_roughly(self, sent_ms: f64, took_ms: f64) {
        self.set(|time| time.set_roughly(sent_ms, took_ms));
    }

    /// Notes that the server's time is this or later: it has sent something that it made then.
    pub(super) fn set_at_least(self, server_ms: i64) {
        let jumped = self.time.try_update_value(|time| {
            let has_jumped = time.advance(reading());
            time.set_at_least(server_ms as f64);
            has_jumped
        });
        self.note_jump(jumped == Some(true));
    }

    fn set(self, set: impl FnOnce(&mut ServerTime)) {
        self.time.update_value(|time| {
            // What has passed until now is part of neither.
            time.advance(reading());
            set(time);
        });
        self.tick();
    }

    /// How often the device's time of day has jumped: then the server has to be asked for its time.
    pub(super) fn jumps(self) -> u32 {
        self.jumps.get()
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

    /// Milliseconds since the page's start, for durations; updated every second.
    pub(crate) fn steady_ms(self) -> f64 {
        self.now_ms.track();
        steady::now_ms()
    }

    /// Updates the time now, without waiting for the next second: timers of a hidden tab are throttled.
    pub(crate) fn tick(self) {
        let ticked = self.time.try_update_value(|time| (time.advance(reading()), time.now_ms()));
        let Some((has_jumped, now_ms)) = ticked else { return };
        self.now_ms.set(now_ms);
        self.note_jump(has_jumped);
    }

    fn note_jump(self, has_jumped: bool) {
        if has_jumped {
            self.jumps.update(|jumps| *jumps += 1);
        }
    }
}

fn reading() -> Reading {
    Reading { time_of_day_ms: Date::now(), steady_ms: steady::now_ms() }
}
