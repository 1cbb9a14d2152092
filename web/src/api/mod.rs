//! The client of the REST API: one method for each operation, one file for each resource.
//!
//! Every call but signing in carries the access token. It is renewed shortly before it expires, and once more after a
//! 401; calls that need a renewal at the same time share one. Deliberately absent: the app's state, which hears of
//! renewals through [`ApiEvent`].

mod access_token;
mod account;
mod alerts;
mod api_keys;
mod audit;
mod bars;
mod call;
mod creation;
mod deadline;
mod destinations;
mod devices;
mod failure;
mod idempotency_key;
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

pub(crate) use access_token::AccessToken;
pub(crate) use failure::Failure;
pub(crate) use idempotency_key::IdempotencyKey;
pub(crate) use items::Version;

use call::{Answer, Call};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use watchtape_shared::account::SignedIn;

type Renewal = Shared<LocalBoxFuture<'static, Result<(), Failure>>>;

/// What calls report to the app.
pub(crate) enum ApiEvent {
    /// The session was renewed.
    Renewed(SignedIn),
    /// The session has ended on the server.
    Expired,
    /// The server's time, to the second, when it sent an answer that took so long.
    ServerTime { sent_ms: f64, took_ms: f64 },
}

type OnEvent = Rc<dyn Fn(ApiEvent)>;

/// Makes calls for whoever is signed in.
#[derive(Clone, Copy)]
pub(crate) struct Api {
    access: AccessToken,
    on_event: StoredValue<OnEvent, LocalStorage>,
    renewal: StoredValue<Option<Renewal>, LocalStorage>,
}

impl Api {
    pub(crate) fn new(access: AccessToken, on_event: impl Fn(ApiEvent) + 'static) -> Self {
        Self { access, on_event: StoredValue::new_local(Rc::new(on_event)), renewal: StoredValue::new_local(None) }
    }

    /// Makes a call for whoever is signed in. What is answered after they have signed out is nobody's.
    async fn authorised(self, call: Call) -> Result<Answer, Failure> {
        self.send(&call).await
    }

    async fn send(self, call: &Call) -> Result<Answer, Failure> {
        let person = self.access.person();
        let outcome = self.send_authorised(call).await;
        if self.access.person() == person { outcome } else { Err(Failure::SignedOut) }
    }

    async fn send_authorised(self, call: &Call) -> Result<Answer, Failure> {
        if self.access.is_due() {
            self.renew().await?;
        }
        let token = self.access.get().ok_or(Failure::SignedOut)?;
        match call.send(Some(&token)).await {
            Err(failure) if failure.status() == Some(401) => {
                // Another call may have renewed it in the meantime.
                if self.access.get().as_ref() == Some(&token) {
                    self.renew().await?;
                }
                let token = self.access.get().ok_or(Failure::SignedOut)?;
                call.send(Some(&token)).await
            }
            outcome => outcome,
        }
    }

    /// Exchanges the refresh cookie for a new access token. Without a valid cookie the session has ended.
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
        tab_lock::with_lock("watchtape-refresh", async move {
            *answer.borrow_mut() = self.refresh().await;
        })
        .await;
        self.renewal.set_value(None);
        let outcome = outcome.replace(Err(Failure::Unreachable));
        match outcome {
            Ok(signed_in) => {
                self.report(ApiEvent::Renewed(signed_in));
                Ok(())
            }
            Err(failure) if failure.status() == Some(401) => {
                self.report(ApiEvent::Expired);
                Err(Failure::SignedOut)
            }
            Err(failure) => Err(failure),
        }
    }

    fn report(self, event: ApiEvent) {
        let on_event = self.on_event.get_value();
        on_event(event);
    }
}
