//! The conformance suite of storage: the same functions, the same outcomes, on SQLite and PostgreSQL.

mod bars;
mod deliveries;

use crate::support::{Backend, Database, on_both_databases, within};
use chrono::{NaiveDate, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use watchtape::db::account_opening::{self, NewAccount};
use watchtape::db::audit::RequestInfo;
use watchtape::db::guest::{self, NewGuest};
use watchtape::db::list_lock::{self, Expected};
use watchtape::db::session::{self, TokenHashes, TokenState};
use watchtape::db::{
    Db, DbConnection, Error, account_status, feed_term, item, security, upstream_calls, user, watchlist,
};
use watchtape::{catalog, ids};
use watchtape_shared::account::User;
use watchtape_shared::watchlist::{AddItem, ItemPatch, MoveItems, WatchlistPatch};
use watchtape_shared::{Symbol, UserId, WatchlistId};

on_both_databases!(
    constraints_become_their_clients_errors,
    every_owned_row_is_out_of_reach_of_others,
    a_failed_transaction_leaves_nothing,
    sessions_rotate_expire_and_end,
    the_catalogue_is_imported_once_and_brought_up_to_date,
    an_order_is_what_its_changes_make_it,
    exhaustion_is_told_in_time,
    migrations_run_once_and_a_newer_database_is_refused,
    the_step_that_admits_guests_leaves_accounts_alone_both_ways,
    a_days_calls_are_reserved_once,
    terms_only_rise,
);

async fn open(backend: Backend) -> (Database, Db) {
    let database = Database::ready(backend).await;
    let db = Db::open(database.url()).expect("a database");
    (database, db)
}

async fn new_user(db: &Db, email: &str) -> Result<(User, WatchlistId), Error> {
    let email: watchtape_shared::account::Email = email.parse().expect("an address");
    let new = NewAccount {
        id: ids::user(),
        display_name: email.to_display_name(),
        email,
        password_hash: "$argon2id$".to_owned(),
        first_list: ids::watchlist(),
    };
    let list = new.first_list.clone();
    Ok((db.write(move |connection| account_opening::open(connection, &new)).await?, list))
}

fn symbol(text: &str) -> Symbol {
    Symbol::parse(text).expect("a symbol")
}

fn add(symbol: Symbol, position: Option<u32>) -> AddItem {
    AddItem { position, ..AddItem::at_end(symbol) }
}

async fn constraints_become_their_clients_errors(backend: Backend) {
    let (_database, db) = open(backend).await;
    let (user, list) = new_user(&db, "a@example.com").await.expect("an account");
    assert!(matches!(new_user(&db, "A@example.com").await, Err(Error::EmailTaken)));
    let named = |name: &'static str| {
        let (db, owner) = (db.clone(), user.id.clone());
        async move {
            let name = name.parse().expect("a name");
            db.write(move |connection| watchlist::create(connection, &owner, &ids::watchlist(), &name)).await
        }
    };
    assert!(matches!(named("Watchlist").await, Err(Error::ListNameTaken)));
    assert!(named("watchlist").await.is_ok(), "names are what they are, in either case");
    let (id, owner) = (list.clone(), user.id.clone());
    let deleted = db.write(move |connection| {
        let mut list = list_lock::lock_with_owner(connection, &owner, &id, &Expected::Any)?;
        watchlist::delete(connection, &owner, &mut list)
    });
    deleted.await.expect("the list");
    let gone = db.write(move |connection| {
        let mut list = list_lock::lock(connection, &user.id, &list, &Expected::Any)?;
        item::add(connection, &mut list, &add(symbol("AAPL"), None))
    });
    assert!(matches!(gone.await, Err(Error::NotFound("watchlist"))));
}

async fn every_owned_row_is_out_of_reach_of_others(backend: Backend) {
    let (_database, db) = open(backend).await;
    let (_, list) = new_user(&db, "a@example.com").await.expect("an account");
    let (other, _) = new_user(&db, "b@example.com").await.expect("an account");
    let (id, owner) = (list.clone(), other.id.clone());
    let found = db.snapshot(move |connection| watchlist::find(connection, &owner, &id)).await;
    assert!(matches!(found, Err(Error::NotFound("watchlist"))));
    let locked = db.write(move |connection| list_lock::lock(connection, &other.id, &list, &Expected::Any)).await;
    assert!(matches!(locked, Err(Error::NotFound("watchlist"))));
}

