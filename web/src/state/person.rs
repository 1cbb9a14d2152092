//! Whose things are on the screen: everything of one person is forgotten before another can see it, when they sign out,
//! are signed out elsewhere, or another account's session takes the place of theirs.
//!
//! Each part forgets its own (`forget`). Each takes itself apart by name, so that a field that is added does not compile
//! before somebody has said whether it is a person's.
//!
//! Changes that were not sent wait for the person who made them, unless they signed out themselves: nothing of them is
//! shown meanwhile, and another person's sign-in drops them.

use super::State;
use super::account::session::LogoutReason;
use crate::route::{self, Route};
use crate::state::local_storage;
use crate::texts;
use crate::view::reactive::effect;
use leptos::prelude::*;
use std::sync::Arc;
use watchtape_shared::UserId;

/// What is stored in this browser of a person's things: the list last open, folded sections, securities last chosen, alerts
/// last seen. How
/// things look stays, whoever is signed in.
const STORED: [&str; 4] = ["watchtape.list", "watchtape.folded.", "watchtape.recent", "watchtape.alerts"];

impl State {
    /// Loads the lists and starts the stream when somebody signs in, and forgets everything of whoever was before.
    pub(crate) fn follow_session(self) {
        let current = StoredValue::new(None);
        // Who made the changes that wait.
        let owner = StoredValue::new(None::<UserId>);
        effect(move || {
            let user = self.session.user_id();
            let reason = self.session.logout_reason();
            let before = current.try_update_value(|current| std::mem::replace(current, user.clone())).flatten();
            if before == user {
                return;
            }
            self.forget_person();
            if before.is_some() {
                self.location.forget();
                owner.set_value(before.clone());
            }
            let is_over = reason.is_some_and(LogoutReason::is_final);
            let is_other = user.is_some() && owner.with_value(|owner| owner.is_some() && *owner != user);
            if is_over || is_other {
                self.open_list.discard_changes();
                self.drafts.discard();
                STORED.iter().for_each(|beginning| local_storage::remove(beginning));
            }
            let Some(user) = user else { return };
            if is_other && before.is_some() && self.location.route().with_untracked(is_of_a_person) {
                self.location.replace(route::HOME);
            }
            owner.set_value(Some(user));
            self.lists.load();
            self.stream.start();
            self.open_list.resume();
            self.offer_draft();
        });
    }

    /// Offers to go on with what was being written in the editor when it was closed, or the session ended.
    pub(crate) fn offer_draft(self) {
        let Some((list, symbol)) = self.drafts.in_editor() else { return };
        let text = texts::item::draft_waits(&symbol);
        self.toasts.warn(
            text,
            texts::item::go_on().to_owned(),
            Arc::new(move || {
                // Over its own list alone: to go elsewhere would ask whether the draft may be lost.
                if self.open_list.id().get_untracked().as_ref() == Some(&list) {
                    self.editing.edit(vec![symbol]);
                }
            }),
        );
    }

    /// Forgets what is on the screen, and what could come back to it.
    fn forget_person(self) {
        let Self {
            // The connections to the server carry whoever is signed in, or nobody.
            api: _,
            stream,
            connection: _,
            lazy: _,
            clock: _,
            undo_stack,
            // Says itself who is signed in.
            session: _,
            // Of this browser: how things look.
            preferences: _,
            columns: _,
            // The address is replaced by the pages' guard, and where pages were scrolled to is forgotten with a person: after a
            // reload it is somebody's own.
            location: _,
            dialogs,
            toasts,
            palette,
            lists,
            open_list,
            sorting,
            rows,
            selection,
            editing,
            // Wait for the person who made them.
            drafts: _,
            alerts,
            visible_symbols,
            quotes,
            sparklines,
            price_card,
            market,
        } = self;
        stream.stop();
        undo_stack.clear();
        dialogs.forget();
        toasts.forget();
        palette.forget();
        lists.forget_all();
        open_list.close();
        sorting.clear();
        rows.forget();
        selection.forget();
        editing.forget();
        alerts.forget();
        visible_symbols.forget();
        quotes.forget();
        sparklines.forget();
        price_card.close();
        market.set(None);
    }
}

/// Whether an address names something that one account has and another does not.
fn is_of_a_person(route: &Route) -> bool {
    matches!(route, Route::List(_))
}
