//! Prints how long triggers take to their webhooks, from the first transaction that writes them to the request that the receiver has read:
//! for 1,000 triggers in one round, and with destinations that hang or fail among them. Beside each other, as a machine's figures
//! mean little alone. Run it with `cargo run --release --example deliveries [-- postgres://…]`; SQLite without an argument.

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

mod receiver;
mod scene;

use receiver::Receiver;
use scene::Scene;
use std::time::Duration;

/// Triggers of a round.
const TRIGGERS: usize = 1_000;
/// How often each is measured.
const RUNS: usize = 5;

#[actix_web::main]
async fn main() {
    let url = std::env::args().nth(1);
    let receiver = Receiver::start().await;
    println!("{TRIGGERS} triggers in one round, from the first transaction's begin to the receiver; {RUNS} runs");
    println!("| accounts | of the 1,000 destinations | p50 ms | p99 ms | worst ms |");
    println!("| ---: | --- | ---: | ---: | ---: |");
    for (accounts, hanging, failing) in [(1_000, 0, 0), (2, 0, 0), (1_000, 100, 100)] {
        for was_there_before in [false, true] {
            if hanging == 0 && was_there_before {
                continue;
            }
            let scene = Scene::set(url.as_deref(), &receiver, accounts, hanging, failing).await;
            if was_there_before {
                // By now it is known which of them fail.
                scene.round().await;
                scene.settled().await;
            }
            let mut times = Vec::new();
            for _ in 0..RUNS {
                times.extend(scene.round().await);
                if hanging > 0 {
                    break;
                }
            }
            times.sort_unstable();
            let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
            let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
            let of = match (hanging, was_there_before) {
                (0, _) => "all answer".to_owned(),
                (_, false) => format!("{hanging} hang, {failing} answer 500, for the first time; the others'"),
                (_, true) => format!("{hanging} hang, {failing} answer 500, as before; the others'"),
            };
            println!("| {accounts} | {of} | {:.0} | {:.0} | {:.0} |", ms(at(0.5)), ms(at(0.99)), ms(at(1.0)));
        }
    }
}
