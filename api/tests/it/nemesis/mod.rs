//! Three nodes, ten clients that change lists, twenty that watch, and everything that happens to real clusters: nodes killed
//! and asleep, ways to Redis and PostgreSQL cut and silent, Redis empty, old and full, PostgreSQL restarted and
//! its standby promoted.
//!
//! Short in `make test`, ten minutes in `make jepsen` (`WATCHTAPE_NEMESIS_SECONDS`). `WATCHTAPE_NEMESIS_SEED` repeats a run's
//! faults and changes.

mod changes;
mod cluster;
mod faults;
mod watcher;

use crate::support::Client;
use changes::{Api, Changer, History};
use cluster::Members;
use faults::Fault;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};
use watcher::Watcher;

const CHANGERS: usize = 10;
const WATCHERS: usize = 20;
const LISTS: usize = 4;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

#[actix_web::test]
async fn whatever_happens_nothing_acknowledged_is_lost_and_everybody_sees_the_same_at_rest() {
    let seed = setting("WATCHTAPE_NEMESIS_SEED", 20_261_127);
    let duration = Duration::from_secs(setting("WATCHTAPE_NEMESIS_SECONDS", 25));
    println!("seed {seed}, {} s", duration.as_secs());
    let mut random = StdRng::seed_from_u64(seed);
    let members = Rc::new(Members::start().await);

    let account = Client::new(members.address(0)).register().await;
    let mut lists = Vec::new();
    for number in 0..LISTS {
        let body = serde_json::json!({ "name": format!("List {number}") });
        let list = account.client.post("/api/v1/watchlists", &body).await.expect(201);
        lists.push(list["id"].as_str().expect("an id").to_owned());
    }
    // An access token would end before a long run does.
    let (_, program) = account.make_key(&["read", "write"]).await;
    let token = program.token.expect("a key");
    let api = Api::new(members.clone(), token.clone());
    let history = Rc::new(History::default());
    let changing: Vec<_> = (0..CHANGERS)
        .map(|number| {
            let list = lists[number % LISTS].clone();
            let seed = random.random();
            actix_web::rt::spawn(Changer::new(api.clone(), history.clone(), list, seed).run())
        })
        .collect();
    let watchers: Vec<Rc<Watcher>> =
        (0..WATCHERS).map(|number| Watcher::start(&members, &token, &lists[number % LISTS], number)).collect();

    let began = Instant::now();
    let mut recoveries: HashMap<&'static str, Vec<Duration>> = HashMap::new();
    let mut count = 0;
    while began.elapsed() < duration {
        let fault = Fault::random(&mut random);
        members.suffer(fault, &mut random).await;
        count += 1;
        let healed = Instant::now();
        let seen: Vec<usize> = watchers.iter().map(|watcher| watcher.rounds()).collect();
        crate::support::until("prices move on every client", async || {
            watchers.iter().zip(&seen).all(|(watcher, seen)| watcher.rounds() > *seen || !watcher.is_satisfied())
        })
        .await;
        assert!(watchers.iter().all(|watcher| watcher.is_satisfied()), "a client has seen what it must not");
        recoveries.entry(fault.name()).or_default().push(healed.elapsed());
        tokio::time::sleep(Duration::from_millis(random.random_range(200..1_000))).await;
    }
    history.stop();
    for change in changing {
        change.await.expect("no panic");
    }
    let stopped = Instant::now();
    for list in &lists {
        let truth = history.check(&api, list).await;
        crate::support::until("every socket shows what GET answers", async || {
            watchers.iter().filter(|watcher| watcher.list == *list).all(|watcher| watcher.shows(&truth))
        })
        .await;
    }
    let at_rest = stopped.elapsed();
    assert!(watchers.iter().all(|watcher| watcher.is_satisfied()), "a client has seen what it must not");
    watcher::check_terms(&watchers);
    println!("{count} faults; {}; at rest all equal after {at_rest:.1?}", history.summary());
    let mut names: Vec<_> = recoveries.keys().copied().collect();
    names.sort_unstable();
    for name in names {
        let mut times = recoveries.remove(name).expect("a name of it");
        times.sort_unstable();
        let (p50, max) = (times[times.len() / 2], times[times.len() - 1]);
        println!("{name}: {} times; prices on all clients after p50 {p50:.1?}, at most {max:.1?}", times.len());
    }
}
