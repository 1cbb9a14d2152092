//! The sparklines of the rows in view: requested in batches once scrolling has stopped, and again every few minutes.
//! Between requests a line is extended by the live price.

use crate::api::Api;
use crate::state::clock::Clock;
use crate::view::reactive::effect;
use js_sys::Date;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::sparkline::Sparkline;

const SCROLL_PAUSE: Duration = Duration::from_millis(200);
/// How long a sparkline stays current.
const CURRENT_MS: f64 = 180_000.0;
/// How often outdated sparklines are looked for.
const REFRESH_EVERY_S: i64 = 30;
/// The most symbols of one request.
const BATCH: usize = 100;
/// More than any list has: beyond that, sparklines of other lists are dropped.
const MOST: usize = 2_500;

type SparklineSignal = ArcRwSignal<Option<Arc<Sparkline>>>;

struct Entry {
    signal: SparklineSignal,
    asked_ms: f64,
}

/// The lines, by symbol.
#[derive(Clone, Copy)]
pub(crate) struct Sparklines {
    api: Api,
    held: StoredValue<HashMap<Symbol, Entry>>,
    seen: RwSignal<Vec<Symbol>>,
    due: StoredValue<bool>,
}

impl Sparklines {
    pub(in crate::state) fn new(api: Api, clock: Clock) -> Self {
        let (held, due) = (StoredValue::new(HashMap::new()), StoredValue::new(false));
        let sparks = Self { api, held, seen: RwSignal::default(), due };
        effect(move || {
            sparks.seen.track();
            sparks.refresh_soon();
        });
        effect(move || {
            if clock.now_ms() / 1000 % REFRESH_EVERY_S == 0 && !document().hidden() {
                sparks.refresh_soon();
            }
        });
        sparks
    }

    /// The sparkline of a symbol; `None` until it is loaded.
    pub(crate) fn signal(self, symbol: Symbol) -> SparklineSignal {
        let entry = |held: &mut HashMap<Symbol, Entry>| {
            let new = || Entry { signal: ArcRwSignal::new(None), asked_ms: 0.0 };
            held.entry(symbol).or_insert_with(new).signal.clone()
        };
        self.held.try_update_value(entry).unwrap_or_default()
    }

    /// Sets the symbols whose sparklines are in view.
    pub(crate) fn show(self, symbols: Vec<Symbol>) {
        if self.seen.with_untracked(|seen| *seen != symbols) {
            self.seen.set(symbols);
        }
    }

    pub(in crate::state) fn forget(self) {
        let Self { api: _, held, seen, due: _ } = self;
        held.update_value(HashMap::clear);
        seen.set(Vec::new());
    }

    fn refresh_soon(self) {
        if !self.due.get_value() {
            self.due.set_value(true);
            set_timeout(move || self.refresh(), SCROLL_PAUSE);
        }
    }

    fn refresh(self) {
        self.due.set_value(false);
        let (seen, now_ms) = (self.seen.get_untracked(), Date::now());
        let wanted = self.held.try_update_value(|held| {
            if held.len() > MOST {
                held.retain(|symbol, _| seen.contains(symbol));
            }
            let is_due = |symbol: &&Symbol| held.get(symbol).is_none_or(|held| now_ms - held.asked_ms > CURRENT_MS);
            let wanted: Vec<Symbol> = seen.iter().filter(is_due).copied().collect();
            // Noted before the answer: a request that fails is not repeated at once.
            for symbol in &wanted {
                let new = || Entry { signal: ArcRwSignal::new(None), asked_ms: now_ms };
                held.entry(*symbol).or_insert_with(new).asked_ms = now_ms;
            }
            wanted
        });
        for batch in wanted.unwrap_or_default().chunks(BATCH) {
            let batch = batch.to_vec();
            spawn_local(async move {
                // Without an answer the rows stay as they are.
                for line in self.api.list_sparklines(&batch).await.unwrap_or_default() {
                    self.signal(line.symbol).set(Some(Arc::new(line)));
                }
            });
        }
    }
}