async fn a_failed_transaction_leaves_nothing(backend: Backend) {
    let (_database, db) = open(backend).await;
    let (user, list) = new_user(&db, "a@example.com").await.expect("an account");
    let (owner, id) = (user.id.clone(), list.clone());
    let failed = db.write(move |connection| {
        let mut list = list_lock::lock(connection, &owner, &id, &Expected::Any)?;
        item::add(connection, &mut list, &add(symbol("AAPL"), None))?;
        Err::<(), _>(Error::Busy)
    });
    assert!(matches!(failed.await, Err(Error::Busy)));
    let found = db.snapshot(move |connection| watchlist::find(connection, &user.id, &list)).await.expect("the list");
    assert_eq!((found.summary.version, found.items.len()), (1, 0));
}

async fn sessions_rotate_expire_and_end(backend: Backend) {
    let (_database, db) = open(backend).await;
    let (user, _) = new_user(&db, "a@example.com").await.expect("an account");
    let hashes = |token: &str| TokenHashes { family: "f".repeat(64), token: token.to_owned() };
    let (id, owner) = (ids::session(), user.id.clone());
    let later = Utc::now() + TimeDelta::days(1);
    let (session_id, first) = (id.clone(), hashes("1"));
    db.write(move |connection| {
        session::create(connection, &session_id, &owner, &first, later, &RequestInfo::default())
    })
    .await
    .expect("a session");
    let standing = |token: &str| {
        let (db, hashes) = (db.clone(), hashes(token));
        async move {
            let found = db.read(move |connection| session::find_by_token(connection, &hashes)).await;
            found.expect("a query").map(|session| session.token_state)
        }
    };
    assert_eq!(standing("1").await, Some(TokenState::Current));
    let rotate = |from: &'static str, to: &'static str, until| {
        let (db, id) = (db.clone(), id.clone());
        async move {
            db.write(move |connection| session::rotate(connection, &id, from, to, until, &RequestInfo::default())).await
        }
    };
    assert!(rotate("1", "2", later).await.expect("a query"));
    assert!(!rotate("1", "3", later).await.expect("a query"), "a token is exchanged once");
    assert_eq!((standing("2").await, standing("1").await), (Some(TokenState::Current), Some(TokenState::Previous)));
    assert!(rotate("2", "3", later).await.expect("a query"));
    assert_eq!(standing("1").await, Some(TokenState::Old));

    let alive = || {
        let (db, owner, id) = (db.clone(), user.id.clone(), id.clone());
        async move { db.read(move |connection| session::is_alive(connection, &owner, &id)).await }
    };
    assert!(alive().await.expect("a query"));
    assert!(rotate("3", "4", Utc::now() - TimeDelta::seconds(1)).await.expect("a query"));
    assert!(!alive().await.expect("a query"));
    assert_eq!(standing("4").await, None);
    assert_eq!(db.write(session::sweep).await.expect("a query"), 1);

    let (email, owner, other) = (user.email.clone().expect("an address"), user.id.clone(), ids::session());
    let (session_id, first) = (other.clone(), hashes("1"));
    db.write(move |connection| {
        session::create(connection, &session_id, &owner, &first, later, &RequestInfo::default())
    })
    .await
    .expect("a session");
    db.write(move |connection| account_status::disable(connection, &email)).await.expect("a query");
    let owner: UserId = user.id.clone();
    assert!(!db.read(move |connection| session::is_alive(connection, &owner, &other)).await.expect("a query"));
}

async fn the_catalogue_is_imported_once_and_brought_up_to_date(backend: Backend) {
    let database = Database::with_whole_catalogue(backend).await;
    let db = Db::open(database.url()).expect("a database");
    let embedded = catalog::embedded().expect("the catalogue");
    let mut stored = db.read(security::list).await.expect("a query");
    stored.sort_by_key(|ticker| ticker.rank);
    assert_eq!(stored, embedded);
    let mut changed = embedded[0].clone();
    (changed.name, changed.isin) = ("Another name".into(), None);
    let mut added = embedded[1].clone();
    added.symbol = symbol("ZZZZ.NEW");
    let file = [changed.clone(), added.clone()];
    db.write(move |connection| security::import(connection, &file)).await.expect("an import");
    let stored = db.read(security::list).await.expect("a query");
    assert_eq!(stored.len(), embedded.len() + 1);
    assert!(stored.contains(&changed) && stored.contains(&added) && !stored.contains(&embedded[0]));
}

