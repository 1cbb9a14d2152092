//! Rows 4 and 5: how long a price is on its way.

use super::scene::Scene;
use crate::server::Servers;
use crate::table::Row;
use crate::{Result, recording};
use std::time::Duration;

pub(super) fn latency(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    let symbols = recording::symbols(1)?;
    let (clients, speed) = (clients / 10, 80.0);
    let scene = Scene {
        symbols: &symbols,
        lists: vec![vec![&symbols[0]]],
        clients,
        speed,
        runs: 2,
        windows: 2,
        window: Duration::from_secs(2),
    };
    let compared = scene.compare(servers)?;
    let (share, floor_share) = compared.both(|window| window.share);
    let row = |what: &str, (server, floor): (f64, f64), must, stretch| Row {
        number: 4,
        what: format!("{clients} clients, one symbol, {speed} rounds/s: feed to client, {what}"),
        measured: format!("{server:.2} ms (at {:.0}% of a core)", share * 100.0),
        reference: format!("{floor:.2} ms: the floor (at {:.0}%)", floor_share * 100.0),
        ratio: Some(server / floor),
        must,
        stretch,
    };
    Ok(vec![
        row("p50", compared.both(|window| window.p50), "3 ms", "2 ms"),
        row("p99", compared.both(|window| window.p99), "15 ms", "10 ms"),
    ])
}

pub(super) fn one_round(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    let symbols = recording::symbols(1)?;
    let clients = clients * 2;
    let scene = Scene {
        symbols: &symbols,
        lists: vec![vec![&symbols[0]]],
        clients,
        speed: 1.0,
        runs: 1,
        windows: 1,
        window: Duration::from_millis(7_500),
    };
    let compared = scene.compare(servers)?;
    let (server, floor) = compared.both(|window| window.last);
    Ok(vec![Row {
        number: 5,
        what: format!("one round to {clients} clients: the last byte, median of rounds"),
        measured: format!("{server:.0} ms"),
        reference: format!("{floor:.0} ms: the floor"),
        ratio: Some(server / floor),
        must: "150 ms",
        stretch: "80 ms",
    }])
}
