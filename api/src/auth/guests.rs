//! Guest accounts: accounts without an e-mail address and a password. Their limits, and their first list.
//!
//! `Idempotency-Key` is not supported here: there is no account yet to own the key, and the key alone would open the
//! new account to whoever knows it. A guest whose answer was lost is deleted as an inactive one (`db::guest`).

use super::Error;
use crate::db::guest::{self, NewGuest};
use crate::db::{self, Db};
use crate::ids;
use crate::limits::{Limiter, Policy};
use crate::search::TickerIndex;
use std::collections::HashSet;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::account::Email;
use watchtape_shared::text::{DisplayName, ListName};
use watchtape_shared::ticker::Ticker;

/// The display name of a new guest.
const NAME: &str = "Guest";
/// The name of a new guest's list, and the number of securities on it.
const FIRST_LIST: &str = "My first list";
const FIRST_SYMBOLS: usize = 10;

/// Creates guests within the limits.
pub struct Guests {
    max_guests: u32,
    arrivals: Policy,
    first_symbols: Vec<Symbol>,
}

impl Guests {
    /// At most `max_guests` at once, 0 for none, and `per_hour` new ones from a client address, 0 for no limit.
    pub fn new(max_guests: u32, per_hour: u32, tickers: &TickerIndex) -> Self {
        let arrivals = Policy { name: "guest", quota: per_hour, window: Duration::from_secs(3600) };
        Self { max_guests, arrivals, first_symbols: well_known(tickers) }
    }

    /// The maximum of guests at once.
    pub fn max_guests(&self) -> u32 {
        self.max_guests
    }

    /// Whether one more guest may be created.
    pub async fn has_capacity(&self, db: &Db) -> db::Result<bool> {
        // With guests turned off, no query is needed.
        Ok(self.max_guests > 0 && db.read(guest::count).await? < self.max_guests)
    }

    /// A new guest to be stored. [`Error::GuestsClosed`] where guests are turned off,
    /// [`Error::TooManyGuestsFromAddress`] where the address has used up its limit. The maximum of guests is held by
    /// `db::guest::create`.
    pub async fn admit(&self, limiter: &Limiter, address_bucket: &str) -> Result<NewGuest, Error> {
        if self.max_guests == 0 {
            return Err(Error::GuestsClosed);
        }
        let status = limiter.take(&self.arrivals, address_bucket).await;
        if !status.is_allowed {
            return Err(Error::TooManyGuestsFromAddress(status.resets_in));
        }
        Ok(NewGuest {
            id: ids::user(),
            display_name: DisplayName::parse(NAME).map_err(|error| Error::Internal(error.to_string()))?,
            first_list: ids::watchlist(),
            list_name: ListName::parse(FIRST_LIST).map_err(|error| Error::Internal(error.to_string()))?,
            symbols: self.first_symbols.clone(),
        })
    }
}

/// The display name of a guest who registers without giving one: made of the address where the guest still has the
/// default name; `None`: the name stays.
pub fn name_to_keep(name: &DisplayName, email: &Email) -> Option<DisplayName> {
    (name.as_str() == NAME).then(|| email.to_display_name())
}

/// The largest security of each of the first sectors by rank, filled up with the largest of the rest; one of each
/// company.
fn well_known(tickers: &TickerIndex) -> Vec<Symbol> {
    let (mut sectors, mut names) = (HashSet::new(), HashSet::new());
    let mut is_another = |ticker: &&Ticker| names.insert(ticker.name.clone());
    let leaders = tickers.iter().map(|ticker| &**ticker);
    let leads = |ticker: &&Ticker| ticker.sector.as_ref().is_some_and(|sector| sectors.insert(sector.clone()));
    let mut chosen: Vec<&Ticker> = leaders.filter(leads).filter(&mut is_another).take(FIRST_SYMBOLS).collect();
    let rest = tickers.iter().map(|ticker| &**ticker).filter(&mut is_another);
    chosen.extend(rest.take(FIRST_SYMBOLS.saturating_sub(chosen.len())).collect::<Vec<_>>());
    chosen.sort_by_key(|ticker| (ticker.rank, ticker.symbol));
    chosen.iter().map(|ticker| ticker.symbol).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn first(catalogue: &[(&str, &str, Option<&str>)]) -> Vec<String> {
        let tickers = (1..).zip(catalogue).map(|(rank, (symbol, name, sector))| {
            let symbol = Symbol::parse(symbol).expect("a symbol");
            Arc::new(Ticker { sector: sector.map(Into::into), ..Ticker::new(symbol, name, rank) })
        });
        well_known(&TickerIndex::new(tickers.collect())).iter().map(Symbol::to_string).collect()
    }

    #[test]
    fn the_first_list_has_the_largest_of_each_sector_and_then_the_rest() {
        assert_eq!(first(&[]), [""; 0]);
        let (chips, banks) = (Some("Chips"), Some("Banks"));
        let few = [("A", "A", chips), ("B", "B", chips), ("C", "C", None), ("A2", "A", banks), ("D", "D", banks)];
        assert_eq!(first(&few), ["A", "B", "C", "D"], "a company is there once");
        let names: Vec<String> = (0..40).map(|number| format!("S{number}")).collect();
        let sectors: Vec<String> = (0..40).map(|number| (number / 3).to_string()).collect();
        let many: Vec<_> =
            names.iter().zip(&sectors).map(|(name, sector)| (&**name, &**name, Some(&**sector))).collect();
        assert_eq!(first(&many), ["S0", "S3", "S6", "S9", "S12", "S15", "S18", "S21", "S24", "S27"]);
        let none: Vec<_> = names.iter().map(|name| (&**name, &**name, None)).collect();
        assert_eq!(first(&none), names[..10]);
    }
}
