//! Vendors: upstream price sources, each behind the `Vendor` trait, and what their adapters are built from. No schedule,
//! no budget and no validation: those are `feed::scheduler`'s, `feed::upstream`'s and `feed::validation`'s.

pub mod error;
pub mod vendor;

pub mod albert;
pub mod alpaca;
pub mod finnhub;

pub mod decimal;
pub mod http;
pub mod settings;
pub mod us_symbols;
pub mod websocket;

use albert::Albert;
use alpaca::Alpaca;
use finnhub::Finnhub;
use http::Deadlines;
use settings::{VendorName, VendorSettings};
use std::sync::Arc;
use vendor::Vendor;

/// Opens the named vendors, in their order, without calling any. An error is one line that names the setting to mend.
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
