//! The connection loop: ticket, socket, close code, backoff.

use super::close_codes::{self, Next};
use super::connection::ConnectionStatus;
use super::event::StreamEvent;
use super::reconnect_delay::Backoff;
use super::socket::Socket;
use super::{PriceStream, availability};
use crate::api::Failure;
use crate::view::steady;
use leptos::prelude::*;
use watchtape_shared::stream::ClientMessage;

/// A connection that lasted this long resets the backoff.
const GOOD_MS: f64 = 10_000.0;
const OFFLINE_RETRY_MS: u64 = 60_000;

impl PriceStream {
    /// Connects again and again, until the run ends.
    pub(super) async fn keep_connected(self, run: u32) {
        let mut backoff = Backoff::default();
        while self.is_run(run) {
            if let Some(resumed) = self.suspension() {
                resumed.await;
                backoff = Backoff::default();
                continue;
            }
            self.connection.set_retry(None);
            let opened = steady::now_ms();
            let next = self.connect_once(run).await;
            if !self.is_run(run) {
                return;
            }
            if self.is_suspended() {
                continue;
            }
            if steady::now_ms() - opened > GOOD_MS {
                backoff = Backoff::default();
            }
            match next {
                Next::SignIn => return self.report(StreamEvent::SessionEnded),
                // At once, but only the first time in a row: a fresh token that is refused must not cause a busy loop.
                Next::Renew if backoff.is_fresh() => {
                    backoff.count();
                    if self.api.renew().await == Err(Failure::SignedOut) {
                        return;
                    }
                }
                Next::Renew | Next::Return => {
                    let has_network = availability::has_network();
                    self.connection.set(if has_network {
                        ConnectionStatus::Reconnecting
                    } else {
                        ConnectionStatus::Offline
                    });
                    let floor_ms = self.inner.try_update_value(|inner| std::mem::take(&mut inner.retry_after_ms));
                    let pause_ms = match has_network {
                        true => backoff.next(js_sys::Math::random(), floor_ms.unwrap_or(0)),
                        // The browser reports when the network is back; tried now and then all the same.
                        false => OFFLINE_RETRY_MS,
                    };
                    self.connection.set_retry(Some(steady::now_ms() + pause_ms as f64));
                    let waited = self.inner.try_update_value(|inner| inner.wait.begin(pause_ms));
                    if let Some(waited) = waited {
                        waited.await;
                    }
                }
            }
        }
    }

    /// One connection, from its ticket to its close code.
    async fn connect_once(self, run: u32) -> Next {
        let ticket = match self.api.issue_stream_ticket().await {
            Ok(ticket) => ticket.ticket,
            Err(Failure::SignedOut) => return Next::SignIn,
            Err(_) => return Next::Return,
        };
        if !self.is_run(run) || self.is_suspended() {
            return Next::Return;
        }
        let Some((socket, closed)) = Socket::open(ClientMessage::Auth { ticket }, move |text| self.dispatch(&text))
        else {
            return Next::Return;
        };
        self.inner.update_value(|inner| {
            inner.socket = Some(socket);
            inner.greeted = false;
        });
        let code = closed.await;
        if !self.is_run(run) {
            return Next::Return;
        }
        let greeted = self.inner.try_update_value(|inner| {
            inner.socket = None;
            std::mem::take(&mut inner.greeted)
        });
        close_codes::after(code, greeted == Some(true))
    }
}
