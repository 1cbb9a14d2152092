//! The catalogue of a running server: imported by the command from another process, on both databases.

use crate::support::process::{command, said};
use crate::support::{Account, Backend, TestServer, on_both_databases, until, until_some};
use serde_json::{Value, json};
use std::process::Output;
use tempfile::TempDir;

const HEAD: &str = "symbol,name,mic,currency,country,isin,sector,indices,rank";

on_both_databases!(
    an_import_is_found_without_a_restart,
    what_a_catalogue_no_longer_has_stays_on_lists_and_is_not_found,
    a_file_with_an_error_changes_nothing,
    what_is_exported_can_be_imported,
    the_listings_of_a_company_are_told_with_the_home_listing_first,
    a_search_prefers_the_exchanges_of_the_accounts_lists,
);

/// A server, and files for the command beside it.
struct Scene {
    server: TestServer,
    folder: TempDir,
}

impl Scene {
    async fn start(backend: Backend) -> Self {
        Self { server: TestServer::start(backend).await, folder: TempDir::new().expect("a folder") }
    }

    /// Runs `watchtape catalog …` on the server's database, with a file of these lines.
    async fn run(&self, arguments: &[&str], lines: &str) -> Output {
        let file = self.folder.path().join("catalogue.csv");
        std::fs::write(&file, format!("{HEAD}\n{lines}")).expect("a file");
        let url = self.server.database_setting();
        let arguments = [&["catalog"], arguments, &[file.to_str().expect("a path"), "--database-url", &url]].concat();
        let mut command = command(&arguments);
        // The server is on this thread.
        actix_web::web::block(move || command.output()).await.expect("a thread").expect("the binary")
    }

    async fn import(&self, arguments: &[&str], lines: &str) -> String {
        let output = self.run(&[&["import"], arguments].concat(), lines).await;
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }
}

fn symbols(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().map(|item| item["symbol"].as_str().expect("a symbol")).collect()
}

async fn an_import_is_found_without_a_restart(backend: Backend) {
    let scene = Scene::start(backend).await;
    let account = scene.server.client().register().await;
    account.client.get("/api/v1/tickers/NEWCO").await.refused(404, "not_found");
    let printed = scene.import(&[], "NEWCO,New Company,XNAS,USD,,,,,50000\nAAPL,Apple Computer,XNAS,USD,,,,,4\n").await;
    assert_eq!(printed, "2 securities imported, 0 delisted");
    until("the new security is found", async || {
        symbols(&account.client.get("/api/v1/tickers?q=new%20company").await.expect(200)).first() == Some(&"NEWCO")
    })
    .await;
    let changed = account.client.get("/api/v1/tickers/AAPL").await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["class"], &changed["delisted"]),
        (&json!("Apple Computer"), &json!("equity"), &json!(false))
    );
    // It can be put on a list, and has a price.
    account.add(&account.first_list().await, &["NEWCO"]).await;
    until("it has a price", async || {
        !account.client.get("/api/v1/quotes?symbols=NEWCO").await.expect(200)["items"][0]["price"].is_null()
    })
    .await;
}

async fn what_a_catalogue_no_longer_has_stays_on_lists_and_is_not_found(backend: Backend) {
    let scene = Scene::start(backend).await;
    let account = scene.server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL", "MSFT"]).await;
    let printed = scene.import(&["--replace"], "AAPL,Apple Inc.,XNAS,USD,,,,,4\n").await;
    assert!(printed.starts_with("1 securities imported, ") && !printed.ends_with(" 0 delisted"), "{printed}");
    until("it is no longer found", async || {
        symbols(&account.client.get("/api/v1/tickers?q=").await.expect(200)) == ["AAPL"]
    })
    .await;
    assert!(symbols(&account.client.get("/api/v1/tickers?q=microsoft").await.expect(200)).is_empty());
    assert_eq!(account.client.get("/api/v1/tickers/MSFT").await.expect(200)["delisted"], true);
    let items = account.client.get(&list).await.expect(200)["items"].clone();
    assert_eq!((&items[0]["delisted"], &items[1]["delisted"]), (&Value::Null, &json!(true)));
    // A later catalogue may have it again; and one security alone can be retired.
    scene.import(&[], "MSFT,Microsoft,XNAS,USD,,,,,5\n").await;
    until("it is found again", async || {
        symbols(&account.client.get("/api/v1/tickers?q=microsoft").await.expect(200)) == ["MSFT"]
    })
    .await;
    let retired = scene.import(&["--retire"], "AAPL,Apple Inc.,XNAS,USD,,,,,4\n").await;
    assert_eq!(retired, "1 securities delisted of the 1 in the file");
    until("it is retired", async || account.client.get("/api/v1/tickers/AAPL").await.expect(200)["delisted"] == true)
        .await;
}

