//! A server on real sources, which are fakes on this machine: from a watched symbol to a call, and from its answer to
//! every client.

use crate::support::socket::Socket;
use crate::support::vendor::{FakeRest, Reply};
use crate::support::{Backend, TestServer, process, until};
use futures_util::future::join_all;
use serde_json::Value;

const STREAM: &str = "ws://127.0.0.1:1";

/// More answers than a test asks for.
async fn answering(reply: impl Fn() -> Reply) -> FakeRest {
    FakeRest::start((0..50).map(|_| reply())).await
}

fn finnhub_quote() -> Reply {
    let seconds = chrono::Utc::now().timestamp() - 1;
    Reply::json(&format!(r#"{{"c":189.23,"d":1.1,"dp":0.6,"h":190.5,"l":187.1,"o":188,"pc":188.13,"t":{seconds}}}"#))
}

/// The price of a snapshot or of the ticks after it.
async fn first_price(socket: &mut Socket) -> Value {
    loop {
        let message = socket.next().await;
        let price = match message["type"].as_str() {
            Some("snapshot") => &message["quotes"][0]["price"],
            Some("ticks") => &message["d"][0][1],
            _ => continue,
        };
        if !price.is_null() {
            return price.clone();
        }
    }
}

#[actix_web::test]
async fn a_symbol_that_many_wait_for_is_asked_for_once_and_nobodys_never() {
    let fake = answering(finnhub_quote).await;
    let url = fake.url();
    let flags = ["--feed", "finnhub", "--finnhub-key", "k", "--finnhub-url", &url, "--finnhub-stream-url", STREAM];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let account = server.client().register().await;
    assert!(fake.asked().is_empty(), "nobody watches, so nobody is asked");
    let wait = |_| async {
        let mut socket = Socket::open(&account.client).await;
        socket.subscribe(&["AAPL"]).await;
        first_price(&mut socket).await
    };
    let prices = join_all((0..10).map(wait)).await;
    assert!(prices.iter().all(|price| price == "189.23"), "{prices:?}");
    let asked: Vec<String> = fake.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(asked, ["/quote?symbol=AAPL"], "one call for all of them");

    // A question over REST is a wish as well.
    account.client.get("/api/v1/quotes?symbols=MSFT").await.expect(200);
    until("a second call", async || fake.asked().len() == 2).await;
    assert_eq!(fake.asked()[1].target, "/quote?symbol=MSFT");
    let quote = account.client.get("/api/v1/quotes?symbols=AAPL").await.expect(200)["items"][0].clone();
    assert_eq!((&quote["source"], &quote["mode"]), (&"finnhub".into(), &"live".into()));
    assert_eq!(quote["previous_close"], "188.13");
    let market = account.client.get("/api/v1/market").await.expect(200);
    let source = &market["feed"]["sources"][0];
    assert_eq!((&source["source"], &source["status"]), (&"finnhub".into(), &"up".into()));
    assert!(source["last_success"].is_string() && source["budget_left"].is_null(), "{source}");
}

#[actix_web::test]
async fn where_the_first_source_fails_the_next_is_asked() {
    let failing = answering(|| Reply::with(500, &[], "")).await;
    let fake = answering(finnhub_quote).await;
    let (broken, url) = (failing.url(), fake.url());
    let mut flags = vec!["--feed", "alpaca,finnhub", "--alpaca-key-id", "i", "--alpaca-secret", "s"];
    flags.extend(["--alpaca-url", &broken, "--alpaca-stream-url", STREAM, "--finnhub-key", "k"]);
    flags.extend(["--finnhub-url", &url, "--finnhub-stream-url", STREAM]);
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let account = server.client().register().await;
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL"]).await;
    assert_eq!(first_price(&mut socket).await, "189.23");
    assert!(failing.asked().iter().all(|asked| asked.target.starts_with("/stocks/snapshots?")));
    assert!(!failing.asked().is_empty(), "it comes first");
    let market = account.client.get("/api/v1/market").await.expect(200);
    let sources = market["feed"]["sources"].as_array().expect("sources");
    let sources: Vec<_> = sources.iter().map(|source| source["source"].as_str()).collect();
    assert_eq!(sources, [Some("alpaca"), Some("finnhub")]);
}

#[actix_web::test]
async fn doctor_says_what_is_well_and_what_is_to_be_mended() {
    let fake = FakeRest::start([finnhub_quote(), Reply::with(401, &[], "")]).await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let (data_dir, url) = (folder.path().to_str().expect("a path").to_owned(), fake.url());
    let run = async |more: Vec<String>| {
        let mut all = vec!["doctor".to_owned(), "--data-dir".to_owned(), data_dir.clone()];
        all.extend(more);
        let ran =
            tokio::task::spawn_blocking(move || process::run(&all.iter().map(String::as_str).collect::<Vec<_>>()));
        let output = ran.await.expect("a run");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let (well, said, _) = run(Vec::new()).await;
    assert!(well, "{said}");
    for line in ["ok    database: ", "ok    catalogue: ", "ok    cluster: this node is alone", "ok    feed: sim"] {
        assert!(said.contains(line), "{line} in {said}");
    }
    // The catalogue is needed to know what a vendor covers.
    assert!(process::run(&["catalog", "import", "--data-dir", &data_dir, catalogue()]).status.success());
    let live =
        || ["--feed", "finnhub", "--finnhub-key", "secret-key", "--finnhub-url", &url].map(str::to_owned).to_vec();
    let (well, said, _) = run(live()).await;
    assert!(well && said.contains("at 189.23; 1 calls today"), "{said}");
    let mut broken = live();
    broken.extend(["--redis-url", "redis://127.0.0.1:1", "--smtp-url", "smtp://127.0.0.1:1"].map(str::to_owned));
    broken.extend(["--mail-from", "watchtape@example.com", "--listen", "0.0.0.0:8080"].map(str::to_owned));
    let (well, said, wrong) = run(broken).await;
    assert!(!well);
    assert!(said.contains("wrong cluster: ") && said.contains("wrong feed finnhub: refused"), "{said}");
    assert!(said.contains("wrong mail: ") && said.contains("wrong address: WATCHTAPE_LISTEN 0.0.0.0:8080"), "{said}");
    assert_eq!(wrong.trim(), "watchtape: to be mended: address, mail, cluster, feed finnhub");
    assert!(!said.contains("secret-key"));
}

fn catalogue() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/data/securities.csv")
}
