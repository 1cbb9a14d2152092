//! Row 6: what clients that do not read do to the others and to the server.

use super::{AT_ONCE, LIST, UNIVERSE};
use crate::clients::Load;
use crate::plan::Plan;
use crate::server::Servers;
use crate::table::Row;
use crate::tally::Tally;
use crate::window::median;
use crate::{Result, recording, stalled};
use std::time::{Duration, Instant};

pub(super) fn not_reading(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    const TIME: Duration = Duration::from_secs(5);
    // Enough to fill what the kernel holds for them, and little beside what the others get.
    const THEIRS: usize = 100;
    const LONGEST: Duration = Duration::from_secs(20);
    let symbols = recording::symbols(UNIVERSE)?;
    let clients = clients * 2 / 5;
    let stuck = (clients / 100).max(1);
    let server = servers.start(&symbols, 10.0, &[])?;
    let lists = recording::lists(&symbols, LIST, clients);
    let mut load = Load::open(server.address, Plan::stream(&servers.token, &lists), clients, AT_ONCE)?;
    load.settle(Duration::from_secs(1))?;
    let listen = |load: &mut Load, time| -> Result<f64> {
        load.tally = Tally::default();
        load.run(time)?;
        Ok(load.tally.latency(0.99))
    };
    let before = listen(&mut load, TIME)?;

    let (files, resident) = (server.open_files()?, server.resident()?);
    let sockets = stalled::open(server.address, &servers.token, &symbols[..THEIRS], stuck)?;
    let began = Instant::now();
    let (mut grown, mut closed) = (0.0, None);
    let mut during = None;
    load.tally = Tally::default();
    while began.elapsed() < LONGEST && (closed.is_none() || during.is_none()) {
        load.run(Duration::from_millis(100))?;
        grown = (server.resident()? - resident).max(grown);
        if closed.is_none() && server.open_files()? <= files {
            closed = Some(began.elapsed().as_secs_f64());
        }
        if during.is_none() && began.elapsed() >= TIME {
            during = Some(load.tally.latency(0.99));
        }
    }
    drop(sockets);
    load.run(Duration::from_millis(500))?;
    let after = listen(&mut load, TIME)?;
    let during = during.unwrap_or(f64::NAN);
    let without = median(vec![before, after]);
    let row = |what: &str, measured: String, reference: String, ratio, (must, stretch)| Row {
        number: 6,
        what: format!("{stuck} of {clients} clients do not read, 10 rounds/s of {LIST}: {what}"),
        measured,
        reference,
        ratio,
        must,
        stretch,
    };
    let p99 = row(
        "p99 of the others",
        format!("{during:.1} ms"),
        format!("{without:.1} ms: without them ({before:.1} before, {after:.1} after)"),
        Some(during / without),
        ("+10%", "+5%"),
    );
    let memory = row(
        "memory grown",
        format!("{:.1} MB", grown / 1e6),
        format!("{:.1} MB before", resident / 1e6),
        None,
        ("16 MB", "4 MB"),
    );
    let closed = closed.map_or_else(|| format!("not within {} s", LONGEST.as_secs()), |after| format!("{after:.1} s"));
    Ok(vec![p99, memory, row("closed after", closed, "–".to_owned(), None, ("10 s", "5 s"))])
}