async fn a_file_with_an_error_changes_nothing(backend: Backend) {
    let scene = Scene::start(backend).await;
    let account = scene.server.client().register().await;
    for (lines, cause) in [
        ("NEWCO,New Company,XNAS,USD,,,,,1\nBAD1,,XNAS,USD,,,,,2\n", "catalogue.csv:3: the name is empty"),
        ("NEWCO,One,XNAS,USD,,,,,1\nNEWCO,Two,XNAS,USD,,,,,2\n", "catalogue.csv:3: a second line for NEWCO"),
        ("", "it has no securities"),
    ] {
        let output = scene.run(&["import", "--replace"], lines).await;
        assert!(!output.status.success() && said(&output).contains(cause), "{output:?}");
    }
    // What comes later is read after what came before.
    scene.import(&[], "LATER,Later,XNAS,USD,,,,,50000\n").await;
    until("a later import is there", async || account.client.get("/api/v1/tickers/LATER").await.status == 200).await;
    account.client.get("/api/v1/tickers/NEWCO").await.refused(404, "not_found");
    assert_eq!(account.client.get("/api/v1/tickers/AAPL").await.expect(200)["delisted"], false);
}

async fn what_is_exported_can_be_imported(backend: Backend) {
    let scene = Scene::start(backend).await;
    let output = scene.run(&["export"], "").await;
    assert!(output.status.success(), "{output:?}");
    let file = scene.folder.path().join("catalogue.csv");
    let text = std::fs::read_to_string(&file).expect("the export");
    assert!(
        text.starts_with(&format!("{HEAD},class,delisted\n")) && text.contains("\nAAPL,Apple Inc.,XNAS,USD,"),
        "{text:.300}"
    );
    let lines = text.lines().skip(1).collect::<Vec<_>>();
    let url = scene.server.database_setting();
    let mut command =
        command(&["catalog", "import", file.to_str().expect("a path"), "--database-url", &url, "--replace"]);
    let output = actix_web::web::block(move || command.output()).await.expect("a thread").expect("the binary");
    let printed = String::from_utf8(output.stdout).expect("text");
    assert_eq!(printed.trim(), format!("{} securities imported, 0 delisted", lines.len()));
}

async fn the_listings_of_a_company_are_told_with_the_home_listing_first(backend: Backend) {
    let scene = Scene::start(backend).await;
    let account = scene.server.client().register().await;
    let lines = "NOVO,Nordisk Works,XNYS,USD,Denmark,,,,900\nNOVO.CO,Nordisk Works A/S,XCSE,DKK,Denmark,,,,40000\n\
                 NOVO.DE,Nordisk Works A/S,XETR,EUR,Denmark,,,,40001\n";
    scene.import(&[], lines).await;
    let listings = until_some("the import is read", async || {
        let reply = account.client.get("/api/v1/tickers/NOVO.DE/listings").await;
        if reply.status == 200 { Some(reply.expect(200)) } else { None }
    })
    .await;
    assert_eq!(symbols(&listings), ["NOVO.CO", "NOVO", "NOVO.DE"]);
    let found = account.client.get("/api/v1/tickers?q=nordisk%20works").await.expect(200);
    assert_eq!(symbols(&found)[0], "NOVO.CO");
    account.client.get("/api/v1/tickers/NOPE/listings").await.refused(404, "not_found");
    let funds = account.client.get("/api/v1/tickers?q=nordisk&class=etf").await.expect(200);
    assert!(symbols(&funds).iter().all(|symbol| !symbol.starts_with("NOVO")), "{funds}");
}

/// Of a company's listings abroad, with the account that has securities at one of the exchanges on its lists.
async fn a_search_prefers_the_exchanges_of_the_accounts_lists(backend: Backend) {
    let scene = Scene::start(backend).await;
    let lines = "WIDGET,Widget Works,XNAS,USD,United States,,,,900\nWIDGET.MX,Widget Works,XMEX,MXN,United States,,,,901\n\
                 WIDGET.DE,Widget Works,XETR,EUR,United States,,,,902\nOTRA.DE,Other Company,XETR,EUR,Germany,,,,903\n";
    scene.import(&[], lines).await;
    let (one, other) = (scene.server.client().register().await, scene.server.client().register().await);
    until("the import is read", async || one.client.get("/api/v1/tickers/OTRA.DE").await.status == 200).await;
    one.add(&one.first_list().await, &["OTRA.DE"]).await;
    let found = async |account: &Account| account.client.get("/api/v1/tickers?q=widget%20works").await.expect(200);
    assert_eq!(symbols(&found(&one).await), ["WIDGET", "WIDGET.DE", "WIDGET.MX"]);
    assert_eq!(symbols(&found(&other).await), ["WIDGET", "WIDGET.MX", "WIDGET.DE"]);
}
