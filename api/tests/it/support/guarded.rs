//! A server of another program, which ends with the test however that ends. A shell stands between: it ends the server when the
//! pipe from this process closes.

use std::path::Path;
use std::process::{Child, Command, Stdio};

const GUARDIAN: &str = r#"
exec 3<&0
"$@" >"$LOG" 2>&1 </dev/null &
server=$!
{ read -r _ <&3; kill -s "$SIGNAL" "$server" 2>/dev/null; } &
wait "$server" 2>/dev/null
"#;

/// A running server, ended when dropped.
pub(crate) struct Guarded(Child);

impl Guarded {
    /// Starts a program with its arguments, which writes its output into `log`, and is ended by `signal`.
    pub(crate) fn start(arguments: &[&str], log: &Path, signal: &str) -> Self {
        let shell = Command::new("sh")
            .args(["-c", GUARDIAN, "sh"])
            .args(arguments)
            .env("LOG", log)
            .env("SIGNAL", signal)
            // Debian installs nginx where only root looks.
            .env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()))
            // Redis does not start under libfaketime, which may be what runs the tests; nobody here needs their date.
            .env_remove("LD_PRELOAD")
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        Self(shell)
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("its state").is_some()
    }

    /// Sends it its signal, and waits for its end.
    pub(crate) fn end(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.end();
    }
}
