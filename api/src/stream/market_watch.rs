//! The market as sockets and REST tell it: the exchanges and the feed, and a message whenever either changes.

use crate::cluster::Node;
use crate::market::calendar::Calendar;
use crate::market::status::exchanges_at;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use watchtape_shared::market::{FeedStatus, Market, TradingStatus};

/// How soon a change is noticed.
const INTERVAL: Duration = Duration::from_secs(1);

/// The market at a moment.
pub fn market_at(calendar: &Calendar, node: &Node, now: DateTime<Utc>) -> Market {
    Market { exchanges: exchanges_at(calendar, now), feed: node.last_values.status(now) }
}

/// What of a market is news: its age and sequence change all the time.
fn headline(market: &Market) -> (FeedStatus, bool, Vec<TradingStatus>) {
    (market.feed.status, market.feed.degraded, market.exchanges.iter().map(|exchange| exchange.status).collect())
}

/// Publishes the market whenever an exchange opens or closes, or the feed starts, falls silent or comes back.
pub async fn publish_market(calendar: Arc<Calendar>, node: Arc<Node>, market: watch::Sender<Arc<Market>>) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        interval.tick().await;
        let now = market_at(&calendar, &node, Utc::now());
        market.send_if_modified(|last| {
            let changed = headline(last) != headline(&now);
            if changed {
                *last = Arc::new(now);
            }
            changed
        });
    }
}
