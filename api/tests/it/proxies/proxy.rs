//! A proxy with its shipped configuration.

use crate::support::authority::Authority;
use crate::support::guarded::Guarded;
use crate::support::postgres::free_port;
use crate::support::until;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Which one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Debian's package nginx-light or another of nginx.
    Nginx,
    /// Debian's package haproxy.
    HaProxy,
}

/// A running proxy.
pub(super) struct Proxy {
    /// Where it speaks HTTPS.
    pub(super) secure: SocketAddr,
    /// Where it speaks HTTP.
    pub(super) plain: SocketAddr,
    pub(super) authority: Authority,
    server: Guarded,
    // Removed when dropped.
    _folder: TempDir,
}

impl Proxy {
    /// Starts it before these nodes, and waits until it listens.
    pub(super) async fn start(kind: Kind, nodes: &[SocketAddr]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let authority = Authority::named("Ours");
        let (certificate, key) = authority.certificate_for("127.0.0.1", 4000);
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        write("tls.crt", &certificate);
        write("tls.key", &key);
        write("tls.pem", &format!("{certificate}{key}"));
        let [secure, plain] = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], free_port())));
        let configuration = folder.path().join("configuration");
        std::fs::write(&configuration, render(kind, folder.path(), nodes, secure, plain)).expect("a file");
        let configuration = configuration.to_str().expect("a path");
        let command = match kind {
            Kind::Nginx => vec!["nginx", "-c", configuration, "-g", "daemon off;"],
            Kind::HaProxy => vec!["haproxy", "-db", "-f", configuration],
        };
        let log = folder.path().join("log");
        // Workers of nginx end with it by this signal.
        let server = Guarded::start(&command, &log, "TERM");
        let mut proxy = Self { secure, plain, authority, server, _folder: folder };
        until("the proxy listens", async || {
            let has_ended = proxy.server.has_ended();
            assert!(!has_ended, "{kind:?}: {}", std::fs::read_to_string(&log).unwrap_or_default());
            tokio::net::TcpStream::connect(secure).await.is_ok()
        })
        .await;
        proxy
    }
}

/// The shipped file with the test's own addresses and folders. Whatever is replaced has to be in it.
fn render(kind: Kind, folder: &Path, nodes: &[SocketAddr], secure: SocketAddr, plain: SocketAddr) -> String {
    let folder = folder.display();
    let file = match kind {
        Kind::Nginx => "nginx.conf",
        Kind::HaProxy => "haproxy.cfg",
    };
    let mut replacements = match kind {
        Kind::Nginx => vec![
            // As whoever runs the tests: the folder is theirs.
            ("user www-data;".to_owned(), if is_root() { "user root;" } else { "" }.to_owned()),
            ("/run/nginx.pid".to_owned(), format!("{folder}/nginx.pid")),
            ("default_type application/octet-stream;".to_owned(), temporary_folders(&folder.to_string())),
            ("listen 80;".to_owned(), format!("listen {plain};")),
            ("listen 443 ssl".to_owned(), format!("listen {secure} ssl")),
            // What a process of the tests may open.
            ("worker_rlimit_nofile 100000;".to_owned(), String::new()),
            ("worker_connections 50000;".to_owned(), "worker_connections 1500;".to_owned()),
            ("/etc/watchtape/tls.crt".to_owned(), format!("{folder}/tls.crt")),
            ("/etc/watchtape/tls.key".to_owned(), format!("{folder}/tls.key")),
        ],
        Kind::HaProxy => vec![
            ("bind :80\n".to_owned(), format!("bind {plain}\n")),
            ("bind :443 ssl".to_owned(), format!("bind {secure} ssl")),
            ("    maxconn 50000\n".to_owned(), "    maxconn 1500\n".to_owned()),
            ("/etc/watchtape/tls.pem".to_owned(), format!("{folder}/tls.pem")),
        ],
    };
    replacements.extend((1..).zip(nodes).map(|(number, node)| (format!("node-{number}:8080"), node.to_string())));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/proxies").join(file);
    let shipped = std::fs::read_to_string(path).expect("the shipped file");
    replacements.into_iter().fold(shipped, |text, (from, to)| {
        assert!(text.contains(&from), "{file} has no {from}");
        text.replace(&from, &to)
    })
}

/// nginx makes them when it starts, wherever Debian has compiled that they are.
fn temporary_folders(folder: &str) -> String {
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    kinds.map(|kind| format!("{kind}_temp_path {folder}/{kind};")).join("\n")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    id.stdout.trim_ascii() == b"0"
}
