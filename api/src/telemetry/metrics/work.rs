//! What costs more than a usual request, and what is done without one.

use super::duration_histogram;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// The labels of outcomes, in the order of their enums. Each is shown from the start: what is not there cannot be seen to rise.
const LOGINS: [&str; 3] = ["ok", "refused", "limited"];
const IMPORTS: [&str; 2] = ["ok", "refused"];
const DELIVERIES: [&str; 3] = ["delivered", "again", "failed"];

/// What came of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginOutcome {
    /// Signed in.
    Ok,
    /// The address or the password is wrong.
    Refused,
    /// Too many have failed before it, or too many wait.
    Limited,
}

/// What came of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// The file was taken in.
    Ok,
    /// It was refused.
    Refused,
}

/// What came of one try of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// Its receiver has it.
    Delivered,
    /// It is tried again.
    Again,
    /// It is given up.
    Failed,
}

/// Searches, sign-ins, imports, sweeps and deliveries of this node.
pub struct WorkMetrics {
    /// Seconds of a search.
    pub search_duration: Histogram,
    /// Password hashes that are made or waited for.
    pub password_hashes_waiting: Gauge,
    /// Rows that sweeps have deleted.
    pub sweep_rows: Counter,
    /// Seconds of a sweep.
    pub sweep_duration: Histogram,
    /// Deliveries of alerts that this node has taken and not sent yet.
    pub deliveries_waiting: Gauge,
    logins: Family<Outcome, Counter>,
    imports: Family<Outcome, Counter>,
    deliveries: Family<Outcome, Counter>,
}

impl Default for WorkMetrics {
    fn default() -> Self {
        Self {
            search_duration: duration_histogram(),
            password_hashes_waiting: Gauge::default(),
            sweep_rows: Counter::default(),
            sweep_duration: duration_histogram(),
            deliveries_waiting: Gauge::default(),
            logins: Family::default(),
            imports: Family::default(),
            deliveries: Family::default(),
        }
    }
}

impl WorkMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        for (family, outcomes) in
            [(&self.logins, &LOGINS[..]), (&self.imports, &IMPORTS), (&self.deliveries, &DELIVERIES)]
        {
            for outcome in outcomes {
                drop(family.get_or_create(&Outcome { outcome }));
            }
        }
        registry.register("search_duration_seconds", "Time of a search in the catalogue", self.search_duration.clone());
        registry.register("logins", "Sign-ins with a password, by their outcome", self.logins.clone());
        let waiting = self.password_hashes_waiting.clone();
        registry.register("password_hashes_waiting", "Password hashes that are made or waited for", waiting);
        registry.register("imports", "Imports of files, by their outcome", self.imports.clone());
        registry.register("sweep_rows", "Expired rows that were deleted", self.sweep_rows.clone());
        registry.register("sweep_duration_seconds", "Time of a sweep of expired rows", self.sweep_duration.clone());
        registry.register("deliveries", "Tries to deliver an alert, by their outcome", self.deliveries.clone());
        let waiting = self.deliveries_waiting.clone();
        registry.register("deliveries_waiting", "Deliveries that this node has taken and not sent yet", waiting);
    }

    /// Counts a sign-in.
    pub fn record_login(&self, outcome: LoginOutcome) {
        self.logins.get_or_create(&Outcome { outcome: LOGINS[outcome as usize] }).inc();
    }

    /// Counts an import.
    pub fn record_import(&self, outcome: ImportOutcome) {
        self.imports.get_or_create(&Outcome { outcome: IMPORTS[outcome as usize] }).inc();
    }

    /// Counts a try of a delivery.
    pub fn record_delivery(&self, outcome: DeliveryOutcome) {
        self.deliveries.get_or_create(&Outcome { outcome: DELIVERIES[outcome as usize] }).inc();
    }
}
