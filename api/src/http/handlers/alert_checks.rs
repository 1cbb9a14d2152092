//! What an alert has to be, beyond the types of its members.

use crate::alerts::daily_extremes::daily_extremes;
use crate::alerts::evaluator::Extremes;
use crate::clock;
use crate::db::alert::CheckedAlert;
use crate::http::error_codes::{Code, Error};
use crate::http::state::AppState;
use crate::ids;
use crate::transfer::find_symbol;
use chrono::{DateTime, Datelike, Utc};
use std::sync::Arc;
use watchtape_shared::alert::{
    Alert, AlertPatch, Condition, Frequency, MAX_ALERT_DESTINATIONS, MAX_COOLDOWN_S, MAX_REARM, MIN_COOLDOWN_S,
    NewAlert,
};
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Patch, Percent, Price, Quote, UserId};

/// The last year in RFC 3339.
const MAX_YEAR: i32 = 9999;

/// Checks a new alert. An error points into the body, below `at`.
pub(super) async fn check_new(
    state: &AppState,
    owner: &UserId,
    mut new: NewAlert,
    at: &str,
) -> Result<CheckedAlert, Error> {
    let ticker = find_ticker(state, &new.symbol).map_err(|error| error.at(format!("{at}/symbol")))?;
    check_members(&new.condition, at)?;
    check_cooldown(new.frequency, new.cooldown_s, at)?;
    check_rearm(new.rearm_percent, at)?;
    check_destinations(new.destinations.len(), at)?;
    new.expires_at = new.expires_at.map(|expiry| check_expiry(expiry, at)).transpose()?;
    check_now(state, owner, &ticker, &new.condition, at).await?;
    Ok(CheckedAlert { id: ids::alert(), symbol: ticker.symbol, new })
}

/// Checks what a patch makes of an alert.
pub(super) async fn check_patch(
    state: &AppState,
    owner: &UserId,
    before: &Alert,
    patch: &AlertPatch,
) -> Result<(), Error> {
    let frequency = patch.frequency.unwrap_or(before.frequency);
    if let Patch::Value(seconds) = patch.cooldown_s {
        check_cooldown(frequency, Some(seconds), "")?;
    }
    check_rearm(patch.rearm_percent, "")?;
    check_destinations(patch.destinations.as_ref().map_or(0, Vec::len), "")?;
    if let Patch::Value(expiry) = patch.expires_at {
        check_expiry(expiry, "")?;
    }
    let Some(condition) = patch.condition.filter(|condition| *condition != before.condition) else { return Ok(()) };
    check_members(&condition, "")?;
    let Some(ticker) = state.market.tickers.get(&before.symbol) else { return Ok(()) };
    check_now(state, owner, &ticker, &condition, "").await
}

/// The security of a symbol in any spelling.
pub(super) fn find_ticker(state: &AppState, text: &str) -> Result<Arc<Ticker>, Error> {
    let symbol = find_symbol(&state.market.tickers.load(), text)?;
    super::tickers::require_known(state, symbol)
}

/// Checks the members of a condition.
pub(super) fn check_members(condition: &Condition, at: &str) -> Result<(), Error> {
    condition.check().map_err(|(member, reason)| {
        Error::new(Code::Invalid, format!("{}.", reason.0)).at(format!("{at}/condition/{member}"))
    })
}

fn check_cooldown(frequency: Frequency, seconds: Option<u32>, at: &str) -> Result<(), Error> {
    let refused = match seconds {
        None => return Ok(()),
        Some(_) if frequency != Frequency::EveryTime => {
            "cooldown_s goes with the frequency every_time alone.".to_owned()
        }
        Some(seconds) if (MIN_COOLDOWN_S..=MAX_COOLDOWN_S).contains(&seconds) => return Ok(()),
        Some(_) => format!("cooldown_s is {MIN_COOLDOWN_S} to {MAX_COOLDOWN_S} seconds."),
    };
    Err(Error::new(Code::Invalid, refused).at(format!("{at}/cooldown_s")))
}

fn check_rearm(rearm: Option<Percent>, at: &str) -> Result<(), Error> {
    let is_valid = rearm.is_none_or(|rearm| rearm.millionths() >= 0 && rearm <= MAX_REARM);
    let refused =
        || Error::new(Code::Invalid, format!("rearm_percent is 0 to {MAX_REARM}.")).at(format!("{at}/rearm_percent"));
    if is_valid { Ok(()) } else { Err(refused()) }
}

