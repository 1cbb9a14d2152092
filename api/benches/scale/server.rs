//! The server under test: the real binary with a folder, a recording and an account of its own. And what stands beside
//! it as the reference: this program in another role.

use super::process::Process;
use super::{Result, recording, rest};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Every limit that these loads would meet; a binary that does not know one yet has none.
const LIMITS: [&str; 5] = [
    "--stream-per-account",
    "--stream-per-address",
    "--connections-per-address",
    "--api-per-minute",
    "--anon-per-minute",
];
/// No line for a request: the bare route writes none either.
const QUIET: &str = "warn,watchtape::server=info";

/// Starts servers that share a database, one after the other or side by side.
pub(crate) struct Servers {
    binary: PathBuf,
    help: String,
    folder: tempfile::TempDir,
    /// The access token of the one account. It lasts longer than the whole run.
    pub(crate) token: String,
}

impl Servers {
    /// Makes the database and the account.
    pub(crate) fn prepare(binary: &Path) -> Result<Self> {
        let help = Command::new(binary).arg("--help").stderr(Stdio::inherit()).output();
        let help = help.map_err(|error| format!("{}: {error}", binary.display()))?;
        let mut servers = Self {
            binary: binary.to_owned(),
            help: String::from_utf8(help.stdout)?,
            folder: tempfile::TempDir::new()?,
            token: String::new(),
        };
        let server = servers.start(&recording::symbols(1)?, 1.0, &[])?;
        let account = json!({ "email": "load@example.com", "password": "correct horse battery", "transport": "body" });
        let answer = rest::post(server.address, "/api/v1/auth/register", &account)?;
        answer["access_token"].as_str().ok_or("no token")?.clone_into(&mut servers.token);
        Ok(servers)
    }

    /// Whether the binary has this flag.
    pub(crate) fn knows(&self, flag: &str) -> bool {
        self.help.contains(flag)
    }

    /// A folder that goes with the servers.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A server that plays these symbols for at least a minute and a half, at so many rounds a second.
    pub(crate) fn start(&self, symbols: &[String], speed: f64, flags: &[&str]) -> Result<Process> {
        let recording = recording::write(self.folder(), symbols, (speed * 90.0) as usize + 8)?;
        let mut command = Command::new(&self.binary);
        command.args(["serve", "--listen", "127.0.0.1:0", "--replay-speed", &speed.to_string()]);
        if !flags.contains(&"--log") {
            command.args(["--log", QUIET]);
        }
        command.arg("--data-dir").arg(self.folder());
        command.arg("--feed").arg(format!("replay:{}", recording.display()));
        for limit in LIMITS.iter().filter(|limit| self.knows(limit)) {
            command.args([limit, "0"]);
        }
        Process::start(command.args(flags))
    }
}

/// The floor, for so many clients, at so many rounds a second, with payloads of so many bytes.
pub(crate) fn floor(clients: usize, speed: f64, payload: usize) -> Result<Process> {
    let interval = Duration::from_secs_f64(1.0 / speed).as_micros();
    role(&["floor", &clients.to_string(), &interval.to_string(), &payload.to_string()])
}

/// The bare route.
pub(crate) fn bare(workers: usize) -> Result<Process> {
    role(&["bare", &workers.to_string()])
}

fn role(arguments: &[&str]) -> Result<Process> {
    Process::start(Command::new(std::env::current_exe()?).args(arguments))
}
