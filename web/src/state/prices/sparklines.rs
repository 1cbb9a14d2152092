//! The sparklines of the rows in view: requested in batches once scrolling has stopped, and again every few minutes.
//! Between requests a line is extended by the live price.

use crate::api::Api;
use crate::state::clock::Clock;
use js_sys::Date;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::sparkline::Sparkline;

const REST: Duration = Duration::from_millis(200);
/// How long a sparkline stays current.
const GOOD_MS: f64 = 180_000.0;
/// How often outdated sparklines are looked for.
const LOOK_EVERY_S: i64 = 30;
/// The most symbols of one request.
const BATCH: usize = 100;
/// More than any list has: beyond that, sparklines of other lists are dropped.
const MOST: usize = 2_500;

type Course = ArcRwSignal<Option<Arc<Sparkline>>>;

struct Held {
    course: Course,
    asked_ms: f64,
}

/// The lines, by symbol.
#[derive(Clone, Copy)]
pub(crate) struct Sparklines {
    api: Api,
    held: StoredValue<HashMap<Symbol, Held>>,
    seen: RwSignal<Vec<Symbol>>,
    due: StoredValue<bool>,
}

impl Sparklines {
    pub(in crate::state) fn new(api: Api, clock: Clock) -> Self {
        let (held, due) = (StoredValue::new(HashMap::new()), StoredValue::new(false));
        let sparks = Self { api, held, seen: RwSignal::default(), due };
        Effect::new(move |_| {
            sparks.seen.track();
            sparks.look_soon();
        });
        Effect::new(move |_| {
            if clock.now_ms() / 1000 % LOOK_EVERY_S == 0 && !document().hidden() {
                sparks.look_soon();
            }
        });
        sparks
    }

    /// The sparkline of a symbol; `None` until it is loaded.
    pub(crate) fn course(self, symbol: Symbol) -> Course {
        let entry = |held: &mut HashMap<Symbol, Held>| {
            let new = || Held { course: ArcRwSignal::new(None), asked_ms: 0.0 };
            held.entry(symbol).or_insert_with(new).course.clone()
        };
        self.held.try_update_value(entry).unwrap_or_default()
    }

    /// Sets the symbols whose sparklines are in view.
    pub(crate) fn show(self, symbols: Vec<Symbol>) {
        if self.seen.with_untracked(|seen| *seen != symbols) {
            self.seen.set(symbols);
        }
    }

    fn look_soon(self) {
        if !self.due.get_value() {
            self.due.set_value(true);
            set_timeout(move || self.look(), REST);
        }
    }

    fn look(self) {
        self.due.set_value(false);
        let (seen, now_ms) = (self.seen.get_untracked(), Date::now());
        let wanted = self.held.try_update_value(|held| {
            if held.len() > MOST {
                held.retain(|symbol, _| seen.contains(symbol));
            }
            let is_due = |symbol: &&Symbol| held.get(symbol).is_none_or(|held| now_ms - held.asked_ms > GOOD_MS);
            let wanted: Vec<Symbol> = seen.iter().filter(is_due).copied().collect();
            // Noted before the answer: a request that fails is not repeated at once.
            for symbol in &wanted {
                let new = || Held { course: ArcRwSignal::new(None), asked_ms: now_ms };
                held.entry(*symbol).or_insert_with(new).asked_ms = now_ms;
            }
            wanted
        });
        for batch in wanted.unwrap_or_default().chunks(BATCH) {
            let batch = batch.to_vec();
            spawn_local(async move {
                // Without an answer the rows stay as they are.
                for line in self.api.list_sparklines(&batch).await.unwrap_or_default() {
                    self.course(line.symbol).set(Some(Arc::new(line)));
                }
            });
        }
    }
}
