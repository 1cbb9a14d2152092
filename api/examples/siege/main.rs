//! A server under siege: another user's requests, sign-ins and prices, with and without one hostile guest, who opens 20
//! streams and 450 connections and does the worst that is known with each for a minute. Prints a table and asserts nothing.
//! `make siege` builds and runs it; the first argument is the server's binary.

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

mod hostile;
mod probes;
#[path = "../served/mod.rs"]
mod served;

use probes::Probes;
use served::Served;
use std::process::Command;
use std::time::Duration;

const QUIET: Duration = Duration::from_secs(20);
const SIEGE: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    watchtape::tls::install();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["attack", address] => hostile::attack(address.to_owned(), SIEGE).await,
        [binary] => besiege(binary).await,
        _ => panic!("usage: siege SERVER-BINARY"),
    }
}

async fn besiege(binary: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(binary, folder.path().to_str().expect("a path"), &["--drain-seconds", "0"]);
    let probes = Probes::register(&server.address).await;
    let quiet = probes.run(QUIET).await;
    let at_rest = server.memory_mb();
    // A hostile guest has a machine of its own: here it gets what time of the processors the others leave.
    let itself = std::env::current_exe().expect("this program");
    let mut attack = Command::new("nice");
    let mut attack =
        attack.args(["-n", "19"]).arg(itself).args(["attack", &server.address]).spawn().expect("the guest");
    let (besieged, peak) = tokio::join!(probes.run(SIEGE), peak_memory_mb(&server, SIEGE));
    assert!(attack.wait().expect("the guest").success(), "the guest ended early");

    println!("| what another user sees | without | with | ratio | 5xx |\n| --- | --- | --- | --- | --- |");
    for (name, quiet, besieged) in quiet.beside(&besieged) {
        let ratio = besieged.p99_ms() / quiet.p99_ms();
        let (calm, worse, faults) = (quiet.p99_ms(), besieged.p99_ms(), besieged.faults);
        println!("| {name}, p99 | {calm:.1} ms | {worse:.1} ms | {ratio:.1} | {faults} of {} |", besieged.times.len());
    }
    println!("| memory of the server | {at_rest:.0} MB | {peak:.0} MB at most | | |");
}

/// The most resident memory of the server in this time.
async fn peak_memory_mb(server: &Served, time: Duration) -> f64 {
    let (mut peak, end) = (0.0f64, tokio::time::Instant::now() + time);
    while tokio::time::Instant::now() < end {
        peak = peak.max(server.memory_mb());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    peak
}