fn check_destinations(count: usize, at: &str) -> Result<(), Error> {
    if count <= MAX_ALERT_DESTINATIONS {
        return Ok(());
    }
    let detail = format!("An alert has at most {MAX_ALERT_DESTINATIONS} destinations.");
    Err(Error::new(Code::Invalid, detail).at(format!("{at}/destinations")))
}

/// The expiry, in the future, cut to the databases' microseconds.
fn check_expiry(expiry: DateTime<Utc>, at: &str) -> Result<DateTime<Utc>, Error> {
    let expiry = DateTime::from_timestamp_micros(expiry.timestamp_micros())
        .filter(|expiry| *expiry > clock::now() && expiry.year() <= MAX_YEAR);
    let refused =
        || Error::new(Code::Invalid, "An alert ends in the future, by the year 9999.").at(format!("{at}/expires_at"));
    expiry.ok_or_else(refused)
}

/// Checks a condition against what is known now: whether there is as much history as it needs, and whether it is so already
/// where that makes no sense.
async fn check_now(
    state: &AppState,
    owner: &UserId,
    ticker: &Arc<Ticker>,
    condition: &Condition,
    at: &str,
) -> Result<(), Error> {
    let quote = state.node.last_values.quote(ticker);
    state.node.demand.record_request([ticker.symbol]);
    let extremes = match condition {
        Condition::NewHigh { days } | Condition::NewLow { days } => {
            let extremes = daily_extremes(&state.market.history, owner, ticker, *days).await?;
            Some(extremes.map_err(|too_few| {
                let detail =
                    format!("{} has {} days of prices here, and {days} are needed.", ticker.symbol, too_few.known);
                Error::new(Code::TooLittleHistory, detail).at(format!("{at}/condition/days"))
            })?)
        }
        _ => None,
    };
    let Some(price) = quote.price.filter(|_| !quote.stale) else { return Ok(()) };
    match met_already(condition, price, &quote, extremes) {
        None => Ok(()),
        Some(how) => {
            let detail = format!("{} is at {price} {}, {how}.", ticker.symbol, ticker.currency);
            Err(Error::new(Code::AlreadyMet, detail).at(format!("{at}/condition")))
        }
    }
}

/// How the condition is met already, where that makes no sense.
fn met_already(condition: &Condition, price: Price, quote: &Quote, extremes: Option<Extremes>) -> Option<String> {
    match *condition {
        Condition::CrossesAbove { price: level } => {
            (price >= level).then(|| format!("which is {level} or more already"))
        }
        Condition::CrossesBelow { price: level } => {
            (price <= level).then(|| format!("which is {level} or less already"))
        }
        Condition::Enters { low, high } => {
            (low <= price && price <= high).then(|| format!("which is between {low} and {high} already"))
        }
        Condition::Leaves { low, high } => {
            (price < low || price > high).then(|| format!("which is not between {low} and {high} now"))
        }
        Condition::ChangePercent { percent } => {
            let close = quote.previous_close?;
            is_beyond(price, close, percent).then(|| format!("which is {percent} % or more from {close} already"))
        }
        Condition::NewHigh { days } => {
            (price > extremes?.high).then(|| format!("above every price of the {days} days before already"))
        }
        Condition::NewLow { days } => {
            (price < extremes?.low).then(|| format!("below every price of the {days} days before already"))
        }
        // An event that has a price on one side first, or one that triggers at once.
        Condition::Crosses { .. }
        | Condition::Above { .. }
        | Condition::Below { .. }
        | Condition::MovesPercent { .. }
        | Condition::Stale { .. } => None,
    }
}

/// Whether the change from an earlier price is at or beyond a percentage.
fn is_beyond(price: Price, earlier: Price, percent: Percent) -> bool {
    // The change and the percentage times the earlier price, in the same unit: no division rounds.
    let change = (i128::from(price.micros()) - i128::from(earlier.micros())) * 1_000_000;
    let needed = i128::from(percent.millionths()) * i128::from(earlier.micros());
    if percent.millionths() > 0 { change >= needed } else { change <= needed }
}
