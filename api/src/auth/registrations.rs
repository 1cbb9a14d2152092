//! The limit on accounts that register from a client address, as there is one on guests.

use super::Error;
use crate::limits::{Limiter, Policy};
use std::time::Duration;

/// Admits registrations within the limit.
pub struct Registrations {
    arrivals: Policy,
}

impl Registrations {
    /// So many an hour from a client address, 0 for no limit.
    pub fn new(per_hour: u32) -> Self {
        Self { arrivals: Policy { name: "register", quota: per_hour, window: Duration::from_secs(3600) } }
    }

    /// Counts a registration from this address. [`Error::TooManyRegistrations`] where the address has used up its limit.
    pub async fn admit(&self, limiter: &Limiter, address_bucket: &str) -> Result<(), Error> {
        let status = limiter.take(&self.arrivals, address_bucket).await;
        if status.is_allowed { Ok(()) } else { Err(Error::TooManyRegistrations(status.resets_in)) }
    }
}
