//! A Redis of one test's own, which the test may kill and start again with nothing in it.
//!
//! A shell stands between, as for PostgreSQL: it ends the server when the pipe from this process closes.

use super::postgres::free_port;
use super::secrets;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const PASSWORD: &str = "the-password-of-a-redis";

const GUARDIAN: &str = r#"
set -u
folder=$(mktemp -d) || exit 1
server=
end() { [ -z "$server" ] || { kill -9 "$server"; wait "$server"; } 2>/dev/null; server=; }
trap 'end; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
while read -r order; do
    if [ "$order" = save ]; then
        redis-cli -p "$PORT" save >/dev/null 2>&1 && cp dump.rdb kept.rdb && echo done
        continue
    fi
    end
    rm -f dump.rdb
    [ "$order" = restore ] && cp kept.rdb dump.rdb
    if [ "$order" != kill ]; then
        redis-server --port "$PORT" --bind 127.0.0.1 --requirepass "$REDISCLI_AUTH" --save '' --appendonly no >"$folder/log" 2>&1 </dev/null &
        server=$!
        for _ in $(seq 200); do
            redis-cli -p "$PORT" ping 2>/dev/null | grep -q PONG && break
            kill -0 "$server" 2>/dev/null || { cat "$folder/log"; exit 1; }
            sleep 0.05
        done
    fi
    echo done
done
"#;

/// A Redis that runs or does not.
pub(crate) struct Redis {
    port: u16,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    guardian: Child,
}

impl Redis {
    /// One that does not run yet.
    pub(crate) fn stopped() -> Self {
        secrets::keep(PASSWORD);
        let port = free_port();
        let mut guardian = Command::new("sh")
            .args(["-c", GUARDIAN])
            // Redis does not start under libfaketime, which may be what runs the tests; it does not need their date.
            .env_remove("LD_PRELOAD")
            .env("PORT", port.to_string())
            .env("REDISCLI_AUTH", PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let orders = guardian.stdin.take().expect("piped");
        let answers = BufReader::new(guardian.stdout.take().expect("piped"));
        Self { port, orders, answers, guardian }
    }

    /// One that runs, with nothing in it.
    pub(crate) fn started() -> Self {
        let mut redis = Self::stopped();
        redis.start();
        redis
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("the guardian");
        let mut said = String::new();
        self.answers.read_line(&mut said).expect("a line");
        assert_eq!(said.trim(), "done", "Redis did not {order}");
    }

    /// Starts it with nothing in it.
    pub(crate) fn start(&mut self) {
        self.order("start");
    }

    /// Keeps its state as of now.
    pub(crate) fn save(&mut self) {
        self.order("save");
    }

    /// Starts it with the state that was kept.
    pub(crate) fn start_as_saved(&mut self) {
        self.order("restore");
    }

    /// Runs a command, as its operator does.
    pub(crate) fn command(&self, arguments: &[&str]) {
        let mut command = Command::new("redis-cli");
        command.env_remove("LD_PRELOAD").env("REDISCLI_AUTH", PASSWORD).args(["-p", &self.port.to_string()]);
        let output = command.args(arguments).output().expect("redis-cli");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "OK");
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        self.order("kill");
    }

    /// As a setting.
    pub(crate) fn url(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Ends it while the test still waits, so that tests one after another do not pile up.
        let _ = writeln!(self.orders, "kill");
        let _ = self.answers.read_line(&mut String::new());
        let _ = self.guardian.try_wait();
    }
}
