//! The vendors that a feed names, opened with their settings.

use super::albert::Albert;
use super::alpaca::Alpaca;
use super::finnhub::Finnhub;
use super::http::Deadlines;
use super::settings::{VendorName, VendorSettings};
use super::vendor::Vendor;
use std::sync::Arc;

/// Opens each of them, in their order. Nothing is called yet. An error is one line that names the setting to mend.
pub fn open(names: &[VendorName], settings: &VendorSettings) -> Result<Vec<Arc<dyn Vendor>>, String> {
    let deadlines = Deadlines::default();
    let open = |name: &VendorName| {
        Ok::<Arc<dyn Vendor>, String>(match name {
            VendorName::Albert => Arc::new(Albert::open(settings, deadlines)?),
            VendorName::Finnhub => Arc::new(Finnhub::open(settings, deadlines)?),
            VendorName::Alpaca => Arc::new(Alpaca::open(settings, deadlines)?),
        })
    };
    names.iter().map(open).collect()
}
