//! Row 10: a price on its way from the node with the feed to another node's client.

use super::AT_ONCE;
use crate::clients::Load;
use crate::plan::Plan;
use crate::process::Process;
use crate::redis::Redis;
use crate::server::Servers;
use crate::table::Row;
use crate::window::{Window, median};
use crate::{Result, recording};
use std::time::Duration;

pub(super) fn two_nodes(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    let row = |measured: String, reference: String, ratio| {
        vec![Row {
            number: 10,
            what: format!("two nodes on one Redis, {} clients each, 10 rounds/s: p99 on the other node", clients / 5),
            measured,
            reference,
            ratio,
            must: "15 ms",
            stretch: "5 ms",
        }]
    };
    if !servers.knows("--redis-url") {
        return Ok(row("not measured: the server has no --redis-url".to_owned(), "–".to_owned(), None));
    }
    let Some(redis) = Redis::start(servers.folder())? else {
        return Ok(row("not measured: no redis-server in PATH".to_owned(), "–".to_owned(), None));
    };
    let url = format!("redis://127.0.0.1:{}", redis.port);
    let database = format!("sqlite:{}", servers.folder().join("watchtape.db").display());
    let flags = ["--redis-url", &url, "--database-url", &database];
    let symbols = recording::symbols(1)?;
    // The first to come writes the prices.
    let writer = servers.start(&symbols, 10.0, &flags)?;
    std::thread::sleep(Duration::from_secs(1));
    let reader = servers.start(&symbols, 10.0, &flags)?;
    let lists = vec![vec![symbols[0].as_str()]];
    let listen = |node: &Process| -> Result<f64> {
        let mut load = Load::open(node.address, Plan::stream(&servers.token, &lists), clients / 5, AT_ONCE)?;
        Ok(Window::of(node, &mut load, Duration::from_secs(2), 10.0, clients / 5)?.p99)
    };
    let (mut other, mut own) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        own.push(listen(&writer)?);
        other.push(listen(&reader)?);
    }
    let (other, own) = (median(other), median(own));
    Ok(row(format!("{other:.2} ms"), format!("{own:.2} ms: on the node with the feed"), Some(other / own)))
}
