//! Backup, restore and check of an SQLite database, as an operator does them: under writes, killed, on a full disk, and with
//! another version's file. PostgreSQL's own tools stand for the other database.

use crate::support::postgres::binaries;
use crate::support::process::{Served, command, printed, run, said};
use crate::support::{Account, Backend, Client, Database, TestServer, times, until};
use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use watchtape::db::sqlite_file::{self, Access};
use watchtape::db::{DatabaseUrl, DbConnection, SchemaState, feed_term};

const STEPS: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// How often a backup is killed, unless `WATCHTAPE_TEST_KILLS` says more.
const KILLS: usize = 12;

/// A folder with a database, and where its backups go.
struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder") }
    }

    /// With a database of one account, whose server has ended.
    async fn with_account() -> (Self, Account) {
        let scene = Self::new();
        let mut served = scene.serve();
        let account = Client::new(served.address).register().await;
        served.terminate();
        (scene, account)
    }

    fn data_dir(&self) -> &str {
        self.folder.path().to_str().expect("a path")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn serve(&self) -> Served {
        Served::start(&["--data-dir", self.data_dir()])
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(&[arguments, &["--data-dir", self.data_dir()]].concat())
    }

    fn backup(&self, name: &str) -> Output {
        self.run(&["backup", self.file(name).to_str().expect("a path")])
    }

    fn restore(&self, name: &str, flags: &[&str]) -> Output {
        self.run(&[&["restore", self.file(name).to_str().expect("a path")], flags].concat())
    }

    fn connect(&self, name: &str) -> DbConnection {
        DatabaseUrl::Sqlite(self.file(name)).connect().expect("a connection")
    }

    /// What there is beside the database: nothing half.
    fn unfinished(&self) -> Vec<String> {
        self.names().into_iter().filter(|name| name.contains(".part")).collect()
    }

    fn names(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).expect("a folder");
        names.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }
}

fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    printed(output)
}

/// Refused with one line that has this text.
fn refused(output: &Output, text: &str) {
    assert_eq!(output.status.code(), Some(2), "{}", said(output));
    assert!(said(output).contains(text), "{}", said(output));
    assert_eq!(said(output).lines().count(), 1, "{}", said(output));
}

#[actix_web::test]
async fn what_was_acknowledged_before_a_backup_is_in_it() {
    let scene = Scene::new();
    let mut served = scene.serve();
    let account = Client::new(served.address).register().await;
    let (made, is_over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let writer = async {
        // Lists are made and deleted, so that no limit is reached; the last one of each round stays.
        for number in 0.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let name = format!("List {number}");
            let answer = account.client.post("/api/v1/watchlists", &json!({ "name": name })).await;
            answer.expect(201);
            made.lock().expect("no panic").push(name);
            if number > 30 {
                tokio::task::yield_now().await;
                account.client.delete(answer.header("location"), None).await.expect(204);
                made.lock().expect("no panic").pop();
            }
        }
    };
    let backups = async {
        for round in 0..4 {
            until("there is more", async || made.lock().expect("no panic").len() > 7 * round).await;
            let before = made.lock().expect("no panic").clone();
            let name = format!("backup-{round}.db");
            let arguments = [
                "backup".to_owned(),
                scene.file(&name).display().to_string(),
                "--data-dir".to_owned(),
                scene.data_dir().to_owned(),
            ];
            let done = tokio::task::spawn_blocking(move || run(&arguments.each_ref().map(String::as_str))).await;
            assert!(succeeds(&done.expect("no panic")).contains("checked"));
            let mode = std::fs::metadata(scene.file(&name)).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let found = sqlite_file::check(&scene.file(&name), Access::Alone).expect("a database");
            assert_eq!(found.damage, Vec::<String>::new());
            let kept = names_of_lists(&scene.file(&name));
            let lost: Vec<_> = before.iter().take(30).filter(|name| !kept.contains(*name)).collect();
            assert!(lost.is_empty(), "{round}: {lost:?} of {before:?}");
        }
        is_over.store(true, Ordering::Relaxed);
    };
    futures_util::future::join(writer, backups).await;
    assert_eq!(scene.unfinished(), Vec::<String>::new());
    // Nor does a backup replace another one, unless it is told.
    refused(&scene.backup("backup-0.db"), "--force");
    let again = scene.run(&["backup", scene.file("backup-0.db").to_str().expect("a path"), "--force"]);
    succeeds(&again);
    refused(
        &scene.run(&["backup", scene.file("watchtape.db").to_str().expect("a path"), "--force"]),
        "is the database",
    );
    served.terminate();
}

