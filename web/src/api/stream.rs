//! Tickets for the price stream.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::stream::StreamTicket;

impl Api {
    /// A ticket for one connection, good for half a minute.
    pub(crate) async fn issue_stream_ticket(self) -> Result<StreamTicket, Failure> {
        self.authorised(Call::post("/stream/tickets")).await?.json()
    }
}
