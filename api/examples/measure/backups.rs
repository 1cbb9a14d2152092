//! A backup of many accounts while people write: its time and size, what writers notice, and that every change acknowledged
//! before it began is in it.

use crate::{api, print, quantiles, serve};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use watchtape::db::{DatabaseUrl, DbConnection};

const ACCOUNTS: u32 = 100_000;
/// Each with one list of so many items.
const ITEMS: u32 = 10;
const WRITERS: usize = 4;

/// Fills a new database, and backs it up under a server with writers.
pub(crate) async fn measure(binary: &str) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");
    let database = folder.path().join("watchtape.db");
    // Its first start makes the schema and the catalogue.
    drop(serve(binary, data_dir, &[]));
    fill(&database);
    let server = serve(binary, data_dir, &["--registrations-per-hour", "0"]);
    let (api, http) = (api(&server), reqwest::Client::builder().no_proxy().build().expect("a client"));
    let (made, times, is_over) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()), AtomicBool::new(false));
    let writers = (0..WRITERS).map(|writer| {
        let (api, http, made, times, is_over) = (&api, &http, &made, &times, &is_over);
        async move {
            let person = json!({ "email": format!("writer{writer}@example.com"), "password": "correct horse battery" });
            let answer = http.post(format!("{api}/auth/register")).json(&person).send().await.expect("an answer");
            let answer: Value = answer.json().await.expect("JSON");
            let token = answer["access_token"].as_str().expect("a token").to_owned();
            let send = async |request: reqwest::RequestBuilder| {
                let started = Instant::now();
                let answer = request.bearer_auth(&token).send().await.expect("an answer");
                assert!(answer.status().is_success(), "{answer:?}");
                times.lock().expect("no panic").push(started.elapsed());
                answer.text().await.expect("a body")
            };
            let list: Value = serde_json::from_str(
                &send(http.post(format!("{api}/watchlists")).json(&json!({ "name": "Writes" }))).await,
            )
            .expect("JSON");
            let list = format!("{api}/watchlists/{}", list["id"].as_str().expect("an id"));
            for round in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let name = format!("{writer}-{round}");
                send(
                    http.patch(&list)
                        .header("content-type", "application/merge-patch+json")
                        .body(json!({ "name": name }).to_string()),
                )
                .await;
                // What follows replaces it: the newest of each writer is in the backup, or a later one.
                made.lock().expect("no panic").push((writer, round));
            }
        }
    });
    let backup = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let alone = std::mem::take(&mut *times.lock().expect("no panic"));
        let before = made.lock().expect("no panic").clone();
        let (binary, target) = (binary.to_owned(), folder.path().join("backup.db"));
        let (file, folder) = (target.clone(), data_dir.to_owned());
        let started = Instant::now();
        let done = tokio::task::spawn_blocking(move || {
            Command::new(binary).arg("backup").arg(file).args(["--data-dir", &folder]).output().expect("the binary")
        });
        let done = done.await.expect("no panic");
        let took = started.elapsed();
        is_over.store(true, Ordering::Relaxed);
        assert!(done.status.success(), "{done:?}");
        let size = std::fs::metadata(&target).expect("a file").len();
        print(
            &format!("backup of {ACCOUNTS} accounts under {WRITERS} writers"),
            &format!("{:.1} s, {:.0} MB", took.as_secs_f64(), size as f64 / 1e6),
        );
        let during = std::mem::take(&mut *times.lock().expect("no panic"));
        print(&format!("writes before it, {}", alone.len()), &quantiles(alone));
        print(&format!("writes during it, {}", during.len()), &quantiles(during));
        print("acknowledged before it and not in it", &missing(&target, &before).to_string());
    };
    futures_util::future::join(futures_util::future::join_all(writers), backup).await;
}

fn fill(database: &Path) {
    let mut connection = DatabaseUrl::Sqlite(database.to_owned()).connect().expect("a database");
    let sql = format!(
        "PRAGMA synchronous = OFF; BEGIN;
         CREATE TEMP TABLE numbers AS
             WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {ACCOUNTS})
             SELECT n, printf('%026d', n) AS id FROM counted;
         INSERT INTO users (id, email, display_name, password_hash, created_at, updated_at)
             SELECT 'user_' || id, 'person' || n || '@example.com', 'Person ' || n, printf('$argon2id$%.90c', 'x'),
                    '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM numbers;
         INSERT INTO watchlists (id, user_id, name, position, version, created_at, updated_at)
             SELECT 'wl_' || id, 'user_' || id, 'Watchlist', 0, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM numbers;
         CREATE TEMP TABLE symbols AS
             SELECT row_number() OVER (ORDER BY rank) - 1 AS place, symbol FROM securities ORDER BY rank LIMIT {ITEMS};
         INSERT INTO watchlist_items (watchlist_id, symbol, position, added_at)
             SELECT 'wl_' || id, symbol, place, '2026-01-01 00:00:00' FROM numbers, symbols;
         COMMIT; PRAGMA wal_checkpoint(TRUNCATE);"
    );
    connection.batch_execute(&sql).expect("many accounts");
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Of how many writers the list's name is older than the last that was acknowledged.
fn missing(backup: &Path, before: &[(usize, u64)]) -> usize {
    let mut connection = DatabaseUrl::Sqlite(backup.to_owned()).connect().expect("a backup");
    let DbConnection::Sqlite(sqlite) = &mut connection else { panic!("a file") };
    let names = diesel::sql_query("SELECT name FROM watchlists WHERE name LIKE '%-%'").load::<Name>(sqlite);
    let names: Vec<String> = names.expect("names").into_iter().map(|row| row.name).collect();
    let kept = |writer: usize| {
        let of_writer = names.iter().filter_map(|name| name.strip_prefix(&format!("{writer}-")));
        of_writer.filter_map(|round| round.parse::<u64>().ok()).max()
    };
    (0..WRITERS)
        .filter(|writer| {
            let last = before.iter().filter(|(by, _)| by == writer).map(|(_, round)| *round).max();
            last > kept(*writer)
        })
        .count()
}