#[derive(Clone, Debug)]
enum Change {
    Add(usize, Option<u32>),
    Move(usize, u32),
    AddAfter(usize, Option<usize>),
    MoveAfter(usize, Option<usize>),
    MoveAll(Vec<usize>, Option<usize>),
    Remove(usize),
    Rotate,
}

/// Moves these in the model to the place after another, or to the top; no if that cannot be.
fn move_in(model: &mut Vec<usize>, which: &[usize], after: Option<usize>) -> bool {
    let is_known = which.iter().chain(&after).all(|one| model.contains(one));
    if !is_known || after.is_some_and(|after| which.contains(&after)) {
        return false;
    }
    model.retain(|one| !which.contains(one));
    let at = after.map_or(0, |after| model.iter().position(|one| *one == after).map_or(0, |before| before + 1));
    model.splice(at..at, which.iter().copied());
    true
}

/// Whatever is done to a list, its order is that of a plain vector to which the same was done, and its positions are
/// 0, 1, 2, … without a gap.
async fn an_order_is_what_its_changes_make_it(backend: Backend) {
    const SYMBOLS: [&str; 6] = ["AAPL", "MSFT", "NVDA", "GOOG", "AMZN", "META"];
    let (_database, db) = open(backend).await;
    let (user, _) = new_user(&db, "a@example.com").await.expect("an account");
    let change = prop_oneof![
        3 => (0..6usize, prop::option::of(0..8u32)).prop_map(|(which, at)| Change::Add(which, at)),
        3 => (0..6usize, 0..8u32).prop_map(|(which, to)| Change::Move(which, to)),
        2 => (0..6usize, prop::option::of(0..6usize)).prop_map(|(which, after)| Change::AddAfter(which, after)),
        2 => (0..6usize, prop::option::of(0..6usize)).prop_map(|(which, after)| Change::MoveAfter(which, after)),
        2 => (prop::sample::subsequence((0..6usize).collect::<Vec<_>>(), 1..4).prop_shuffle(), prop::option::of(0..6usize))
            .prop_map(|(which, after)| Change::MoveAll(which, after)),
        1 => (0..6usize).prop_map(Change::Remove),
        1 => Just(Change::Rotate),
    ];
    let cases = if backend == Backend::Sqlite { 24 } else { 12 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let connection = RefCell::new(db.url().connect().expect("a connection"));
    let outcome = runner.run(&prop::collection::vec(change, 1..20), |changes| {
        let mut connection = connection.borrow_mut();
        let (id, name) = (ids::watchlist(), "Order".parse().expect("a name"));
        watchlist::create(&mut connection, &user.id, &id, &name).expect("a list");
        let mut model: Vec<usize> = Vec::new();
        for change in changes {
            let mut list = list_lock::lock(&mut connection, &user.id, &id, &Expected::Any).expect("the list");
            let place = |which: usize| model.iter().position(|one| *one == which);
            match change {
                Change::Add(which, at) => {
                    let added = item::add(&mut connection, &mut list, &add(symbol(SYMBOLS[which]), at));
                    prop_assert_eq!(added.is_ok(), place(which).is_none());
                    if place(which).is_none() {
                        let at = at.map_or(model.len(), |at| (at as usize).min(model.len()));
                        model.insert(at, which);
                    }
                }
                Change::Move(which, to) => {
                    let patch = ItemPatch { position: Some(to), ..ItemPatch::default() };
                    let moved = item::change(&mut connection, &mut list, symbol(SYMBOLS[which]), patch);
                    prop_assert_eq!(moved.is_ok(), place(which).is_some());
                    if let Some(from) = place(which) {
                        model.remove(from);
                        model.insert((to as usize).min(model.len()), which);
                    }
                }
                Change::AddAfter(which, after) => {
                    let place = after.map(place);
                    let new = AddItem {
                        after: after.map(|one| symbol(SYMBOLS[one])).into(),
                        ..add(symbol(SYMBOLS[which]), None)
                    };
                    let added = item::add(&mut connection, &mut list, &new);
                    let may = !model.contains(&which) && place != Some(None);
                    prop_assert_eq!(added.is_ok(), may);
                    if may {
                        model.insert(place.flatten().map_or(0, |before| before + 1), which);
                    }
                }
                Change::MoveAfter(which, after) => {
                    let patch =
                        ItemPatch { after: after.map(|one| symbol(SYMBOLS[one])).into(), ..ItemPatch::default() };
                    let moved = item::change(&mut connection, &mut list, symbol(SYMBOLS[which]), patch);
                    prop_assert_eq!(moved.is_ok(), move_in(&mut model, &[which], after));
                }
                Change::MoveAll(which, after) => {
                    let symbols = which.iter().map(|one| symbol(SYMBOLS[*one])).collect();
                    let request = MoveItems { symbols, after: after.map(|one| symbol(SYMBOLS[one])) };
                    let moved = item::move_all(&mut connection, &mut list, &request);
                    prop_assert_eq!(moved.is_ok(), move_in(&mut model, &which, after));
                }
                Change::Remove(which) => {
                    let removed = item::remove(&mut connection, &mut list, symbol(SYMBOLS[which]));
                    prop_assert_eq!(removed.is_ok(), place(which).is_some());
                    model.retain(|one| *one != which);
                }
                Change::Rotate if !model.is_empty() => {
                    model.rotate_left(1);
                    let symbols: Vec<Symbol> = model.iter().map(|which| symbol(SYMBOLS[*which])).collect();
                    item::reorder(&mut connection, &mut list, &symbols).expect("the list's own symbols");
                }
                Change::Rotate => {}
            }
            let found = watchlist::find(&mut connection, &user.id, &id).expect("the list");
            let symbols: Vec<&str> = found.items.iter().map(|item| item.symbol.as_str()).collect();
            prop_assert_eq!(symbols, model.iter().map(|which| SYMBOLS[*which]).collect::<Vec<_>>());
            let positions: Vec<u32> = found.items.iter().map(|item| item.position).collect();
            prop_assert_eq!(positions, (0..model.len() as u32).collect::<Vec<_>>());
        }
        let mut list = list_lock::lock_with_owner(&mut connection, &user.id, &id, &Expected::Any).expect("the list");
        watchlist::change(&mut connection, &user.id, &mut list, &WatchlistPatch::default()).expect("nothing to do");
        watchlist::delete(&mut connection, &user.id, &mut list).expect("the list");
        Ok(())
    });
    outcome.expect("the order holds");
}

async fn exhaustion_is_told_in_time(backend: Backend) {
    let (_database, db) = open(backend).await;
    let db = Arc::new(db);
    // Every connection is held until somebody has been told that there is none.
    let is_told = Arc::new(AtomicBool::new(false));
    let held = (0..16).map(|_| {
        let (db, is_told) = (db.clone(), is_told.clone());
        actix_web::rt::spawn(async move {
            let wait = move |_: &mut DbConnection| {
                while !is_told.load(Ordering::Relaxed) {
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                Ok(())
            };
            db.write(wait).await
        })
    });
    let (first, _, others) = within(futures_util::future::select_all(held.collect::<Vec<_>>())).await;
    assert!(matches!(first.expect("no panic"), Err(Error::Busy)), "nobody else is done");
    is_told.store(true, Ordering::Relaxed);
    let others = futures_util::future::join_all(others).await;
    let done = others.iter().filter(|other| matches!(other, Ok(Ok(())))).count();
    assert!(done >= 1, "what was held is used again");
}

async fn migrations_run_once_and_a_newer_database_is_refused(backend: Backend) {
    let database = Database::empty(backend);
    // At once, as several nodes would at their start.
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let url = database.url().clone();
            std::thread::spawn(move || Db::open(&url).map(|_| ()).map_err(|error| error.to_string()))
        })
        .collect();
    for start in starts {
        start.join().expect("no panic").expect("a database");
    }
    let mut connection = database.url().connect().expect("a connection");
    connection.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231')").expect("a step");
    let refused = Db::open(database.url()).map(|_| ()).expect_err("a newer database");
    assert!(refused.to_string().contains("newer than this program: it has step 29991231"), "{refused}");
}

