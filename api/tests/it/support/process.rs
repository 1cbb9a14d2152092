//! The real binary as a process of its own: for what only a process can show.

use super::server::unlimited;
use super::{log, secrets};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// What its lines are called that hold a secret.
const SOURCE: &str = "the log of a process";
/// How much of a server's log a test that fails prints.
const LAST_LINES: usize = 30;

/// Runs a command of the binary to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    let output = command(arguments).stdin(Stdio::null()).output().expect("the binary");
    secrets::watch_line("what a command says", &String::from_utf8_lossy(&output.stderr));
    output
}

/// What a command has said on standard error.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// What a command has printed.
pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// A command of the binary, not yet started.
pub(crate) fn command(arguments: &[&str]) -> Command {
    command_of(env!("CARGO_BIN_EXE_watchtape"), arguments)
}

/// The same of another build of it.
fn command_of(program: &str, arguments: &[&str]) -> Command {
    secrets::keep_settings(arguments);
    let mut command = Command::new(program);
    command.args(arguments);
    // The settings of whoever runs the tests are not the test's.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WATCHTAPE_")) {
        command.env_remove(name);
    }
    command
}

/// A process, killed when dropped.
pub(crate) struct Running(Child);

impl Running {
    /// Starts it, with its standard error in a pipe.
    pub(crate) fn start(mut command: Command) -> Self {
        Self(command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary"))
    }

    /// Its standard error, once.
    pub(crate) fn take_log(&mut self) -> BufReader<ChildStderr> {
        BufReader::new(self.0.stderr.take().expect("piped"))
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name]).arg(self.0.id().to_string()).status();
        assert!(sent.expect("a signal").success());
    }

    /// Stops it as an operator does, and waits for its end.
    pub(crate) fn terminate(&mut self) {
        self.signal("TERM");
        assert!(self.0.wait().expect("its end").success());
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        self.0.kill().expect("a running process");
        self.0.wait().expect("its end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.kill();
        }
    }
}

/// Reads the log of a server, as JSON, up to the line that says where it listens.
pub(crate) fn read_address(log: &mut impl BufRead) -> SocketAddr {
    loop {
        let mut line = String::new();
        let read = log.read_line(&mut line).expect("a line");
        assert!(read > 0, "the server stopped before it listened");
        secrets::watch_line(SOURCE, &line);
        let Ok(event) = serde_json::from_str::<serde_json::Value>(&line) else { panic!("not a log line: {line}") };
        if event["message"] == "listening" {
            return event["address"].as_str().expect("an address").parse().expect("an address");
        }
    }
}

/// A serving process whose log is kept, killed when dropped.
pub(crate) struct Served {
    process: Running,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

impl Served {
    /// Starts `watchtape serve`, which says all that it can, and waits until it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::of(env!("CARGO_BIN_EXE_watchtape"), arguments)
    }

    /// The same of another build of it.
    pub(crate) fn of(program: &str, arguments: &[&str]) -> Self {
        let mut all = vec!["serve", "--log", log::FILTER];
        if !arguments.contains(&"--listen") {
            all.extend(["--listen", "127.0.0.1:0"]);
        }
        all.extend(arguments);
        all.extend(unlimited(arguments));
        let mut process = Running::start(command_of(program, &all));
        let mut log = process.take_log();
        let address = read_address(&mut log);
        // A log that nobody reads would lose its lines.
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let kept = lines.clone();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                secrets::watch_line(SOURCE, &line);
                kept.lock().expect("no panic").push(line);
            }
        });
        Self { process, address, log: lines }
    }

    /// What it has logged since it listens, as far as it contains a text.
    pub(crate) fn logged(&self, text: &str) -> Vec<String> {
        let lines = self.log.lock().expect("no panic");
        lines.iter().filter(|line| line.contains(text)).cloned().collect()
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// Stops it as an operator does, and waits for its end.
    pub(crate) fn terminate(&mut self) {
        self.process.terminate();
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }
}

/// What servers of a test that fails had to say, which is what explains it.
impl Drop for Served {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        // Requests are told of at the level of what else there is to say.
        let is_told = |line: &&String| {
            let has_level = |level: &&str| line.contains(&format!("\"level\":\"{level}\""));
            ["ERROR", "WARN", "INFO"].iter().any(has_level) && !line.contains("\"watchtape::request\"")
        };
        let lines = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let told: Vec<&String> = lines.iter().filter(is_told).collect();
        eprintln!("the last lines of the server at {}:", self.address);
        for line in &told[told.len().saturating_sub(LAST_LINES)..] {
            eprintln!("{line}");
        }
    }
}
