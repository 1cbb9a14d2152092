//! Calls to the vendors of prices.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The labels of outcomes, in their order.
const OUTCOMES: [&str; 3] = ["ok", "limited", "failed"];

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// It was answered.
    Ok,
    /// The vendor's limit is used up.
    Limited,
    /// Refused, unreadable, or not answered.
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    vendor: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Vendor {
    vendor: String,
}

/// The vendors of this node's feed: calls are counted where they are made, the rest is what the feed tells every node.
#[derive(Clone, Debug, Default)]
pub struct VendorMetrics {
    calls: Family<Call, Counter>,
    budget_left: Family<Vendor, Gauge>,
    breaker_open: Family<Vendor, Gauge>,
}

impl VendorMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("vendor_calls", "Calls to vendors, by their outcome", self.calls.clone());
        registry.register("vendor_budget_left", "Calls left of the day's budget", self.budget_left.clone());
        let open = self.breaker_open.clone();
        registry.register("vendor_breaker_open", "Whether a vendor is not called because it fails", open);
    }

    /// Shows a vendor from the start: what is not there cannot be seen to rise.
    pub fn begin(&self, vendor: &'static str) {
        for outcome in OUTCOMES {
            drop(self.calls.get_or_create(&Call { vendor, outcome }));
        }
    }

    /// Counts a call.
    pub fn record_call(&self, vendor: &'static str, outcome: CallOutcome) {
        self.calls.get_or_create(&Call { vendor, outcome: OUTCOMES[outcome as usize] }).inc();
    }

    /// Sets a vendor's state; `None` for a vendor without a budget by the day.
    pub fn set_state(&self, vendor: &str, budget_left: Option<u64>, is_failing: bool) {
        let vendor = Vendor { vendor: vendor.to_owned() };
        if let Some(left) = budget_left {
            self.budget_left.get_or_create(&vendor).set(i64::try_from(left).unwrap_or(i64::MAX));
        }
        self.breaker_open.get_or_create(&vendor).set(is_failing.into());
    }
}
