//! Measures the server under load, every figure beside a reference from the same run, and prints one table. Asserts
//! nothing. `make bench` builds and runs it.
//!
//! The load is in this process. What it is compared with is this program again, in another role: `floor`, or `bare`.

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

mod age;
mod bare;
mod clients;
mod clock;
mod floor;
mod frames;
mod interrupt;
mod machine;
mod plan;
mod process;
mod recording;
mod redis;
mod rest;
mod rows;
mod server;
mod stalled;
mod table;
mod tally;
mod window;

use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use table::Row;

/// What relative paths are relative to: cargo starts a benchmark in its package's folder.
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A row that would take longer than what is left is not begun.
const BUDGET: Duration = Duration::from_secs(285);

/// Measures the server under load
#[derive(Parser)]
struct Arguments {
    /// The server's release binary [default: release/watchtape in CARGO_TARGET_DIR or target]
    server: Option<PathBuf>,
    /// Only these rows
    #[arg(long, value_name = "ROW,ROW", value_delimiter = ',')]
    only: Vec<u8>,
    /// Clients of the first rows; the others' are in proportion
    #[arg(long, value_name = "COUNT", default_value_t = 5_000, value_parser = at_most_9_000)]
    clients: usize,
    /// Write the table to this file of the repository too, with the date and the machine
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// What cargo says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// Twice as many, and what else a process has open, are within 20,000 files.
fn at_most_9_000(text: &str) -> std::result::Result<usize, String> {
    let count = text.parse::<usize>().ok().filter(|count| (10..=9_000).contains(count));
    count.ok_or_else(|| "a number from 10 to 9000".to_owned())
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["floor", clients, interval, payload] => floor_role(clients, interval, payload),
        ["bare", workers] => workers.parse().map_err(Into::into).and_then(bare::run),
        _ => measure(&Arguments::parse()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn floor_role(clients: &str, interval: &str, payload: &str) -> Result<()> {
    floor::run(clients.parse()?, Duration::from_micros(interval.parse()?), payload.parse()?)
}

fn measure(arguments: &Arguments) -> Result<()> {
    let began = Instant::now();
    interrupt::listen()?;
    let binary = arguments.server.clone().unwrap_or_else(built);
    let servers = server::Servers::prepare(&binary)?;
    let mut rows: Vec<Row> = Vec::new();
    for measure in rows::ALL {
        let number = measure.number;
        if !arguments.only.is_empty() && !arguments.only.contains(&number) {
            continue;
        }
        let started = Instant::now();
        let outcome = if began.elapsed() + Duration::from_secs(measure.seconds) > BUDGET {
            Err("no time was left".into())
        } else {
            (measure.run)(&servers, arguments.clients)
        };
        interrupt::check()?;
        rows.extend(outcome.unwrap_or_else(|error| vec![Row::failed(number, &error.to_string())]));
        eprintln!("row {number}: {:.0} s", started.elapsed().as_secs_f64());
    }
    let table = table::render(&rows);
    println!("{}\n\n{table}", machine::describe());
    if let Some(file) = &arguments.markdown {
        write(file, &table)?;
    }
    Ok(())
}

fn built() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    Path::new(REPOSITORY).join(target).join("release/watchtape")
}

fn write(file: &Path, table: &str) -> Result<()> {
    let (date, machine) = (chrono::Utc::now().date_naive(), machine::describe());
    let text = format!(
        "# Benchmarks\n\nWritten by `make bench BENCH=\"--markdown docs/benchmarks.md\"` on {date}.\nMachine: {machine}; \
         shared by the server, its clients and the references.\nCPU is the server's own, from /proc.\n\n{table}"
    );
    Ok(std::fs::write(Path::new(REPOSITORY).join(file), text)?)
}
