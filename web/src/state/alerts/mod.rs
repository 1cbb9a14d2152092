//! The account's price alerts, and what triggered.
//!
//! ```text
//!   greeting of the stream ──▶ catch_up: alerts and history are read, and what is new since then is told
//!   `alert` on the stream ───▶ apply_event: history, notice, unread count
//!   a person ────────────────▶ edits: made, changed, paused, deleted, each with its inverse
//! ```
//!
//! Deliberately absent: alerts that another device of the account changes meanwhile. They are read again at each greeting,
//! and where the page of alerts or the form is opened.

pub(crate) mod condition_kind;
pub(crate) mod edits;
mod form;
mod history;
mod notices;
mod seen;

use crate::api::{Api, Failure};
use crate::state::account::session::Session;
use crate::state::shell::toasts::Toasts;
use crate::state::undo_stack::UndoStack;
use crate::view::reactive::memo;
use history::History;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::HashMap;
use watchtape_shared::alert::{Alert, AlertEvent, AlertState, Condition, Frequency, Preview};
use watchtape_shared::{AlertId, Symbol};

/// The alerts, or why they are not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum AlertsState {
    #[default]
    Loading,
    Failed(Failure),
    /// The newest first.
    Ready(Vec<Alert>),
}

/// What the form is open for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FormTask {
    pub(crate) symbol: Symbol,
    /// What the form begins with; the current price without it.
    pub(crate) condition: Option<Condition>,
    /// The alert that is edited.
    pub(crate) edited: Option<AlertId>,
    /// Why what was asked for elsewhere was refused.
    pub(crate) failure: Option<Failure>,
}

/// When an alert would have triggered, as the form has asked last.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShownPreview {
    pub(crate) symbol: Symbol,
    pub(crate) condition: Condition,
    pub(crate) preview: Preview,
}

/// The account's alerts.
#[derive(Clone, Copy)]
pub(crate) struct Alerts {
    api: Api,
    session: Session,
    toasts: Toasts,
    undo: UndoStack,
    state: RwSignal<AlertsState>,
    /// Counts requests: an answer to any but the last is dropped.
    asked: StoredValue<u32>,
    /// Counts changes: an answer that was asked for before one may be from before it, and is asked for again.
    changed: StoredValue<u32>,
    active: Memo<HashMap<Symbol, usize>>,
    history: RwSignal<History>,
    seen: RwSignal<Option<seen::Seen>>,
    unread: Memo<usize>,
    /// The triggers that notices on the screen are about.
    told: StoredValue<Vec<AlertEvent>>,
    form: RwSignal<Option<FormTask>>,
    preview: RwSignal<Option<ShownPreview>>,
}

impl Alerts {
    pub(in crate::state) fn new(api: Api, session: Session, toasts: Toasts, undo: UndoStack) -> Self {
        let state = RwSignal::new(AlertsState::Loading);
        let history = RwSignal::new(History::default());
        let seen = RwSignal::new(None::<seen::Seen>);
        Self {
            api,
            session,
            toasts,
            undo,
            state,
            asked: StoredValue::new(0),
            changed: StoredValue::new(0),
            active: memo(move |_| state.with(count_active)),
            history,
            seen,
            unread: memo(move |_| {
                history.with(|history| seen.with(|seen| seen.as_ref().map_or(0, |seen| seen.unread(&history.events))))
            }),
            told: StoredValue::default(),
            form: RwSignal::new(None),
            preview: RwSignal::new(None),
        }
    }

    pub(crate) fn state(self) -> ReadSignal<AlertsState> {
        self.state.read_only()
    }

    /// How many alerts of a symbol are watched for.
    pub(crate) fn active_of(self, symbol: Symbol) -> usize {
        self.active.with(|active| active.get(&symbol).copied().unwrap_or_default())
    }

    /// The alerts of a symbol, the newest first.
    pub(crate) fn of(self, symbol: Symbol) -> Vec<Alert> {
        self.state.with(|state| match state {
            AlertsState::Ready(alerts) => alerts.iter().filter(|alert| alert.symbol == symbol).cloned().collect(),
            _ => Vec::new(),
        })
    }

