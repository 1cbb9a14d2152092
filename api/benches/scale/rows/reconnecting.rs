//! Row 7: how long it takes until everybody is back.

use super::{AT_ONCE, LIST, UNIVERSE};
use crate::clients::Load;
use crate::plan::Plan;
use crate::process::Process;
use crate::server::{Servers, bare};
use crate::table::Row;
use crate::{Result, recording, rest};
use std::time::Instant;

pub(super) fn reconnecting(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    let symbols = recording::symbols(UNIVERSE)?;
    let clients = clients * 2;
    let lists = recording::lists(&symbols, LIST, clients);
    let again = |process: &Process, plan: &dyn Fn() -> Plan| -> Result<(f64, usize)> {
        let first = Load::open(process.address, plan(), clients, AT_ONCE)?;
        drop(first);
        let began = Instant::now();
        let load = Load::open(process.address, plan(), clients, clients)?;
        Ok((began.elapsed().as_secs_f64(), load.again()))
    };
    let server = servers.start(&symbols, 1.0, &[])?;
    let (measured, failed) = again(&server, &|| Plan::stream(&servers.token, &lists))?;
    drop(server);
    let bare = bare(2)?;
    let (reference, _) = again(&bare, &|| Plan::Ask(rest::get(bare.address, "/", "none")))?;
    Ok(vec![Row {
        number: 7,
        what: format!("{clients} clients reconnect at once: the last snapshot of {LIST} symbols"),
        measured: format!("{measured:.1} s ({failed} tried again)"),
        reference: format!("{reference:.1} s: one GET each, bare actix-web"),
        ratio: Some(measured / reference),
        must: "15 s",
        stretch: "8 s",
    }])
}