async fn the_step_that_admits_guests_leaves_accounts_alone_both_ways(backend: Backend) {
    let (database, db) = open(backend).await;
    let (user, list) = new_user(&db, "a@example.com").await.expect("an account");
    let guest = || NewGuest {
        id: ids::user(),
        display_name: "Guest".parse().expect("a name"),
        first_list: ids::watchlist(),
        list_name: "My first list".parse().expect("a name"),
        symbols: vec![symbol("AAPL")],
    };
    let mut connection = database.url().connect().expect("a connection");
    let before = watchlist::find(&mut connection, &user.id, &list).expect("the list");
    let gone = guest::create(&mut connection, &guest(), 9).expect("a guest");
    let (down, up) = match backend {
        Backend::Sqlite => (
            include_str!("../../../migrations/sqlite/2026-11-22-195000_admit_guests/down.sql"),
            include_str!("../../../migrations/sqlite/2026-11-22-195000_admit_guests/up.sql"),
        ),
        Backend::Postgres => (
            include_str!("../../../migrations/postgres/2026-11-22-195000_admit_guests/down.sql"),
            include_str!("../../../migrations/postgres/2026-11-22-195000_admit_guests/up.sql"),
        ),
    };
    connection.batch_execute(down).expect("a step back");
    assert!(matches!(user::find(&mut connection, &gone.id), Err(Error::NotFound(_))));
    assert!(guest::create(&mut connection, &guest(), 9).is_err(), "an account has an address again");
    connection.batch_execute(up).expect("the step again");
    assert!(guest::create(&mut connection, &guest(), 9).is_ok());
    let half = format!("UPDATE users SET email = NULL WHERE id = '{}'", user.id);
    assert!(connection.batch_execute(&half).is_err(), "a password without an address");
    assert_eq!(user::find(&mut connection, &user.id).expect("the account"), user);
    assert_eq!(watchlist::find(&mut connection, &user.id, &list).expect("the list"), before);
}

