//! What a vendor's streaming connection says, the newest of each symbol: whoever reads late finds fewer, newer prices,
//! and the connection never waits for it.

use super::contained;
use crate::feed::vendors::error::AskError;
use crate::feed::vendors::vendor::{Vendor, VendorQuote};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::AbortHandle;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

/// What may lie between the connection and the mailbox; the mailbox is emptied into without waiting.
const CAPACITY: usize = 256;

/// The securities that are to be streamed.
pub(super) type Streamed = Arc<Vec<Arc<Ticker>>>;

/// The newest quote of each symbol since it was last read.
#[derive(Debug, Default)]
pub(super) struct Mailbox(Mutex<HashMap<Symbol, VendorQuote>>);

impl Mailbox {
    pub(super) fn put(&self, quote: VendorQuote) {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A trade may be reported late.
        if newest.get(&quote.symbol).is_none_or(|known| known.as_of <= quote.as_of) {
            newest.insert(quote.symbol, quote);
        }
    }

    pub(super) fn take(&self) -> Vec<VendorQuote> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        taken.into_values().collect()
    }
}

/// A connection that is open or being opened.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) wanted: watch::Sender<Streamed>,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) task: AbortHandle,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Listens until the connection ends, and says why it did.
pub(super) async fn listen(
    vendor: Arc<dyn Vendor>,
    wanted: watch::Receiver<Streamed>,
    mailbox: Arc<Mailbox>,
    mail: Arc<Notify>,
) -> AskError {
    let (sender, mut heard) = mpsc::channel(CAPACITY);
    let deliver = async {
        while let Some(quote) = heard.recv().await {
            mailbox.put(quote);
            mail.notify_one();
        }
        // The connection's own end says why.
        std::future::pending().await
    };
    tokio::select! {
        ended = contained(vendor.listen(wanted, sender), None) => match ended {
            Ok(never) => match never {},
            Err(error) => error,
        },
        error = deliver => error,
    }
}
