//! Rows 1 and 2: what a delivered frame costs.

use super::scene::Scene;
use super::{LIST, UNIVERSE};
use crate::server::Servers;
use crate::table::Row;
use crate::{Result, recording};
use std::time::Duration;

pub(super) fn one_symbol(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    let symbols = recording::symbols(1)?;
    let scene = Scene {
        symbols: &symbols,
        lists: vec![vec![&symbols[0]]],
        clients,
        speed: 10.0,
        runs: 2,
        windows: 3,
        window: Duration::from_millis(1_500),
    };
    let compared = scene.compare(servers)?;
    let (server, floor) = compared.both(|window| window.a_frame);
    let (share, _) = compared.both(|window| window.share);
    let (payload, _) = compared.both(|window| window.payload);
    Ok(vec![Row {
        number: 1,
        what: format!("{clients} clients, one symbol, 10 rounds/s: CPU a frame of {payload:.0} bytes"),
        measured: format!("{server:.2} µs ({:.0}% of a core)", share * 100.0),
        reference: format!("{floor:.2} µs: one write(2)"),
        ratio: Some(server / floor),
        must: "1.25x",
        stretch: "1.15x",
    }])
}

pub(super) fn lists(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    let symbols = recording::symbols(UNIVERSE)?;
    let scene = Scene {
        symbols: &symbols,
        lists: recording::lists(&symbols, LIST, clients),
        clients,
        speed: 2.0,
        runs: 2,
        windows: 2,
        window: Duration::from_millis(2_400),
    };
    let compared = scene.compare(servers)?;
    let (server, floor) = compared.both(|window| window.a_frame);
    let (rows, _) = compared.both(|window| window.rows);
    Ok(vec![Row {
        number: 2,
        what: format!("{clients} clients, lists of {LIST} of {UNIVERSE}, each twice a second: CPU an update"),
        measured: format!("{:.2} µs ({rows:.1} a frame)", server / rows),
        reference: format!("{:.2} µs: one write(2) a frame", floor / rows),
        ratio: Some(server / floor),
        must: "0.8 µs",
        stretch: "0.4 µs",
    }])
}
