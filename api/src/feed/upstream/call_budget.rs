//! One vendor's share of the ledger of calls: a few calls are reserved ahead, and only those are made.

use crate::db::upstream_calls::Reserved;
use crate::db::{Error, Result};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// The most that is reserved at once: what a kill may cost of the day's budget, against a write every so many calls.
const MOST_AT_ONCE: u32 = 10;
/// How soon a failed reservation is tried again.
const RETRY: TimeDelta = TimeDelta::seconds(2);

/// What may be called today.
#[derive(Debug)]
pub(super) struct Allowance {
    limit: Option<u32>,
    day: NaiveDate,
    /// Reserved and not used.
    left: u32,
    /// Made without a reservation, where there is no limit: entered with the next one.
    owed: u32,
    /// The day's calls in the ledger.
    entered: u64,
    is_read: bool,
    is_asking: bool,
    retry_at: Option<DateTime<Utc>>,
}

impl Allowance {
    pub(super) fn new(limit: Option<u32>, now: DateTime<Utc>) -> Self {
        Self {
            limit,
            day: now.date_naive(),
            left: 0,
            owed: 0,
            entered: 0,
            is_read: false,
            is_asking: false,
            retry_at: None,
        }
    }

    /// Yesterday's reservation is no good today.
    pub(super) fn turn_day(&mut self, now: DateTime<Utc>) {
        let today = now.date_naive();
        if today > self.day {
            *self = Self { is_asking: self.is_asking, ..Self::new(self.limit, now) };
        }
    }

    /// Whether a call may be made now.
    pub(super) fn permits(&self) -> bool {
        self.limit.is_none() || self.left > 0
    }

    /// Whether no call can be made because the ledger cannot be written.
    pub(super) fn is_blocked(&self) -> bool {
        !self.permits() && self.retry_at.is_some()
    }

    /// How many calls to reserve now, and of which day; none: nothing to do. At first nothing is reserved, only read.
    pub(super) fn wants(&self, is_calling: bool, now: DateTime<Utc>) -> Option<(NaiveDate, u32)> {
        if self.is_asking || self.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        if !self.is_read {
            return Some((self.day, 0));
        }
        let block = self.limit.map_or(MOST_AT_ONCE, |limit| (limit / 100).clamp(1, MOST_AT_ONCE));
        let is_due = if self.limit.is_some() { is_calling && self.left == 0 } else { self.owed >= block };
        is_due.then_some((self.day, if self.limit.is_some() { block } else { self.owed }))
    }

    pub(super) fn asking(&mut self) {
        self.is_asking = true;
    }

    /// The ledger's answer to a wish of so many calls.
    pub(super) fn reserved(&mut self, day: NaiveDate, asked: u32, result: Result<Reserved>, now: DateTime<Utc>) {
        self.is_asking = false;
        match result {
            Ok(_) if day != self.day => {}
            Ok(Reserved { granted, calls }) => {
                (self.entered, self.is_read, self.retry_at) = (calls, true, None);
                match self.limit {
                    Some(_) => self.left += granted,
                    None => self.owed = self.owed.saturating_sub(asked),
                }
            }
            Err(error) => {
                if !matches!(error, Error::Busy) {
                    tracing::warn!(%error, "the ledger of upstream calls cannot be written");
                }
                self.retry_at = Some(now + RETRY);
            }
        }
    }

    pub(super) fn spend(&mut self) {
        match self.limit {
            Some(_) => self.left = self.left.saturating_sub(1),
            None => self.owed = self.owed.saturating_add(1),
        }
    }

    pub(super) fn day(&self) -> NaiveDate {
        self.day
    }

    /// The day's calls, those of others as far as the ledger had them.
    pub(super) fn calls(&self) -> u64 {
        (self.entered + u64::from(self.owed)).saturating_sub(u64::from(self.left))
    }

    pub(super) fn budget_left(&self) -> Option<u64> {
        self.limit.map(|limit| u64::from(limit).saturating_sub(self.calls()))
    }
}
