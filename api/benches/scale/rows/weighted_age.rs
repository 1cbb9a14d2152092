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
        what: format!("{SYMBOLS} symbols polled with {A_MINUTE} requests a minute: weighted age"),
        measured: format!("{:.2}% of the budget used, {} calls over", age.used * 100.0, age.over),
        reference: format!("the optimum; in turn: {:.2} of it", age.round_robin / age.optimum),
        ratio: Some(age.weighted / age.optimum),
        must: "1.05x",
        stretch: "1.02x",
    }])
}
