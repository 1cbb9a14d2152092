//! Opening the form of alerts.

use super::FormTask;
use crate::api::Failure;
use crate::state::State;
use crate::state::shell::dialogs::DialogKind;
use leptos::prelude::{Set, untrack};
use watchtape_shared::Symbol;
use watchtape_shared::alert::{Alert, Condition};

impl State {
    /// Opens the form for a new alert of a symbol, with this condition in it or with the current price.
    pub(crate) fn open_alert_form(self, symbol: Symbol, condition: Option<Condition>) {
        self.open_form(FormTask { symbol, condition, edited: None, failure: None });
    }

    /// Opens the form with what was refused, and why.
    pub(crate) fn open_refused_alert(self, symbol: Symbol, condition: Condition, failure: Failure) {
        self.open_form(FormTask { symbol, condition: Some(condition), edited: None, failure: Some(failure) });
    }

    /// Opens the form with an alert in it.
    pub(crate) fn edit_alert(self, alert: &Alert) {
        let edited = Some(alert.id.clone());
        self.open_form(FormTask { symbol: alert.symbol, condition: Some(alert.condition), edited, failure: None });
    }

    fn open_form(self, task: FormTask) {
        self.alerts.form.set(Some(task));
        // One that is open shows the new task: opened again, it would begin by forgetting it.
        if untrack(|| self.dialogs.open_dialog()) != Some(DialogKind::Alert) {
            self.dialogs.open(DialogKind::Alert);
        }
    }
}
