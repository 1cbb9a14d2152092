//! Since when prices of a symbol are to come: what silence is measured from.

use super::evaluator::OpenSince;
use crate::db::bar::Provenance;
use crate::market::calendar::Calendar;
use crate::search::LiveIndex;
use chrono::{DateTime, Utc};
use watchtape_shared::Symbol;
use watchtape_shared::alert::AlertSession;

/// Since when the exchange of a symbol is open; `None` while it is not, and of an unknown symbol. The simulated market never
/// closes, and a recording has no hours of today.
pub(super) fn open_since(
    tickers: &LiveIndex,
    calendar: &Calendar,
    provenance: Provenance,
    (symbol, session): (Symbol, AlertSession),
    now: DateTime<Utc>,
) -> Option<OpenSince> {
    let mic = tickers.get(&symbol)?.mic.clone();
    match provenance {
        Provenance::Replay => None,
        Provenance::Simulated => Some(OpenSince { at: DateTime::UNIX_EPOCH, day: now.date_naive() }),
        Provenance::Real => {
            let at = calendar.open_since(mic.as_deref(), now, session == AlertSession::Extended)?;
            Some(OpenSince { at, day: calendar.trading_day(mic.as_deref(), now) })
        }
    }
}