fn names_of_lists(path: &Path) -> Vec<String> {
    use diesel::prelude::*;
    diesel::table! { watchlists (id) { id -> Text, name -> Text, } }
    let mut connection = DatabaseUrl::Sqlite(path.to_owned()).connect().expect("a connection");
    watchlists::table.select(watchlists::name).load(&mut connection).expect("names")
}

#[actix_web::test]
async fn a_backup_that_is_killed_leaves_nothing_half_under_its_name() {
    let (scene, _account) = Scene::with_account().await;
    let whole = std::fs::metadata(scene.file("watchtape.db")).expect("a file").len();
    let (part, target) = (scene.file(".backup.db.part"), scene.file("backup.db"));
    let kills = times(KILLS);
    for kill in 0..kills {
        let arguments = ["backup", target.to_str().expect("a path"), "--data-dir", scene.data_dir()];
        let mut child = command(&arguments).stdout(Stdio::null()).spawn().expect("the binary");
        // At so many bytes, or once it has ended.
        let bytes = whole * kill as u64 / kills as u64;
        while child.try_wait().expect("a process").is_none() {
            if std::fs::metadata(&part).is_ok_and(|found| found.len() >= bytes) {
                child.kill().expect("a running process");
            }
        }
        if target.exists() {
            let found = sqlite_file::check(&target, Access::Alone).expect("a database");
            assert!(found.damage.is_empty() && matches!(found.schema, Some(SchemaState::Current { .. })), "{found:?}");
            std::fs::remove_file(&target).expect("a file");
        }
    }
    succeeds(&scene.backup("backup.db"));
    assert_eq!(scene.unfinished(), Vec::<String>::new());
    succeeds(&scene.restore("backup.db", &["--force"]));
}

#[actix_web::test]
async fn a_restore_that_is_killed_leaves_the_old_database_or_the_new_one() {
    let (scene, _account) = Scene::with_account().await;
    succeeds(&scene.backup("backup.db"));
    let rename = |name: &str| {
        let statement = format!("UPDATE watchlists SET name = '{name}'; PRAGMA wal_checkpoint(TRUNCATE)");
        scene.connect("watchtape.db").batch_execute(&statement).expect("a name");
    };
    let (part, target) = (scene.file(".watchtape.db.part"), scene.file("backup.db"));
    let whole = std::fs::metadata(&target).expect("a file").len();
    let kills = times(KILLS);
    for kill in 0..kills {
        rename("Old");
        let arguments = ["restore", target.to_str().expect("a path"), "--force", "--data-dir", scene.data_dir()];
        let mut child = command(&arguments).stdout(Stdio::null()).spawn().expect("the binary");
        // At so many bytes; the last ones once the old database has its second name, or after the end.
        let bytes = whole * kill as u64 / kills as u64;
        let replaced = || scene.names().iter().any(|name| name.contains(".replaced-"));
        while child.try_wait().expect("a process").is_none() {
            let is_there = if kill % 3 == 2 {
                replaced()
            } else {
                std::fs::metadata(&part).is_ok_and(|found| found.len() >= bytes)
            };
            if is_there {
                child.kill().expect("a running process");
            }
        }
        let found = sqlite_file::check(&scene.file("watchtape.db"), Access::Shared).expect("a database");
        assert!(found.damage.is_empty() && matches!(found.schema, Some(SchemaState::Current { .. })), "{found:?}");
        let names = names_of_lists(&scene.file("watchtape.db"));
        assert!(names == ["Old"] || names == ["Watchlist"], "{names:?}");
        for name in scene.names().iter().filter(|name| name.contains(".replaced-")) {
            std::fs::remove_file(scene.file(name)).expect("a file");
        }
    }
    succeeds(&scene.restore("backup.db", &["--force"]));
    assert_eq!(scene.unfinished(), Vec::<String>::new());
}

