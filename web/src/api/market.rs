//! The state of the exchanges and of the feed, and the server's time.

use super::call::{Answer, Call};
use super::{Api, ApiEvent, Failure};
use leptos::task::spawn_local;
use watchtape_shared::market::Market;

impl Api {
    /// The exchanges and the feed as they are now.
    pub(crate) async fn get_market(self) -> Result<Market, Failure> {
        self.authorised(Call::get("/market")).await?.json()
    }

    /// Asks the server for its time, which is reported as an event. Without an answer nothing is.
    pub(crate) fn ask_time(self) {
        spawn_local(async move {
            if let Ok(answer) = self.authorised(Call::get("/market").uncached()).await {
                self.report_time(&answer);
            }
        });
    }

    /// Reports the `Date` header of an answer that is of no cache.
    pub(super) fn report_time(self, answer: &Answer) {
        if let Some(sent_ms) = answer.sent_ms() {
            self.report(ApiEvent::ServerTime { sent_ms, took_ms: answer.took_ms() });
        }
    }
}
