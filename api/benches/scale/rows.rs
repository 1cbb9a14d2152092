//! The rows: each measures one thing, and its reference beside it.

use super::clients::{Load, Plan, Tally};
use super::process::Process;
use super::server::{Servers, bare, floor};
use super::table::Row;
use super::window::{Window, median, median_of};
use super::{Result, age, recording, rest, stalled};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

/// How many connections are opened at a time where that is not what is measured.
const AT_ONCE: usize = 500;
/// Symbols on a list, and symbols in all.
const LIST: usize = 20;
const UNIVERSE: usize = 500;

/// A row's work, and about how many seconds it takes.
pub(crate) struct Measure {
    pub(crate) number: u8,
    pub(crate) seconds: u64,
    pub(crate) run: fn(&Servers, usize) -> Result<Vec<Row>>,
}

/// All of them, in the table's order. `clients` is 5,000 where nothing else is asked for.
pub(crate) const ALL: [Measure; 10] = [
    Measure { number: 1, seconds: 35, run: one_symbol },
    Measure { number: 2, seconds: 40, run: lists },
    Measure { number: 3, seconds: 12, run: memory },
    Measure { number: 4, seconds: 20, run: latency },
    Measure { number: 5, seconds: 35, run: one_round },
    Measure { number: 6, seconds: 40, run: not_reading },
    Measure { number: 7, seconds: 30, run: reconnecting },
    Measure { number: 8, seconds: 20, run: requests },
    Measure { number: 9, seconds: 5, run: weighted_age },
    Measure { number: 10, seconds: 15, run: two_nodes },
];

/// What is compared with the floor.
struct Scene<'a> {
    symbols: &'a [String],
    lists: Vec<Vec<&'a str>>,
    clients: usize,
    /// Rounds a second.
    speed: f64,
    runs: usize,
    windows: usize,
    window: Duration,
}

struct Compared {
    server: Vec<Window>,
    floor: Vec<Window>,
}

impl Scene<'_> {
    /// Server, floor, server, floor, …: what else the machine does should touch both alike.
    fn compare(&self, servers: &Servers) -> Result<Compared> {
        let mut compared = Compared { server: Vec::new(), floor: Vec::new() };
        for _ in 0..self.runs {
            let server = servers.start(self.symbols, self.speed, &[])?;
            let plan = Plan::stream(&servers.token, &self.lists);
            let mut load = Load::open(server.address, plan, self.clients, AT_ONCE)?;
            self.windows(&server, &mut load, &mut compared.server)?;
            drop((load, server));
            let payload = median_of(&compared.server, |window| window.payload);
            let floor = floor(self.clients, self.speed, payload.round() as usize)?;
            let mut load = Load::open(floor.address, Plan::Listen, self.clients, AT_ONCE)?;
            self.windows(&floor, &mut load, &mut compared.floor)?;
        }
        Ok(compared)
    }

    fn windows(&self, process: &Process, load: &mut Load, windows: &mut Vec<Window>) -> Result<()> {
        // The snapshots' backlog is not what is measured.
        load.settle()?;
        for _ in 0..self.windows {
            windows.push(Window::of(process, load, self.window, self.clients)?);
        }
        Ok(())
    }
}

impl Compared {
    fn both(&self, figure: impl Fn(&Window) -> f64) -> (f64, f64) {
        (median_of(&self.server, &figure), median_of(&self.floor, &figure))
    }
}

fn one_symbol(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
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
        stretch: "–",
    }])
}

fn lists(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
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
        stretch: "–",
    }])
}

fn memory(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
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
        stretch: "–",
    }])
}

fn latency(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
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
    let row = |what: &str, (server, floor): (f64, f64), must| Row {
        number: 4,
        what: format!("{clients} clients, one symbol, {speed} rounds/s: feed to client, {what}"),
        measured: format!("{server:.2} ms (at {:.0}% of a core)", share * 100.0),
        reference: format!("{floor:.2} ms: the floor (at {:.0}%)", floor_share * 100.0),
        ratio: Some(server / floor),
        must,
        stretch: "–",
    };
    Ok(vec![
        row("p50", compared.both(|window| window.p50), "3 ms"),
        row("p99", compared.both(|window| window.p99), "15 ms"),
    ])
}

