//! Redis as people have it: behind TLS with a certificate of their own authority, with a user that may do what is needed alone,
//! and behind Sentinels that name another server when the first is gone.

use super::{Nodes, readiness};
use crate::support::authority::Authority;
use crate::support::guarded::Guarded;
use crate::support::listener::Listener;
use crate::support::postgres::free_port;
use crate::support::process::{Served, run};
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::{Client, secrets, until};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const PASSWORD: &str = "the-password-of-a-redis-server";

/// What the documents tell operators to let the user do.
const ACL: &str = "resetchannels &{watchtape}:* resetkeys ~{watchtape}:* -@all +@read +@write +@pubsub +@connection +@scripting +info +time";

/// Starts redis-server, which is ended by kill -9.
fn start(arguments: &[&str], folder: &Path) -> Guarded {
    Guarded::start(&[&["redis-server"], arguments].concat(), &folder.join("log"), "KILL")
}

/// What redis-cli prints of a command to the server at this port.
fn ask(port: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("redis-cli");
    command.env_remove("LD_PRELOAD").env("REDISCLI_AUTH", PASSWORD).args(["-p", port]);
    let output = command.args(arguments).output().expect("redis-cli");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// A server that takes TLS alone, and one user who may do what the documents say.
fn with_tls(authority: &Authority, folder: &TempDir) -> (Guarded, u16) {
    let (certificate, key) = authority.certificate_for("localhost", 4000);
    let [certificate_file, key_file, users] =
        ["server.crt", "server.key", "users.acl"].map(|name| folder.path().join(name));
    std::fs::write(&certificate_file, certificate).expect("a file");
    std::fs::write(&key_file, key).expect("a file");
    std::fs::write(&users, format!("user default off\nuser watchtape on >{PASSWORD} {ACL}\n")).expect("a file");
    let (port, root) = (free_port(), authority.file());
    let port_text = port.to_string();
    let arguments = [
        ["--port", "0"],
        ["--tls-port", &port_text],
        ["--bind", "127.0.0.1"],
        ["--tls-cert-file", text(&certificate_file)],
        ["--tls-key-file", text(&key_file)],
        ["--tls-ca-cert-file", text(&root)],
        ["--tls-auth-clients", "no"],
        ["--aclfile", text(&users)],
        ["--dir", text(folder.path())],
        ["--save", ""],
    ];
    (start(arguments.as_flattened(), folder.path()), port)
}

async fn until_it_listens(port: u16) {
    until("it listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
}

#[actix_web::test]
async fn a_redis_behind_tls_is_verified_and_its_user_needs_little() {
    secrets::keep(PASSWORD);
    let (ours, theirs, folder) =
        (Authority::named("Ours"), Authority::named("Theirs"), TempDir::new().expect("a folder"));
    let (_server, port) = with_tls(&ours, &folder);
    until_it_listens(port).await;
    let data = folder.path().join("data");
    let doctor = |host: &str, root: Option<&Path>| {
        let url = format!("rediss://watchtape:{PASSWORD}@{host}:{port}");
        let mut arguments = vec!["doctor", "--data-dir", text(&data), "--redis-url", &url];
        arguments.extend(root.into_iter().flat_map(|root| ["--redis-ca-file", text(root)]));
        let output = run(&arguments);
        let printed = String::from_utf8(output.stdout).expect("text");
        printed.lines().find(|line| line.contains(" cluster: ")).unwrap_or_default().to_owned()
    };
    let (root, other_root) = (ours.file(), theirs.file());
    assert!(
        doctor("localhost", Some(&root)).starts_with("ok    cluster: Redis answers"),
        "{}",
        doctor("localhost", Some(&root))
    );
    assert!(doctor("127.0.0.1", Some(&root)).starts_with("wrong cluster: "), "another host");
    assert!(doctor("localhost", Some(&other_root)).starts_with("wrong cluster: "), "another authority");
    assert!(doctor("localhost", None).starts_with("wrong cluster: "), "no authority");
    assert!(doctor("localhost", Some(Path::new("/no/such/file"))).contains("/no/such/file: No such file"));

    // What the user may do is enough for all that a node does.
    let url = format!("rediss://watchtape:{PASSWORD}@localhost:{port}");
    let flags =
        ["--data-dir", text(&data), "--redis-url", &url, "--redis-ca-file", text(&root), "--sim-interval-ms", "100"];
    let node = Served::start(&flags);
    until("it runs the feed", async || readiness(&node).await["runs_feed"] == true).await;
    let account = Client::new(node.address).register().await;
    let mut socket = Socket::open(&account.client).await;
    socket.subscribe(&["AAPL"]).await;
    socket.next_of("ticks").await;
    // A limit is counted by Redis, and a change goes by way of it.
    let list = account.first_list().await;
    account.add(&list, &["MSFT"]).await;
    assert_eq!(account.symbols(&list).await, ["MSFT"]);
    until("its state is told", async || {
        Client::new(node.address).get("/metrics").await.text.contains("redis_reachable 1")
    })
    .await;
    assert_eq!(node.logged("NOPERM"), Vec::<String>::new());
    assert_eq!(readiness(&node).await["status"], "ok");
}

/// Two Redis servers, and three Sentinels that watch them.
struct Watched {
    first: Guarded,
    _second: Guarded,
    _sentinels: Vec<Guarded>,
    ports: [u16; 2],
    sentinel_ports: [u16; 3],
    _folder: TempDir,
}

impl Watched {
    async fn start() -> Self {
        secrets::keep(PASSWORD);
        let folder = TempDir::new().expect("a folder");
        let (ports, sentinel_ports) = ([free_port(), free_port()], [free_port(), free_port(), free_port()]);
        let start_at = |at: usize, extra: &[&str]| {
            let (own, port) = (folder.path().join(at.to_string()), ports[at].to_string());
            std::fs::create_dir(&own).expect("a folder");
            let usual = [
                ["--port", &port],
                ["--bind", "127.0.0.1"],
                ["--requirepass", PASSWORD],
                ["--masterauth", PASSWORD],
                ["--repl-diskless-sync-delay", "0"],
                ["--dir", text(&own)],
                ["--save", ""],
            ];
            start(&[usual.as_flattened(), extra].concat(), &own)
        };
        let first = start_at(0, &[]);
        until_it_listens(ports[0]).await;
        let second = start_at(1, &["--replicaof", &format!("127.0.0.1 {}", ports[0])]);
        until_it_listens(ports[1]).await;
        let sentinels = sentinel_ports.map(|port| {
            let own = folder.path().join(port.to_string());
            std::fs::create_dir(&own).expect("a folder");
            let config = own.join("sentinel.conf");
            let settings = format!(
                "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor prices 127.0.0.1 {} 2\n\
                 sentinel auth-pass prices {PASSWORD}\nsentinel down-after-milliseconds prices 1000\n\
                 sentinel failover-timeout prices 5000\n",
                own.display(),
                ports[0]
            );
            std::fs::write(&config, settings).expect("a file");
            start(&[text(&config), "--sentinel"], &own)
        });
        for port in sentinel_ports {
            until("the Sentinels know each other and the second server", async || {
                let master = ask(&port.to_string(), &["sentinel", "master", "prices"]);
                let of =
                    |name: &str| master.lines().skip_while(|line| *line != name).nth(1).unwrap_or_default().to_owned();
                (of("num-slaves"), of("num-other-sentinels")) == ("1".to_owned(), "2".to_owned())
            })
            .await;
        }
        Self { first, _second: second, _sentinels: sentinels.into(), ports, sentinel_ports, _folder: folder }
    }

    fn url(&self) -> String {
        let hosts = self.sentinel_ports.map(|port| format!("127.0.0.1:{port}")).join(",");
        format!("redis+sentinel://:{PASSWORD}@{hosts}/prices")
    }
}

/// Takes the term and sequence of prices.
fn see_place(place: &mut (u64, u64), message: &Value) {
    if message["type"] == "ticks" {
        let number = |name: &str| message[name].as_u64().expect("a number");
        *place = (number("term"), number("seq"));
    }
}

#[actix_web::test]
async fn a_master_that_dies_gives_way_to_another_and_no_stream_ends() {
    let mut redis = Watched::start().await;
    // Nodes without a Redis of their own.
    let nodes = Nodes::new(Redis::stopped()).await;
    let served = [nodes.start_at(&redis.url(), &[]), nodes.start_at(&redis.url(), &[])];
    for node in &served {
        readiness(node).await;
    }
    let account = Client::new(served[0].address).register().await;
    let mut sockets = Vec::new();
    for node in &served {
        for _ in 0..5 {
            let mut socket = Socket::open(&super::on(node, &account)).await;
            socket.subscribe(&["AAPL", "MSFT", "NVDA"]).await;
            let mut listener = Listener::start(socket, (0, 0), see_place);
            listener.until(|place| *place > (0, 0)).await;
            sockets.push(listener);
        }
    }
    redis.first.end();
    let second = redis.ports[1].to_string();
    until("another server is the master", async || ask(&second, &["role"]).starts_with("master")).await;
    // What a node knows now was published before: what is newer comes by way of the new master.
    let mut known = (0, 0);
    for node in &served {
        let market = super::on(node, &account).get("/api/v1/market").await.expect(200);
        let number = |name: &str| market["feed"][name].as_u64().expect("a number");
        known = known.max((number("term"), number("seq")));
    }
    for socket in &mut sockets {
        socket.until(|place| *place > known).await;
    }
    for node in &served {
        until("it is well", async || readiness(node).await["status"] == "ok").await;
    }
}
