//! A vendor's streaming connection and its newest quote per symbol. A slow reader gets fewer, newer quotes and never
//! slows the connection down.

use super::isolation::isolate;
use crate::feed::vendors::error::VendorError;
use crate::feed::vendors::vendor::{Vendor, VendorQuote};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::AbortHandle;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

/// Quotes between the connection and [`LatestQuotes`], which takes them without waiting.
const CHANNEL_CAPACITY: usize = 256;

/// The securities to stream.
pub(super) type StreamedTickers = Arc<Vec<Arc<Ticker>>>;

/// The newest quote of each symbol since it was last read, and the newest of those that count for the last price alone: they do
/// not take the place of one that counts for more.
#[derive(Debug, Default)]
pub(super) struct LatestQuotes(Mutex<HashMap<(Symbol, bool), VendorQuote>>);

impl LatestQuotes {
    pub(super) fn put(&self, quote: VendorQuote) {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Trades may arrive out of order.
        let key = (quote.symbol, quote.is_last_only);
        if newest.get(&key).is_none_or(|known| known.as_of <= quote.as_of) {
            newest.insert(key, quote);
        }
    }

    pub(super) fn take(&self) -> Vec<VendorQuote> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut taken: Vec<VendorQuote> = taken.into_values().collect();
        taken.sort_by_key(|quote| quote.as_of);
        taken
    }
}

/// A connection that is open or being opened; dropping it aborts its task.
#[derive(Debug)]
pub(super) struct VendorStream {
    pub(super) subscriptions: watch::Sender<StreamedTickers>,
    pub(super) latest: Arc<LatestQuotes>,
    pub(super) task: AbortHandle,
}

impl Drop for VendorStream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Runs the connection until it ends, and returns why.
pub(super) async fn run_stream(
    vendor: Arc<dyn Vendor>,
    subscriptions: watch::Receiver<StreamedTickers>,
    latest: Arc<LatestQuotes>,
    stream_ready: Arc<Notify>,
) -> VendorError {
    let (sender, mut received) = mpsc::channel(CHANNEL_CAPACITY);
    let deliver = async {
        while let Some(quote) = received.recv().await {
            latest.put(quote);
            stream_ready.notify_one();
        }
        // Ends with the connection, which has the error.
        std::future::pending().await
    };
    tokio::select! {
        ended = isolate(vendor.run_stream(subscriptions, sender), None) => match ended {
            Ok(never) => match never {},
            Err(error) => error,
        },
        error = deliver => error,
    }
}
