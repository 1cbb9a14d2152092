//! The server, as the app sees it: one method for each call of the REST contract, one file for each resource.
//!
//! Every call but signing in carries the access token. It is renewed shortly before it runs out, and once more where
//! the server refuses it all the same; however many calls wait for a renewal, one is under way.

mod account;
mod api_keys;
mod audit;
mod bars;
mod call;
mod devices;
mod failure;
mod items;
mod market;
mod profile;
mod quotes;
mod securities;
mod stream;
mod tab_lock;
mod tickers;
mod transfer;
mod watchlists;

pub(crate) use failure::Failure;
pub(crate) use items::Version;

use crate::state::account::session::{Farewell, Session};
use crate::state::clock::Clock;
use call::{Answer, Call};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

type Renewal = Shared<LocalBoxFuture<'static, Result<(), Failure>>>;

/// Makes calls for whoever is signed in.
#[derive(Clone, Copy)]
pub(crate) struct Api {
    session: Session,
    clock: Clock,
    renewal: StoredValue<Option<Renewal>, LocalStorage>,
}

impl Api {
    pub(crate) fn new(session: Session, clock: Clock) -> Self {
        Self { session, clock, renewal: StoredValue::new_local(None) }
    }

    async fn authorised(self, call: Call) -> Result<Answer, Failure> {
        if self.session.token_is_due() {
            self.renew().await?;
        }
        let token = self.session.token().ok_or(Failure::SignedOut)?;
        match call.send(Some(&token)).await {
            Err(failure) if failure.status() == Some(401) => {
                // Another call may have renewed it in the meantime.
                if self.session.token().as_ref() == Some(&token) {
                    self.renew().await?;
                }
                let token = self.session.token().ok_or(Failure::SignedOut)?;
                call.send(Some(&token)).await
            }
            outcome => outcome,
        }
    }

    /// Turns the refresh cookie into a new access token. Without a good cookie the session is over.
    pub(crate) async fn renew(self) -> Result<(), Failure> {
        let under_way = self.renewal.get_value().unwrap_or_else(|| {
            let renewal = self.use_cookie().boxed_local().shared();
            self.renewal.set_value(Some(renewal.clone()));
            renewal
        });
        under_way.await
    }

    async fn use_cookie(self) -> Result<(), Failure> {
        let outcome = Rc::new(RefCell::new(Err(Failure::Unreachable)));
        let answer = Rc::clone(&outcome);
        tab_lock::holding("watchtape-refresh", async move {
            *answer.borrow_mut() = self.refresh().await;
        })
        .await;
        self.renewal.set_value(None);
        let outcome = outcome.replace(Err(Failure::Unreachable));
        match outcome {
            Ok(signed_in) => {
                self.session.accept(signed_in);
                Ok(())
            }
            Err(failure) if failure.status() == Some(401) => {
                self.session.end(Farewell::Expired);
                Err(Failure::SignedOut)
            }
            Err(failure) => Err(failure),
        }
    }
}
