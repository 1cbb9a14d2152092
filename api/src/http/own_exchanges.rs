//! The exchanges where the securities on an account's lists are listed, remembered for a minute: a search asks for them at each
//! keystroke.

use crate::clock;
use crate::db::{Db, item};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use watchtape_shared::UserId;

/// How long they are remembered.
const LIFETIME: Duration = Duration::from_secs(60);
/// The most accounts whose exchanges are remembered.
const MAX_ACCOUNTS: usize = 10_000;

/// The exchanges of accounts that have searched lately.
#[derive(Default)]
pub struct OwnExchanges(Mutex<HashMap<UserId, (Instant, Vec<String>)>>);

impl OwnExchanges {
    /// The market identifier codes of an account's exchanges; none if the database does not say: a search goes on without.
    pub async fn of(&self, db: &Db, account: &UserId) -> Vec<String> {
        if let Some(known) = self.remembered(account) {
            return known;
        }
        let owner = account.clone();
        let read = db.of(account).read(move |connection| item::exchanges_of(connection, &owner)).await;
        let exchanges = read.unwrap_or_default();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_ACCOUNTS {
            all.retain(|_, (read_at, _)| read_at.elapsed() < LIFETIME);
        }
        if all.len() < MAX_ACCOUNTS {
            all.insert(account.clone(), (clock::monotonic(), exchanges.clone()));
        }
        exchanges
    }

    fn remembered(&self, account: &UserId) -> Option<Vec<String>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, exchanges) = all.get(account)?;
        (read_at.elapsed() < LIFETIME).then(|| exchanges.clone())
    }
}
