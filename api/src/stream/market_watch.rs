//! The state of the market (each exchange, and the feed), for REST and the stream, and its publication at every change.

use crate::clock;
use crate::cluster::Node;
use crate::market::calendar::Calendar;
use crate::market::status::exchanges_at;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use watchtape_shared::market::{Closure, FeedStatus, Market, TradingStatus};

const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The state of the market at a time.
pub fn market_at(calendar: &Calendar, node: &Node, now: DateTime<Utc>) -> Market {
    Market { exchanges: exchanges_at(calendar, now), feed: node.last_values.status() }
}

/// The fields whose change is published. The feed's age and sequence change all the time, and are not among them.
fn published_fields(market: &Market) -> (FeedStatus, bool, Vec<(TradingStatus, Option<Closure>)>) {
    let hours = market.exchanges.iter().map(|exchange| (exchange.status, exchange.closure)).collect();
    (market.feed.status, market.feed.degraded, hours)
}

/// Publishes the market whenever an exchange opens or closes, or the feed starts, becomes stale or recovers. Never returns.
pub async fn publish_market(calendar: Arc<Calendar>, node: Arc<Node>, market: Arc<watch::Sender<Arc<Market>>>) {
    let mut interval = tokio::time::interval(CHECK_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        interval.tick().await;
        let now = market_at(&calendar, &node, clock::now());
        market.send_if_modified(|last| {
            let changed = published_fields(last) != published_fields(&now);
            if changed {
                *last = Arc::new(now);
            }
            changed
        });
    }
}
