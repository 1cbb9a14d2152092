//! A child process: started, waited for until it listens, looked at through /proc, and killed when dropped.

use super::Result;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const START_DEADLINE: Duration = Duration::from_secs(30);
/// The unit of the CPU times in /proc, which Linux has fixed for programs.
const TICK: Duration = Duration::from_millis(10);

/// A running child that listens.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// Says where a role listens, in the form of the server's log.
pub(crate) fn announce(address: SocketAddr) {
    eprintln!(r#"{{"message":"listening","address":"{address}"}}"#);
}

impl Process {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        // The settings of whoever measures are not the server's.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WATCHTAPE_")) {
            command.env_remove(name);
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut log = BufReader::new(child.stderr.take().ok_or("no log")?);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut last = String::from("it ended without a word");
            let mut line = String::new();
            while log.read_line(&mut line).is_ok_and(|read| read > 0) {
                let event: Value = serde_json::from_str(&line).unwrap_or_default();
                if event["message"] == "listening" {
                    let address = event["address"].as_str().unwrap_or_default().parse::<SocketAddr>();
                    let _ = sender.send(address.map_err(|error| error.to_string()));
                    // A log that nobody reads would fill its pipe and stop the server.
                    let _ = std::io::copy(&mut log, &mut std::io::sink());
                    return;
                }
                last = std::mem::take(&mut line);
            }
            let _ = sender.send(Err(last));
        });
        let mut process = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        process.address = receiver.recv_timeout(START_DEADLINE)??;
        Ok(process)
    }

    /// The CPU time that it has taken.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = self.read("stat")?;
        let (_, fields) = stat.rsplit_once(')').ok_or("no CPU time")?;
        // utime and stime, counted from behind the name.
        let ticks =
            fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>).sum::<std::result::Result<u32, _>>();
        Ok(TICK * ticks?)
    }

    /// Its resident memory, in bytes.
    pub(crate) fn resident(&self) -> Result<f64> {
        let status = self.read("status")?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no memory")?;
        let kb = line.split_whitespace().nth(1).ok_or("no memory")?;
        Ok(kb.parse::<f64>()? * 1024.0)
    }

    /// How many files it has open.
    pub(crate) fn open_files(&self) -> Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }

    fn read(&self, file: &str) -> Result<String> {
        Ok(std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id()))?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