/// The limit of a file's size stands for the end of a disk; without the signal that comes with it, as a disk has none.
#[actix_web::test]
async fn a_full_disk_leaves_nothing_under_the_name_and_is_told() {
    let (scene, _account) = Scene::with_account().await;
    let (program, target) = (command(&[]), scene.file("backup.db"));
    for limit in ["0", "1", "64", "1024"] {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; ulimit -f $1; exec \"$0\" backup \"$2\" --data-dir \"$3\""]);
        shell.arg(program.get_program()).arg(limit).arg(&target).arg(scene.data_dir());
        let output = shell.output().expect("a shell");
        assert_eq!(output.status.code(), Some(2), "{limit}: {}", said(&output));
        assert!(
            said(&output).contains("backup.db was not made, as it cannot be written"),
            "{limit}: {}",
            said(&output)
        );
        assert!(!target.exists());
        assert_eq!(scene.unfinished(), Vec::<String>::new());
    }
    // A backup of before stays where its successor finds no room.
    succeeds(&scene.backup("backup.db"));
    let before = std::fs::read(&target).expect("a file");
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" backup \"$1\" --force --data-dir \"$2\""]);
    shell.arg(program.get_program()).arg(&target).arg(scene.data_dir());
    assert_eq!(shell.output().expect("a shell").status.code(), Some(2));
    assert_eq!(std::fs::read(&target).expect("a file"), before);
}

