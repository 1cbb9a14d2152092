//! Opens the price provider of `WATCHTAPE_FEED`.

use crate::cluster::demand::Demand;
use crate::config::{FeedSetting, Settings};
use crate::db::Db;
use crate::feed::provider::Provider;
use crate::feed::replay::Replay;
use crate::feed::simulation::Simulation;
use crate::feed::upstream::Upstream;
use crate::feed::vendors;
use crate::market::calendar::Calendar;
use crate::search::LiveIndex;
use crate::telemetry::metrics::VendorMetrics;
use std::sync::Arc;
use std::time::Duration;

/// Opens the provider. An error, such as an unreadable file or a missing key, is one line for the operator.
pub(super) fn open_provider(
    settings: &Settings,
    demand: &Demand,
    tickers: &Arc<LiveIndex>,
    calendar: &Arc<Calendar>,
    db: &Db,
    metrics: &VendorMetrics,
) -> Result<Box<dyn Provider>, String> {
    match &settings.feed {
        FeedSetting::Sim => {
            let interval = Duration::from_millis(settings.sim_interval_ms);
            Ok(Box::new(Simulation::new(tickers.clone(), demand.watched(), settings.sim_seed, interval)))
        }
        FeedSetting::Replay(file) => {
            let catalogue = tickers.load();
            let replay = Replay::open(file, settings.replay_speed.interval(), calendar, |symbol| catalogue.get(symbol));
            Ok(Box::new(replay.map_err(|error| format!("WATCHTAPE_FEED {error}"))?))
        }
        FeedSetting::Vendors(names) => {
            let vendors = vendors::open(names, &settings.vendors)?;
            let (tickers, calendar) = (tickers.clone(), calendar.clone());
            Ok(Box::new(Upstream::new(vendors, demand.watched(), tickers, calendar, db.clone(), metrics)))
        }
    }
}
