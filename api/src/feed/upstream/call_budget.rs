//! One vendor's call budget, counted per UTC day in the table `upstream_calls` over all nodes and restarts. With a
//! daily limit calls are reserved in blocks before they are made; without one they are recorded afterwards.

use crate::db::upstream_calls::Reserved;
use crate::db::{Error, Result};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// The largest block: the calls that a crash may waste, against a write per block. 1 % of smaller limits.
const MAX_RESERVATION: u32 = 10;
/// The delay before a failed reservation is retried.
const RETRY_DELAY: TimeDelta = TimeDelta::seconds(2);

/// The state of today's budget.
#[derive(Debug)]
pub(super) struct CallBudget {
    limit: Option<u32>,
    day: NaiveDate,
    /// Reserved calls that are not used yet.
    reserved: u32,
    /// Calls made without a reservation, to be recorded with the next block.
    unrecorded: u32,
    /// The day's calls in the database.
    recorded: u64,
    is_loaded: bool,
    is_reserving: bool,
    retry_at: Option<DateTime<Utc>>,
}

impl CallBudget {
    pub(super) fn new(limit: Option<u32>, now: DateTime<Utc>) -> Self {
        Self {
            limit,
            day: now.date_naive(),
            reserved: 0,
            unrecorded: 0,
            recorded: 0,
            is_loaded: false,
            is_reserving: false,
            retry_at: None,
        }
    }

    /// Starts a new UTC day: yesterday's reservation is dropped.
    pub(super) fn roll_over(&mut self, now: DateTime<Utc>) {
        let today = now.date_naive();
        if today > self.day {
            *self = Self { is_reserving: self.is_reserving, ..Self::new(self.limit, now) };
        }
    }

    /// Whether the budget allows a call now.
    pub(super) fn allows_call(&self) -> bool {
        self.limit.is_none() || self.reserved > 0
    }

    /// Whether no call can be made because the last reservation failed.
    pub(super) fn is_blocked(&self) -> bool {
        !self.allows_call() && self.retry_at.is_some()
    }

    /// The day and the number of calls to reserve or record now; `None`: nothing to do. The first one is 0, which only
    /// reads the count.
    pub(super) fn needed_reservation(&self, is_calling: bool, now: DateTime<Utc>) -> Option<(NaiveDate, u32)> {
        if self.is_reserving || self.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        if !self.is_loaded {
            return Some((self.day, 0));
        }
        let block = self.limit.map_or(MAX_RESERVATION, |limit| (limit / 100).clamp(1, MAX_RESERVATION));
        let is_due = if self.limit.is_some() { is_calling && self.reserved == 0 } else { self.unrecorded >= block };
        is_due.then_some((self.day, if self.limit.is_some() { block } else { self.unrecorded }))
    }

    pub(super) fn record_reservation_start(&mut self) {
        self.is_reserving = true;
    }

    /// Records the result of reserving `requested` calls.
    pub(super) fn record_reservation(
        &mut self,
        day: NaiveDate,
        requested: u32,
        result: Result<Reserved>,
        now: DateTime<Utc>,
    ) {
        self.is_reserving = false;
        match result {
            Ok(_) if day != self.day => {}
            Ok(Reserved { granted, calls }) => {
                (self.recorded, self.is_loaded, self.retry_at) = (calls, true, None);
                match self.limit {
                    Some(_) => self.reserved += granted,
                    None => self.unrecorded = self.unrecorded.saturating_sub(requested),
                }
            }
            Err(error) => {
                if !matches!(error, Error::Busy) {
                    tracing::warn!(%error, "cannot reserve upstream calls");
                }
                self.retry_at = Some(now + RETRY_DELAY);
            }
        }
    }

    pub(super) fn record_call(&mut self) {
        match self.limit {
            Some(_) => self.reserved = self.reserved.saturating_sub(1),
            None => self.unrecorded = self.unrecorded.saturating_add(1),
        }
    }

    pub(super) fn day(&self) -> NaiveDate {
        self.day
    }

    /// The day's calls, with those of other nodes as of the last reservation.
    pub(super) fn calls(&self) -> u64 {
        (self.recorded + u64::from(self.unrecorded)).saturating_sub(u64::from(self.reserved))
    }

    pub(super) fn budget_left(&self) -> Option<u64> {
        self.limit.map(|limit| u64::from(limit).saturating_sub(self.calls()))
    }
}
