//! What the tests of alerts have in common: an account with alerts, prices that the test has written, and what was triggered.

use crate::support::process::Served;
use crate::support::{Backend, Client, Database, until_some};
use chrono::NaiveDate;
use serde_json::Value;
use std::cell::{RefCell, RefMut};
use std::path::PathBuf;
use watchtape::db::account_opening::{self, NewAccount};
use watchtape::db::alert::CheckedAlert;
use watchtape::db::alert_value::{self, StoredValue};
use watchtape::db::{DatabaseUrl, DbConnection, alert, alert_event};
use watchtape::ids;
use watchtape_shared::account::Email;
use watchtape_shared::alert::{Alert, AlertEvent, NewAlert};
use watchtape_shared::{AlertId, Price, Symbol, UserId};

/// More alerts than any test has.
const MANY: usize = 1_000_000;
/// Its days are trading days, and long ago.
const FIRST_DAY: &str = "2013-03-04";

/// An account and its alerts, in a database of the test's own.
pub(crate) struct Story {
    // Removed when dropped, unless a server has it.
    database: Option<Database>,
    url: DatabaseUrl,
    // One for all questions: a new one each time would cost more than they do.
    connection: RefCell<Option<DbConnection>>,
    pub(crate) folder: PathBuf,
    pub(crate) owner: UserId,
}

impl Story {
    pub(crate) async fn new(backend: Backend) -> Self {
        let database = Database::ready(backend).await;
        let email: Email = "ada@example.com".parse().expect("an address");
        let new = NewAccount {
            id: ids::user(),
            display_name: email.to_display_name(),
            email,
            password_hash: "$argon2id$".to_owned(),
            first_list: ids::watchlist(),
        };
        let (url, folder) = (database.url().clone(), database.folder());
        let (database, connection) = (Some(database), RefCell::default());
        let story = Self { owner: new.id.clone(), database, connection, url, folder };
        account_opening::open(&mut story.connect(), &new).expect("an account");
        story
    }

    /// A connection of the test's own.
    pub(crate) fn connect(&self) -> RefMut<'_, DbConnection> {
        RefMut::map(self.connection.borrow_mut(), |kept| {
            kept.get_or_insert_with(|| self.url.connect().expect("a connection"))
        })
    }

    /// The database, for a server within this process.
    pub(crate) fn hand_over(&mut self) -> Database {
        self.database.take().expect("handed over once")
    }

    /// Makes an alert, which is written as the API's JSON.
    pub(crate) fn alert(&self, json: &Value) -> Alert {
        let new: NewAlert = serde_json::from_value(json.clone()).expect("an alert");
        let symbol = Symbol::parse(&new.symbol).expect("a symbol");
        let checked = vec![CheckedAlert { id: ids::alert(), symbol, new }];
        alert::create(&mut self.connect(), &self.owner, checked, MANY).expect("an alert").remove(0)
    }

    pub(crate) fn find(&self, id: &AlertId) -> Alert {
        alert::find(&mut self.connect(), &self.owner, id).expect("an alert")
    }

    /// Its triggers, oldest first.
    pub(crate) fn events(&self) -> Vec<AlertEvent> {
        let mut events = alert_event::list(&mut self.connect(), &self.owner, None, 1_000_000).expect("events");
        events.reverse();
        events
    }

    pub(crate) fn prices_of(&self, id: &AlertId) -> Vec<String> {
        let events = self.events();
        let prices = events.iter().filter(|event| event.alert_id == *id).filter_map(|event| event.price);
        prices.map(|price| price.to_string()).collect()
    }

    pub(crate) async fn until_events(&self, count: usize) -> Vec<AlertEvent> {
        until_some("the triggers", async || Some(self.events()).filter(|events| events.len() >= count)).await
    }

    /// Waits until this price of a symbol counts as compared.
    pub(crate) async fn until_compared(&self, symbol: &str, price: &str) {
        let (symbol, price) = (Symbol::parse(symbol).expect("a symbol"), Price::parse(price).expect("a price"));
        let is_stored = |value: &StoredValue| value.symbol == symbol && value.price == price;
        until_some("the value", async || {
            let (values, _) = alert_value::list(&mut self.connect(), None, 1_000).expect("values");
            values.iter().any(is_stored).then_some(())
        })
        .await;
    }

    /// Starts the server on this feed.
    pub(crate) fn serve(&self, flags: &[&str]) -> Served {
        self.serve_on(&self.setting(), flags)
    }

    /// Where the database is, as a setting.
    pub(crate) fn setting(&self) -> String {
        self.database.as_ref().expect("not handed over").setting()
    }

    /// The same by another way to the database.
    pub(crate) fn serve_on(&self, url: &str, flags: &[&str]) -> Served {
        let usual = ["--database-url", url, "--data-dir", self.folder.to_str().expect("a path"), "--workers", "1"];
        Served::start(&[&usual[..], flags].concat())
    }

    /// Plays days of these prices of AAPL to their end: of each day its open, low, high and close. `first` counts the days.
    pub(crate) async fn play(&self, first: usize, days: &[[&str; 4]]) -> Served {
        let feed = format!("replay:{}", self.recording(first, days));
        let served = self.serve(&["--feed", &feed, "--replay-speed", "40"]);
        let account = Client::new(served.address).register().await;
        until_some("the end of the recording", async || {
            let market = account.client.get("/api/v1/market").await.expect(200);
            (market["feed"]["status"] == "ended").then_some(())
        })
        .await;
        served
    }

    /// Writes a recording, and returns its path.
    pub(crate) fn recording(&self, first: usize, days: &[[&str; 4]]) -> String {
        let mut text = "Ticker,Date,Open,High,Low,Close,Volume\n".to_owned();
        for (day, [open, low, high, close]) in trading_days().skip(first).zip(days) {
            text.push_str(&format!("AAPL,{day},{open},{high},{low},{close},1000\n"));
        }
        let path = self.folder.join(format!("recording-{first}.csv"));
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("a path").to_owned()
    }
}

/// Days without weekends; holidays do not matter to a recording.
fn trading_days() -> impl Iterator<Item = NaiveDate> {
    use chrono::Datelike;
    let first: NaiveDate = FIRST_DAY.parse().expect("a day");
    first.iter_days().filter(|day| day.weekday().num_days_from_monday() < 5)
}
