//! Row 9: how old prices are where a source has to be asked for each, within a budget. Simulated: no server takes part.

use crate::server::Servers;
use crate::table::Row;
use crate::{Result, age};

pub(super) fn weighted_age(_: &Servers, _: usize) -> Result<Vec<Row>> {
    const SYMBOLS: usize = 500;
    const A_MINUTE: u32 = 60;
    let age = age::simulate(SYMBOLS, A_MINUTE);
    Ok(vec![Row {
        number: 9,
        what: format!("{SYMBOLS} symbols polled with {A_MINUTE} requests a minute: age as clients see it"),
        measured: format!("{:.1} s ({:.0}% of the budget, {} over)", age.weighted, age.used * 100.0, age.over),
        reference: format!("{:.1} s: the optimum; {:.1} s in turn", age.optimum, age.round_robin),
        ratio: Some(age.weighted / age.optimum),
        must: "–",
        stretch: "–",
    }])
}
