//! One PostgreSQL server for the whole test binary, started by the first test that asks for it; and servers with a
//! certificate, for the tests of TLS alone.
//!
//! A shell stands between: it ends the server and removes its folder when the pipe from this process closes, however
//! this process ends.

use super::secrets;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

const GUARDIAN: &str = r#"
set -u
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
folder=$(as_postgres mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
as_postgres "$BIN/initdb" -D "$folder/data" -U postgres -A trust --no-sync -E UTF8 --locale=C >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
tls=off
if [ -n "${KEY:-}" ]; then
    tls=on
    printf %s "$KEY" | as_postgres sh -c "umask 077; cat >'$folder/server.key'"
    printf %s "$CERTIFICATE" | as_postgres sh -c "cat >'$folder/server.crt'"
fi
# A data folder and its port.
serve() {
    as_postgres "$BIN/postgres" -D "$1" -p "$2" -h 127.0.0.1 -k "$folder" \
        -c ssl="$tls" -c ssl_key_file="$folder/server.key" -c ssl_cert_file="$folder/server.crt" -c fsync="$FSYNC" -c max_connections=500 -c shared_buffers=64MB >>"$folder/log" 2>&1 &
    server=$!
    for _ in $(seq 300); do
        "$BIN/pg_isready" -q -h 127.0.0.1 -p "$2" && return
        kill -0 "$server" 2>/dev/null || { cat "$folder/log"; exit 1; }
        sleep 0.1
    done
}
end() { kill "-$1" "$(head -n 1 "$data/postmaster.pid")" && wait "$server"; }
data=$folder/data
serve "$data" "$PORT"
echo ready
while read -r order; do
    case $order in
    # As after a crash.
    restart) end QUIT; serve "$data" "$PORT" ;;
    # What is acknowledged is on the standby too.
    standby)
        primary=$server
        as_postgres "$BIN/pg_basebackup" -h 127.0.0.1 -p "$PORT" -U postgres -D "$folder/standby" -R -X stream -c fast >>"$folder/log" 2>&1
        serve "$folder/standby" "$STANDBY_PORT"
        standby=$server server=$primary
        "$BIN/psql" -qX -h 127.0.0.1 -p "$PORT" -U postgres -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c "SELECT pg_reload_conf()" >>"$folder/log" 2>&1 ;;
    promote)
        end QUIT
        data=$folder/standby server=$standby PORT=$STANDBY_PORT
        as_postgres "$BIN/pg_ctl" promote -w -D "$data" >>"$folder/log" 2>&1 ;;
    esac
    echo ready
done
if [ -n "${standby:-}" ] && [ "$data" != "$folder/standby" ]; then kill -INT "$(head -n 1 "$folder/standby/postmaster.pid")"; fi
end INT
"#;

/// Asked for by nobody, as the server trusts this machine: it is there to be found where it must not be.
const PASSWORD: &str = "the-password-of-a-database";

/// A running server.
pub(crate) struct Postgres {
    port: u16,
    standby_port: u16,
    output: BufReader<ChildStdout>,
    // Its pipe ends the server.
    guardian: Child,
}

impl Postgres {
    /// The binary's one server.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start("off", None))
    }

    /// A server of the test's own, with a standby that has whatever is acknowledged.
    pub(crate) fn with_standby() -> Self {
        let mut server = Self::start("off", None);
        server.order("standby");
        server
    }

    /// Has it crash, and start again.
    pub(crate) fn restart(&mut self) {
        self.order("restart");
    }

    /// Has it crash for good, and its standby take its place, on another port.
    pub(crate) fn promote_standby(&mut self) {
        self.order("promote");
        self.port = self.standby_port;
    }

    fn order(&mut self, order: &str) {
        writeln!(self.guardian.stdin.as_mut().expect("piped"), "{order}").expect("the guardian");
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        let mut said = String::new();
        self.output.read_line(&mut said).expect("a line");
        assert_eq!(said.trim(), "ready", "PostgreSQL did not start");
    }

    /// A server of the test's own that offers TLS with this certificate and its key, both in PEM.
    pub(crate) fn with_certificate(certificate: &str, key: &str) -> Self {
        Self::start("off", Some((certificate, key)))
    }

    fn start(fsync: &str, certificate: Option<(&str, &str)>) -> Self {
        secrets::keep(PASSWORD);
        let (port, standby_port) = (free_port(), free_port());
        let mut guardian = Command::new("sh")
            .args(["-c", GUARDIAN])
            .env("BIN", binaries())
            .env("PORT", port.to_string())
            .env("STANDBY_PORT", standby_port.to_string())
            .env("FSYNC", fsync)
            .envs(certificate.map(|(certificate, _)| ("CERTIFICATE", certificate)))
            .envs(certificate.map(|(_, key)| ("KEY", key)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let output = BufReader::new(guardian.stdout.take().expect("piped"));
        let mut started = Self { port, standby_port, output, guardian };
        started.wait_until_ready();
        started
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The URL of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        self.url_at("127.0.0.1", database)
    }

    /// The same under another name of this machine.
    /// The same, of whichever of it and its standby takes writes.
    pub(crate) fn url_of_both(&self, database: &str) -> String {
        let hosts = format!("127.0.0.1:{},127.0.0.1:{}", self.port, self.standby_port);
        format!("postgres://postgres:{PASSWORD}@{hosts}/{database}?target_session_attrs=read-write")
    }

    pub(crate) fn url_at(&self, host: &str, database: &str) -> String {
        format!("postgres://postgres:{PASSWORD}@{host}:{}/{database}", self.port)
    }
}

/// Where initdb and postgres are: named by the environment, or in Debian's place.
pub(crate) fn binaries() -> PathBuf {
    if let Some(folder) = std::env::var_os("WATCHTAPE_TEST_PG_BIN") {
        return folder.into();
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.sort();
    folders.pop().unwrap_or_else(|| Path::new("/usr/bin").to_owned())
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port()
}
