//! Vendors: adapters of upstream price sources behind the `Vendor` trait, and the clients and parsers that they share.
//! Deliberately absent: scheduling, call budgets and validation (`feed::scheduler`, `feed::upstream`,
//! `feed::validation`).

pub mod error;
pub mod vendor;

pub mod albert;
pub mod alpaca;
pub mod finnhub;

pub mod decimal;
pub mod http;
pub mod settings;
pub mod trade_conditions;
pub mod us_securities;
pub mod websocket;

use albert::Albert;
use alpaca::Alpaca;
use finnhub::Finnhub;
use http::Deadlines;
use settings::{VendorName, VendorSettings};
use std::sync::Arc;
use vendor::Vendor;

/// Opens the named vendors, in this order, without calling any. An error is one line that names the wrong setting.
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
