//! A server under siege: another user's requests, sign-ins and prices, with and without one hostile guest, who opens 20
//! streams and 450 connections and does the worst that is known with each for a minute. Prints a table and asserts nothing.
//! `make siege` builds and runs it; the first argument is the server's binary.

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

mod hostile;
mod probes;
mod server;

use probes::Probes;
use server::Served;
use std::time::Duration;

const QUIET: Duration = Duration::from_secs(20);
const SIEGE: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let binary = std::env::args().nth(1).expect("the server's binary");
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(&binary, folder.path().to_str().expect("a path"));
    let probes = Probes::register(&server.address).await;
    let quiet = probes.run(QUIET).await;
    let at_rest = server.memory_mb();
    // On a thread of its own: what the other user waits for is to be the server, and not this program.
    let address = server.address.clone();
    let attack = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(hostile::attack(address, SIEGE));
    });
    let (besieged, peak) = tokio::join!(probes.run(SIEGE), server.peak_memory_mb(SIEGE));
    attack.join().expect("the hostile guest");

    println!("| what another user sees | without | with | ratio | 5xx |\n| --- | --- | --- | --- | --- |");
    for (name, quiet, besieged) in quiet.beside(&besieged) {
        let ratio = besieged.p99_ms() / quiet.p99_ms();
        let (calm, worse, faults) = (quiet.p99_ms(), besieged.p99_ms(), besieged.faults);
        println!("| {name}, p99 | {calm:.1} ms | {worse:.1} ms | {ratio:.1} | {faults} of {} |", besieged.times.len());
    }
    println!("| memory of the server | {at_rest:.0} MB | {peak:.0} MB at most | | |");
}