async fn a_days_calls_are_reserved_once(backend: Backend) {
    let (_database, db) = open(backend).await;
    let day = NaiveDate::from_ymd_opt(2026, 10, 20).expect("a day");
    let reserve = |calls| {
        let db = db.clone();
        async move { db.write(move |connection| upstream_calls::reserve(connection, "fake", day, calls, Some(25))).await }
    };
    reserve(5).await.expect("a grant");
    let (one, two, three) = tokio::join!(reserve(10), reserve(10), reserve(10));
    let granted = [one, two, three].map(|reserved| reserved.expect("a grant").granted);
    assert_eq!(granted.iter().sum::<u32>(), 20, "{granted:?}");
    let calls = db.read(move |connection| upstream_calls::calls_on(connection, "fake", day)).await;
    assert_eq!(calls.expect("a count"), 25);
}

async fn terms_only_rise(backend: Backend) {
    let (_database, db) = open(backend).await;
    let next = async |known| db.write(move |connection| feed_term::next(connection, known)).await.expect("a term");
    assert_eq!([next(0).await, next(0).await, next(7).await, next(3).await], [1, 2, 8, 9]);
    let at_once = futures_util::future::join_all((0..8).map(|_| next(0))).await;
    let mut counted: Vec<u64> = at_once;
    counted.sort_unstable();
    assert_eq!(counted, (10..18).collect::<Vec<_>>(), "each is counted once");
}

/// PostgreSQL answers a commit of a failed transaction as if it had taken place.
#[actix_web::test]
async fn work_that_passes_over_an_error_is_not_acknowledged() {
    let (_database, db) = open(Backend::Postgres).await;
    let (user, list) = new_user(&db, "a@example.com").await.expect("an account");
    let (owner, id) = (user.id.clone(), list.clone());
    let done = db.write(move |connection| {
        let name = "Another".parse().expect("a name");
        watchlist::create(connection, &owner, &ids::watchlist(), &name)?;
        // The list is there already: whoever goes on after that has nothing to commit.
        let _passed_over = watchlist::create(connection, &owner, &id, &"A third".parse().expect("a name"));
        Ok(())
    });
    assert!(matches!(done.await, Err(Error::Corrupt(_))));
    let owner = user.id.clone();
    let lists = db.snapshot(move |connection| watchlist::list(connection, &owner)).await.expect("a query");
    assert_eq!(lists.len(), 1);
}
