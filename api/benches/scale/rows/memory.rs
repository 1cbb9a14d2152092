//! Row 3: what an idle connection holds.

use super::{AT_ONCE, LIST, UNIVERSE};
use crate::clients::Load;
use crate::plan::Plan;
use crate::process::Process;
use crate::server::{Servers, bare};
use crate::table::Row;
use crate::{Result, recording, rest};
use std::time::Duration;

pub(super) fn memory(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    let symbols = recording::symbols(UNIVERSE)?;
    let a_connection = |process: &Process, plan: &dyn Fn() -> Plan| -> Result<f64> {
        // The first connections warm what all share.
        let _warm = Load::open(process.address, plan(), 100, 100)?;
        let before = process.resident()?;
        let mut load = Load::open(process.address, plan(), clients, AT_ONCE)?;
        load.run(Duration::from_secs(1))?;
        Ok((process.resident()? - before) / clients as f64 / 1024.0)
    };
    // The one round is over before the first client is there.
    let server = servers.start(&symbols, 0.01, &[])?;
    let lists = recording::lists(&symbols, LIST, clients);
    let measured = a_connection(&server, &|| Plan::stream(&servers.token, &lists))?;
    drop(server);
    let bare = bare(2)?;
    let reference = a_connection(&bare, &|| Plan::Ask(rest::get(bare.address, "/", "none")))?;
    Ok(vec![Row {
        number: 3,
        what: format!("{clients} idle connections with {LIST} symbols each: memory a connection"),
        measured: format!("{measured:.1} KB"),
        reference: format!("{reference:.1} KB: idle HTTP of bare actix-web"),
        ratio: Some(measured / reference),
        must: "13 KB",
        stretch: "10 KB",
    }])
}
