//! Row 8: requests over HTTP.

use crate::process::Process;
use crate::server::{Servers, bare};
use crate::table::Row;
use crate::window::median;
use crate::{Result, recording, rest};
use std::time::Duration;

pub(super) fn requests(servers: &Servers, _: usize) -> Result<Vec<Row>> {
    const CONNECTIONS: usize = 64;
    const TIME: Duration = Duration::from_millis(1_500);
    let symbols = recording::symbols(1)?;
    let bare = bare(1)?;
    let bare_request = rest::get(bare.address, "/", "none");
    // Requests a second, and CPU microseconds of the server for each.
    let ask = |process: &Process, request: &[u8]| -> Result<(f64, f64)> {
        let cpu = process.cpu()?;
        let answers = rest::ask(process.address, request, CONNECTIONS, TIME)? as f64;
        Ok((answers / TIME.as_secs_f64(), (process.cpu()? - cpu).as_secs_f64() * 1e6 / answers))
    };
    let row = |what: &str, flags: &[&str]| -> Result<Row> {
        let server = servers.start(&symbols, 0.01, flags)?;
        let request = rest::get(server.address, "/api/v1/quotes?symbols=AAPL", &servers.token);
        let (mut measured, mut reference) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            measured.push(ask(&server, &request)?);
            reference.push(ask(&bare, &bare_request)?);
        }
        let rates = |all: &[(f64, f64)]| median(all.iter().map(|(rate, _)| *rate).collect());
        let costs = |all: &[(f64, f64)]| median(all.iter().map(|(_, cost)| *cost).collect());
        Ok(Row {
            number: 8,
            what: format!("GET /api/v1/quotes?symbols=AAPL, {CONNECTIONS} connections, one worker{what}: requests/s"),
            measured: format!("{:.0} ({:.1} µs CPU each)", rates(&measured), costs(&measured)),
            reference: format!("{:.0} ({:.1} µs): bare actix-web JSON", rates(&reference), costs(&reference)),
            ratio: Some(rates(&measured) / rates(&reference)),
            must: "–",
            stretch: "–",
        })
    };
    Ok(vec![
        row(", no request log", &["--workers", "1"])?,
        row(", a log line each", &["--workers", "1", "--log", "info"])?,
    ])
}
