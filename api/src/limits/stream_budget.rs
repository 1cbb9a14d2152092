//! Budgets of what clients send over the stream and of what it costs to answer: frames and bytes of each connection, account
//! and client address, and the work for each account, over all of their connections to this node. A frame is counted before
//! it is buffered, a message before it is carried out; the bytes of an answer once they are known, so that an account can be
//! in debt by one answer.

use super::Policy;
use super::token_buckets::TokenBuckets;
use crate::clock;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchtape_shared::UserId;

const FRAMES_OF_CONNECTION: Policy = Policy::within("stream_frames_connection", 250, 5);
const FRAMES_OF_ACCOUNT: Policy = Policy::within("stream_frames_account", 1_000, 5);
const FRAMES_OF_ADDRESS: Policy = Policy::within("stream_frames_address", 5_000, 5);
const BYTES_OF_CONNECTION: Policy = Policy::within("stream_bytes_connection", 512 * 1024, 8);
const BYTES_OF_ACCOUNT: Policy = Policy::within("stream_bytes_account", 2 * 1024 * 1024, 8);
const BYTES_OF_ADDRESS: Policy = Policy::within("stream_bytes_address", 16 * 1024 * 1024, 8);
/// Units of work: a symbol in a message, a row that is read, or `BYTES_PER_UNIT` of an answer.
const WORK_OF_ACCOUNT: Policy = Policy::within("stream_work", 60_000, 30);
/// The work of a message, whatever is in it.
const MESSAGE_WORK: u32 = 5;
const BYTES_PER_UNIT: usize = 256;

/// The budgets of all connections to this node.
#[derive(Default)]
pub struct StreamBudgets {
    buckets: TokenBuckets,
}

/// Whose budgets a connection draws on.
pub struct StreamPayer {
    budgets: Arc<StreamBudgets>,
    connection: String,
    address: String,
    account: Option<UserId>,
}

impl StreamPayer {
    /// Of a new connection from this client address, whose account is not known yet.
    pub fn new(budgets: &Arc<StreamBudgets>, connection: u64, address: String) -> Self {
        Self { budgets: budgets.clone(), connection: connection.to_string(), address, account: None }
    }

    /// Draws on the budgets of this account too from now on.
    pub fn set_account(&mut self, account: &UserId) {
        self.account = Some(account.clone());
    }

    /// Takes a frame of so many bytes from every budget; no if one of them is used up.
    pub fn take_frame(&self, bytes: u64) -> bool {
        self.take_frame_at(bytes, clock::monotonic())
    }

    fn take_frame_at(&self, bytes: u64, now: Instant) -> bool {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let account = self.account.as_ref().map(UserId::as_str);
        let draws = [
            (Some(self.connection.as_str()), FRAMES_OF_CONNECTION, BYTES_OF_CONNECTION),
            (account, FRAMES_OF_ACCOUNT, BYTES_OF_ACCOUNT),
            (Some(self.address.as_str()), FRAMES_OF_ADDRESS, BYTES_OF_ADDRESS),
        ];
        draws.iter().all(|(key, frames, size)| {
            key.is_none_or(|key| self.take(frames, key, 1, now) && self.take(size, key, bytes, now))
        })
    }

    /// Takes the work of a message that names so many symbols; no if the account's budget is used up.
    pub fn take_message(&self, symbols: usize) -> bool {
        let work = MESSAGE_WORK + u32::try_from(symbols).unwrap_or(u32::MAX);
        self.account
            .as_ref()
            .is_none_or(|account| self.take(&WORK_OF_ACCOUNT, account.as_str(), work, clock::monotonic()))
    }

    /// Takes the work of an answer, which is done: of so many bytes, for which so many rows were read.
    pub fn charge_answer(&self, bytes: usize, rows: usize) {
        let work = u32::try_from(bytes / BYTES_PER_UNIT + rows).unwrap_or(u32::MAX);
        if let Some(account) = &self.account {
            self.budgets.buckets.charge(&WORK_OF_ACCOUNT, account.as_str(), work);
        }
    }

    /// How long until the account is out of debt; zero if it is not in debt.
    pub fn debt(&self) -> Duration {
        self.account
            .as_ref()
            .map_or(Duration::ZERO, |account| self.budgets.buckets.debt(&WORK_OF_ACCOUNT, account.as_str()))
    }

    fn take(&self, policy: &Policy, key: &str, tokens: u32, now: Instant) -> bool {
        self.budgets.buckets.take_at(policy, key, tokens, now).is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    fn payer(budgets: &Arc<StreamBudgets>, connection: u64, address: &str, account: Option<&UserId>) -> StreamPayer {
        let mut payer = StreamPayer::new(budgets, connection, address.to_owned());
        if let Some(account) = account {
            payer.set_account(account);
        }
        payer
    }

    #[test]
    fn frames_are_counted_for_the_connection_the_account_and_the_address() {
        let (budgets, account, now) = (Arc::default(), ids::user(), clock::monotonic());
        let sent = |payer: &StreamPayer| (0..10_000).take_while(|_| payer.take_frame_at(6, now)).count();
        assert_eq!(sent(&payer(&budgets, 1, "192.0.2.1", Some(&account))), 250);
        // The account's other connections have what is left of its thousand.
        let others: usize = (2..9).map(|key| sent(&payer(&budgets, key, "192.0.2.2", Some(&account)))).sum();
        assert_eq!(others, 750);
        // And so have other accounts of the same address, of its five thousand.
        let strangers: usize = (10..40).map(|key| sent(&payer(&budgets, key, "192.0.2.3", None))).sum();
        assert_eq!(strangers, 5_000);
        assert_eq!(sent(&payer(&budgets, 50, "192.0.2.4", None)), 250);
    }

    #[test]
    fn bytes_are_counted_before_they_come() {
        let (budgets, now) = (Arc::default(), clock::monotonic());
        let payer = payer(&budgets, 1, "192.0.2.1", None);
        assert_eq!((0..100).take_while(|_| payer.take_frame_at(64 * 1024, now)).count(), 8);
        assert!(!payer.take_frame_at(u64::MAX, now + Duration::from_secs(60)));
    }

    #[test]
    fn an_account_in_debt_is_refused_until_it_has_paid() {
        let (budgets, account) = (Arc::default(), ids::user());
        let one = payer(&budgets, 1, "192.0.2.1", Some(&account));
        assert!(one.take_message(5_000));
        assert_eq!(one.debt(), Duration::ZERO);
        one.charge_answer(256 * 120_000, 0);
        let other = payer(&budgets, 2, "192.0.2.2", Some(&account));
        assert!(!other.take_message(0));
        assert!(other.debt() > Duration::from_secs(30), "{:?}", other.debt());
        assert!(payer(&budgets, 3, "192.0.2.1", Some(&ids::user())).take_message(0), "another account has its own");
    }
}