fn one_round(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
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

fn not_reading(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    const TIME: Duration = Duration::from_secs(5);
    const LONGEST: Duration = Duration::from_secs(20);
    let symbols = recording::symbols(UNIVERSE)?;
    let clients = clients * 2 / 5;
    let stuck = (clients / 100).max(1);
    let server = servers.start(&symbols, 10.0, &[])?;
    let lists = recording::lists(&symbols, LIST, clients);
    let mut load = Load::open(server.address, Plan::stream(&servers.token, &lists), clients, AT_ONCE)?;
    load.settle()?;
    let listen = |load: &mut Load, time| -> Result<f64> {
        load.tally = Tally::default();
        load.run(time)?;
        Ok(load.tally.latency(0.99))
    };
    let before = listen(&mut load, TIME)?;

    let (files, resident) = (server.open_files()?, server.resident()?);
    let sockets = stalled::open(server.address, &servers.token, &symbols, stuck)?;
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
    let row = |what: &str, measured: String, reference: String, ratio, must| Row {
        number: 6,
        what: format!("{stuck} of {clients} clients do not read, 10 rounds/s of {LIST}: {what}"),
        measured,
        reference,
        ratio,
        must,
        stretch: "–",
    };
    let p99 = row(
        "p99 of the others",
        format!("{during:.1} ms"),
        format!("{without:.1} ms: without them ({before:.1} before, {after:.1} after)"),
        Some(during / without),
        "+10%",
    );
    let memory = row(
        "memory grown",
        format!("{:.1} MB", grown / 1e6),
        format!("{:.1} MB before", resident / 1e6),
        None,
        "16 MB",
    );
    let closed = closed.map_or_else(|| format!("not within {} s", LONGEST.as_secs()), |after| format!("{after:.1} s"));
    Ok(vec![p99, memory, row("closed after", closed, "–".to_owned(), None, "10 s")])
}

fn reconnecting(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
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
        stretch: "–",
    }])
}

fn requests(servers: &Servers, _: usize) -> Result<Vec<Row>> {
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

fn weighted_age(_: &Servers, _: usize) -> Result<Vec<Row>> {
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

fn two_nodes(servers: &Servers, clients: usize) -> Result<Vec<Row>> {
    let row = |measured: String, reference: String, ratio| {
        vec![Row {
            number: 10,
            what: format!("two nodes on one Redis, {} clients each, 10 rounds/s: p99 on the other node", clients / 5),
            measured,
            reference,
            ratio,
            must: "15 ms",
            stretch: "–",
        }]
    };
    if !servers.knows("--redis-url") {
        return Ok(row("not measured: the server has no --redis-url".to_owned(), "–".to_owned(), None));
    }
    let Some(redis) = Redis::start(servers)? else {
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
        Ok(Window::of(node, &mut load, Duration::from_secs(2), clients / 5)?.p99)
    };
    let (mut other, mut own) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        own.push(listen(&writer)?);
        other.push(listen(&reader)?);
    }
    let (other, own) = (median(other), median(own));
    Ok(row(format!("{other:.2} ms"), format!("{own:.2} ms: on the node with the feed"), Some(other / own)))
}

struct Redis {
    child: std::process::Child,
    port: u16,
}

impl Redis {
    /// On a port of its own, keeping nothing; none where there is no such program.
    fn start(servers: &Servers) -> Result<Option<Self>> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]);
        let started = command.arg(servers.folder()).stdout(std::process::Stdio::null()).spawn();
        let Ok(child) = started else { return Ok(None) };
        let redis = Self { child, port };
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(Some(redis));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("Redis did not start".into())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