#[actix_web::test]
async fn a_backup_is_restored_where_nothing_is_lost_by_it() {
    let (scene, account) = Scene::with_account().await;
    succeeds(&scene.backup("backup.db"));
    let mut served = scene.serve();
    let client = Client { address: served.address, ..account.client.clone() };
    client.post("/api/v1/watchlists", &json!({ "name": "After the backup" })).await.expect(201);
    refused(&scene.restore("backup.db", &[]), "--force replaces it");
    refused(&scene.restore("backup.db", &["--force"]), "a server or a command uses the database");
    served.terminate();
    let mut command = scene.connect("watchtape.db");
    let term = newest_term(&mut command);
    // Without a claim, as commands have none.
    refused(&scene.restore("backup.db", &["--force"]), "a server or a command uses the database");
    drop(command);

    let told = succeeds(&scene.restore("backup.db", &["--force"]));
    let kept =
        told.lines().find_map(|line| line.strip_suffix(" is the database that it has replaced")).expect("a name");
    assert!(names_of_lists(Path::new(kept)).contains(&"After the backup".to_owned()));
    assert!(!names_of_lists(&scene.file("watchtape.db")).contains(&"After the backup".to_owned()));
    // Prices of before are of an older term, whatever has counted terms since the backup.
    assert!(newest_term(&mut scene.connect("watchtape.db")) > term + 1_000);
    let served = scene.serve();
    let client = Client { address: served.address, ..account.client.clone() };
    let login = json!({ "email": account.email, "password": account.password, "transport": "body" });
    client.post("/api/v1/auth/login", &login).await.expect(200);
    // On another machine there is nothing to be replaced.
    let elsewhere = Scene::new();
    std::fs::copy(scene.file("backup.db"), elsewhere.file("backup.db")).expect("a copy");
    succeeds(&elsewhere.restore("backup.db", &[]));
    assert_eq!(names_of_lists(&elsewhere.file("watchtape.db")), ["Watchlist"]);
    let mode = std::fs::metadata(elsewhere.file("watchtape.db")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

fn newest_term(connection: &mut DbConnection) -> u64 {
    feed_term::newest(connection).expect("a term")
}

#[actix_web::test]
async fn an_older_backup_is_migrated_and_a_newer_or_damaged_one_refused() {
    let (scene, account) = Scene::with_account().await;
    succeeds(&scene.backup("backup.db"));
    let older = |steps: usize| {
        let name = format!("older-{steps}.db");
        std::fs::copy(scene.file("backup.db"), scene.file(&name)).expect("a copy");
        let DbConnection::Sqlite(mut sqlite) = scene.connect(&name) else { panic!("a file") };
        for _ in 0..steps {
            sqlite.revert_last_migration(STEPS).expect("a step back");
        }
        sqlite.batch_execute("PRAGMA journal_mode = DELETE").expect("one file");
        name
    };
    for steps in [1, 4] {
        let name = older(steps);
        succeeds(&scene.restore(&name, &["--force"]));
        let found = sqlite_file::check(&scene.file("watchtape.db"), Access::Shared).expect("a database");
        assert!(found.damage.is_empty() && matches!(found.schema, Some(SchemaState::Current { .. })), "{found:?}");
        let served = scene.serve();
        let login = json!({ "email": account.email, "password": account.password, "transport": "body" });
        Client::new(served.address).post("/api/v1/auth/login", &login).await.expect(200);
    }

    let before = std::fs::read(scene.file("watchtape.db")).expect("a file");
    std::fs::copy(scene.file("backup.db"), scene.file("newer.db")).expect("a copy");
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231'); PRAGMA journal_mode = DELETE";
    scene.connect("newer.db").batch_execute(newer).expect("a step");
    refused(&scene.restore("newer.db", &["--force"]), "newer than this program: it has step 29991231");
    std::fs::write(scene.file("text.db"), "not a database").expect("a file");
    refused(&scene.restore("text.db", &["--force"]), "text.db");
    let other = "CREATE TABLE notes (id INTEGER PRIMARY KEY); PRAGMA journal_mode = DELETE";
    scene.connect("other.db").batch_execute(other).expect("another program's");
    refused(&scene.restore("other.db", &["--force"]), "not a database of Watchtape");
    refused(&scene.restore("none.db", &["--force"]), "there is no such file");
    let mut torn = std::fs::read(scene.file("backup.db")).expect("a file");
    torn.truncate(torn.len() / 2);
    std::fs::write(scene.file("torn.db"), torn).expect("a file");
    refused(&scene.restore("torn.db", &["--force"]), "is damaged");
    assert_eq!(std::fs::read(scene.file("watchtape.db")).expect("a file"), before);
    assert_eq!(scene.unfinished(), Vec::<String>::new());
}

#[actix_web::test]
async fn a_damaged_database_is_found_and_replaced() {
    let (scene, account) = Scene::with_account().await;
    succeeds(&scene.backup("backup.db"));
    let whole = scene.run(&["check"]);
    assert!(succeeds(&whole).contains("ok    schema: at step "));

    let orphan = "PRAGMA foreign_keys = OFF; UPDATE watchlists SET user_id = 'usr_nobody'";
    scene.connect("watchtape.db").batch_execute(orphan).expect("an orphan");
    let orphaned = scene.run(&["check"]);
    assert_eq!(orphaned.status.code(), Some(1), "{}", said(&orphaned));
    let line = "wrong file: 1 rows of watchlists refer to rows of users that are not there";
    assert!(printed(&orphaned).contains(line), "{}", printed(&orphaned));
    refused(&scene.backup("orphaned.db"), "the database is damaged");

    // Pages of zeros, as after a crash of a disk.
    let mut bytes = std::fs::read(scene.file("watchtape.db")).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0);
    std::fs::write(scene.file("watchtape.db"), bytes).expect("a file");
    let damaged = scene.run(&["check"]);
    assert_eq!(damaged.status.code(), Some(1), "{}", said(&damaged));
    succeeds(&scene.restore("backup.db", &["--force"]));
    succeeds(&scene.run(&["check"]));
    let served = scene.serve();
    let login = json!({ "email": account.email, "password": account.password, "transport": "body" });
    Client::new(served.address).post("/api/v1/auth/login", &login).await.expect(200);

    let nothing = Scene::new();
    refused(&nothing.run(&["check"]), "there is no such file");
    refused(&nothing.backup("backup.db"), "there is no such file");
    assert!(!nothing.file("watchtape.db").exists());
}

#[actix_web::test]
async fn postgresql_is_backed_up_by_its_own_tools() {
    let database = Database::ready(Backend::Postgres).await;
    let (url, folder) = (database.setting(), database.folder());
    let dump = folder.join("watchtape.dump");
    for arguments in [["backup", "x.db"], ["restore", "x.db"]] {
        let all = [&arguments[..], &["--database-url", &url, "--data-dir", folder.to_str().expect("a path")]].concat();
        refused(&run(&all), "pg_dump");
    }
    let checked = run(&["check", "--database-url", &url]);
    assert!(succeeds(&checked).contains("this version's schema"), "{}", printed(&checked));
    let server = TestServer::start_on(database, &[]).await;
    let account = server.client().register().await;
    let tool = |name: &str| Command::new(binaries().join(name));
    let dumped = tool("pg_dump").args(["--format=custom", "--file"]).arg(&dump).arg(&url).output();
    let dumped = dumped.expect("pg_dump");
    assert!(dumped.status.success(), "{}", said(&dumped));
    account.client.post("/api/v1/watchlists", &json!({ "name": "After the dump" })).await.expect(201);

    let target = Database::empty(Backend::Postgres);
    let mut restore = tool("pg_restore");
    restore.args(["--exit-on-error", "--single-transaction", "--no-owner", "--dbname", &target.setting()]).arg(&dump);
    let restored = restore.output().expect("pg_restore");
    assert!(restored.status.success(), "{}", said(&restored));
    succeeds(&run(&["check", "--database-url", &target.setting()]));
    let again = TestServer::start_on(target, &[]).await;
    let login = json!({ "email": account.email, "password": account.password, "transport": "body" });
    again.client().post("/api/v1/auth/login", &login).await.expect(200);
}
