//! Signing in: what it takes with and without an account, and while somebody guesses.

use crate::served::Served;
use crate::{api, print, quantiles};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const TRIES: usize = 50;
const GUESSES_PER_SECOND: u32 = 200;
const SECONDS: u32 = 10;
const PASSWORD: &str = "correct horse battery";

fn login(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn register(http: &reqwest::Client, api: &str, email: &str) -> String {
    let answer = http.post(format!("{api}/auth/register")).json(&login(email, PASSWORD)).send().await;
    let answer: Value = answer.expect("an answer").json().await.expect("JSON");
    answer["access_token"].as_str().expect("a token").to_owned()
}

/// Wrong passwords for an address with an account and for one without, in turn, on a server without limits.
pub(crate) async fn compare_known_and_unknown(server: &Served) {
    let api = api(server);
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    register(&http, &api, "known@example.com").await;
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..TRIES {
        for (email, times) in ["known@example.com", "unknown@example.com"].iter().zip(&mut times) {
            let body = login(email, &format!("wrong guess {number}"));
            let started = Instant::now();
            let answer = http.post(format!("{api}/auth/login")).json(&body).send().await.expect("an answer");
            assert_eq!(answer.status(), 401);
            answer.bytes().await.expect("a body");
            times.push(started.elapsed());
        }
    }
    let [known, unknown] = times.map(|times| median(times).as_secs_f64() * 1e3);
    print("wrong password, with and without account, medians of 50", &format!("{known:.2}, {unknown:.2} ms"));
    print("the one by the other", &format!("{:.3}", known / unknown));
}

/// Guesses at one account from one address, on a server with its usual limits: whether its owner gets in, with a known
/// browser at the same address and with none at another one, and how long others wait meanwhile.
pub(crate) async fn guess(server: &Served, name: &str, guess: fn(u32) -> String) {
    let api = api(server);
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let email = format!("{name}@example.com");
    let browser = reqwest::Client::builder().no_proxy().cookie_store(true).build().expect("a client");
    register(&browser, &api, &email).await;
    let token = register(&http, &api, &format!("beside-{name}@example.com")).await;
    let elsewhere = Ipv4Addr::new(127, 0, 0, 2);
    let elsewhere = reqwest::Client::builder().no_proxy().local_address(Some(elsewhere.into())).build();
    let owners = [browser, elsewhere.expect("a client")];

    let statuses: Arc<[AtomicU32; 3]> = Arc::default();
    let attack = {
        let (http, api, email, statuses) = (http.clone(), api.clone(), email.clone(), statuses.clone());
        actix_web::rt::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_secs(1) / GUESSES_PER_SECOND);
            for number in 0..GUESSES_PER_SECOND * SECONDS {
                pace.tick().await;
                let request = http.post(format!("{api}/auth/login")).json(&login(&email, &guess(number)));
                let statuses = statuses.clone();
                actix_web::rt::spawn(async move {
                    let status = request.send().await.map(|answer| answer.status().as_u16());
                    let kind = match status {
                        Ok(401) => 0,
                        Ok(429) => 1,
                        _ => 2,
                    };
                    statuses[kind].fetch_add(1, Ordering::Relaxed);
                });
            }
        })
    };
    let (mut others, mut let_in, mut tries) = (Vec::new(), [0, 0], 0);
    let mut next_try = Instant::now() + Duration::from_millis(500);
    while !attack.is_finished() {
        let started = Instant::now();
        let answer = http.get(format!("{api}/me")).bearer_auth(&token).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{answer:?}");
        answer.bytes().await.expect("a body");
        others.push(started.elapsed());
        if Instant::now() >= next_try {
            next_try += Duration::from_secs(1);
            tries += 1;
            for (owner, let_in) in owners.iter().zip(&mut let_in) {
                let body = login(&email, PASSWORD);
                let answer = owner.post(format!("{api}/auth/login")).json(&body).send().await.expect("an answer");
                *let_in += u32::from(answer.status().is_success());
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let [wrong, turned_away, other] = [0, 1, 2].map(|kind| statuses[kind].load(Ordering::Relaxed));
    print(&format!("200 guesses a second, {name}: 401, 429, other"), &format!("{wrong}, {turned_away}, {other}"));
    print("the owner got in: known browser, other address", &format!("{} and {} of {tries}", let_in[0], let_in[1]));
    print(&format!("GET /me meanwhile, {} times", others.len()), &quantiles(others));
}