    pub(crate) fn find(self, id: &AlertId) -> Option<Alert> {
        self.state.with(|state| match state {
            AlertsState::Ready(alerts) => alerts.iter().find(|alert| alert.id == *id).cloned(),
            _ => None,
        })
    }

    /// What the form is open for.
    pub(crate) fn form(self) -> ReadSignal<Option<FormTask>> {
        self.form.read_only()
    }

    /// The form was closed.
    pub(crate) fn close_form(self) {
        self.form.set(None);
    }

    /// When the alert of the form would have triggered.
    pub(crate) fn preview(self) -> ReadSignal<Option<ShownPreview>> {
        self.preview.read_only()
    }

    pub(crate) fn show_preview(self, preview: Option<ShownPreview>) {
        self.preview.set(preview);
    }

    /// Reads the alerts, keeping those on screen until the answer is there.
    pub(crate) fn load(self) {
        self.asked.update_value(|asked| *asked += 1);
        let asked = self.asked.get_value();
        if matches!(self.state.get_untracked(), AlertsState::Failed(_)) {
            self.state.set(AlertsState::Loading);
        }
        spawn_local(async move {
            let answer = loop {
                let changed = self.changed.get_value();
                let answer = self.api.list_alerts().await;
                if self.asked.get_value() != asked {
                    return;
                }
                if self.changed.get_value() == changed {
                    break answer;
                }
            };
            match answer {
                Ok(mut alerts) => {
                    alerts.sort_by(|one, other| other.id.as_str().cmp(one.id.as_str()));
                    self.state.set(AlertsState::Ready(alerts));
                }
                // Those on screen stay; they may be slightly out of date.
                Err(_) if matches!(self.state.get_untracked(), AlertsState::Ready(_)) => {}
                Err(failure) => self.state.set(AlertsState::Failed(failure)),
            }
        });
    }

    /// Reads alerts and history after each greeting of the stream, and tells what triggered meanwhile.
    pub(in crate::state) fn catch_up(self) {
        self.load();
        self.load_history();
    }

    /// Takes over an alert that the server has answered with.
    fn put(self, alert: &Alert) {
        self.change(|alerts| match alerts.iter_mut().find(|held| held.id == alert.id) {
            // The stream may have told of a trigger since.
            Some(held) if held.version > alert.version => {}
            Some(held) => *held = alert.clone(),
            None => alerts.insert(0, alert.clone()),
        });
    }

    /// A trigger changes its alert as the server does, which counts it as a change.
    fn note_trigger(self, event: &AlertEvent) {
        self.change(|alerts| {
            let Some(alert) = alerts.iter_mut().find(|alert| alert.id == event.alert_id) else { return };
            alert.version += 1;
            alert.trigger_count += 1;
            alert.last_triggered_at = Some(event.triggered_at);
            if alert.frequency == Frequency::Once {
                alert.state = AlertState::Triggered;
            }
        });
    }

    fn change(self, change: impl FnOnce(&mut Vec<Alert>)) {
        self.changed.update_value(|changed| *changed += 1);
        if self.state.with_untracked(|state| matches!(state, AlertsState::Ready(_))) {
            self.state.update(|state| {
                if let AlertsState::Ready(alerts) = state {
                    change(alerts);
                }
            });
        }
    }

    pub(in crate::state) fn forget(self) {
        let Self {
            api: _,
            session: _,
            toasts: _,
            undo: _,
            state,
            asked,
            changed: _,
            active: _,
            history,
            seen,
            unread: _,
            told,
            form,
            preview,
        } = self;
        asked.update_value(|asked| *asked += 1);
        state.set(AlertsState::Loading);
        history.update(History::forget);
        seen.set(None);
        told.set_value(Vec::new());
        form.set(None);
        preview.set(None);
    }
}

fn count_active(state: &AlertsState) -> HashMap<Symbol, usize> {
    let mut active = HashMap::new();
    if let AlertsState::Ready(alerts) = state {
        for alert in alerts.iter().filter(|alert| alert.state == AlertState::Active) {
            *active.entry(alert.symbol).or_default() += 1;
        }
    }
    active
}
