//! The state of the exchanges and of the feed, and its news.

use super::calendar::Calendar;
use super::feed::Feed;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use watchtape_shared::market::{Exchange, FeedStatus, Market, TradingStatus};

/// How soon a change is noticed.
const INTERVAL: Duration = Duration::from_secs(1);

/// The market at a moment.
pub fn at(calendar: &Calendar, feed: &Feed, now: DateTime<Utc>) -> Market {
    let exchanges = calendar.mics().into_iter().map(|mic| {
        let moment = calendar.at(mic, now);
        Exchange {
            mic: mic.to_owned(),
            timezone: calendar.timezone(mic).name().to_owned(),
            status: moment.status,
            next_change: moment.next_change,
        }
    });
    Market { exchanges: exchanges.collect(), feed: feed.status(now) }
}

/// What of a market is news: its age and sequence change all the time.
fn headline(market: &Market) -> (FeedStatus, Vec<TradingStatus>) {
    (market.feed.status, market.exchanges.iter().map(|exchange| exchange.status).collect())
}

/// Publishes the market whenever an exchange goes from one status to another, or the feed starts, falls silent or comes back.
pub async fn watch(calendar: Arc<Calendar>, feed: Arc<Feed>, news: watch::Sender<Arc<Market>>) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        interval.tick().await;
        let market = at(&calendar, &feed, Utc::now());
        news.send_if_modified(|last| {
            let changed = headline(last) != headline(&market);
            if changed {
                *last = Arc::new(market);
            }
            changed
        });
    }
}
