//! Carries out the chosen result.

use super::{SearchAction, SearchResult, SearchResults};
use crate::api::{Failure, IdempotencyKey};
use crate::state::search::alert_query::AlertQuery;
use crate::state::search::recent_securities;
use crate::view::focus;
use crate::{route, texts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::alert::{AlertSession, Frequency, NewAlert};
use watchtape_shared::ticker::Ticker;
use watchtape_shared::watchlist::AddItem;
use watchtape_shared::{Symbol, WatchlistId};

impl SearchResults {
    /// Chooses a result.
    pub(crate) fn choose(self, at: usize, action: SearchAction) {
        let Some(entry) = self.entry(at) else { return };
        self.state.palette.active.set(at);
        match entry {
            SearchResult::Ticker(found) => self.choose_ticker(found.ticker, action),
            SearchResult::List(list) => self.choose_list(&list.id),
            SearchResult::Alert(alert) => self.choose_alert(alert, action),
            SearchResult::Action(action) => {
                self.state.palette.close();
                action.run(self.state);
            }
        }
    }

    /// Sets the alert, or opens the form with it: on wish, and where it is refused.
    fn choose_alert(self, AlertQuery { symbol, condition }: AlertQuery, action: SearchAction) {
        let state = self.state;
        state.palette.close();
        if action == SearchAction::Open {
            return state.open_alert_form(symbol, Some(condition));
        }
        let new = NewAlert {
            symbol: symbol.to_string(),
            condition,
            frequency: Frequency::Once,
            cooldown_s: None,
            rearm_percent: None,
            session: AlertSession::Regular,
            expires_at: None,
            note: None,
            destinations: Vec::new(),
        };
        spawn_local(async move {
            match state.alerts.create(&new, &IdempotencyKey::new()).await {
                Ok(()) | Err(Failure::SignedOut) => {}
                Err(failure) => state.open_refused_alert(symbol, condition, failure),
            }
        });
    }

    fn choose_ticker(self, ticker: Ticker, action: SearchAction) {
        let (state, symbol) = (self.state, ticker.symbol);
        if let Some(user) = untrack(|| state.session.user_id()) {
            recent_securities::remember(&user, &ticker);
        }
        match (action, state.open_list.id().get_untracked()) {
            (SearchAction::Open, _) => {
                state.palette.close();
                state.location.go(&route::security(symbol));
            }
            (SearchAction::Add, Some(_)) if untrack(|| state.open_list.contains(symbol)) => {
                state.palette.reveal(symbol);
            }
            (SearchAction::Add, Some(_)) => {
                state.open_list.add(symbol);
                // The next symbol is typed over this one.
                focus::select_typed();
            }
            (SearchAction::ChooseList, _) | (SearchAction::Add, None) => {
                let text = state.palette.query().get_untracked();
                self.choosing_list_for.set(Some((ticker, text)));
                state.palette.type_text(String::new());
            }
        }
    }

    fn choose_list(self, id: &WatchlistId) {
        let Some((ticker, _)) = self.choosing_list_for.get_untracked() else {
            self.state.palette.close();
            return self.state.location.go(&route::list(id));
        };
        self.add_to(id.clone(), ticker.symbol);
        self.back();
    }

    fn add_to(self, id: WatchlistId, symbol: Symbol) {
        let state = self.state;
        if state.open_list.id().with_untracked(|open| open.as_ref() == Some(&id)) {
            return state.open_list.add(symbol);
        }
        let Some(list) = untrack(|| state.lists.find(&id)) else { return };
        let (item, told) = (AddItem::at_end(symbol), state.lists.times_told());
        spawn_local(async move {
            match state.api.add_item(&id, &item, &IdempotencyKey::new()).await {
                Ok(_) => {
                    state.lists.count_item(&id, 1, told);
                    state.toasts.show(texts::palette::added_to(&symbol, &list.name));
                }
                Err(failure) => state.toasts.fail(&texts::palette::not_added_to(&symbol, &list.name), &failure),
            }
        });
    }
}
