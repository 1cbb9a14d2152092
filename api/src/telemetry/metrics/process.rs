//! The process as the kernel sees it, under the names that Prometheus' own clients use.

use procfs::ProcError;
use procfs::WithCurrentSystemInfo;
use procfs::process::{LimitValue, Process};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

/// What `/proc` has of this process; nothing where it cannot be read.
pub(super) fn read() -> Registry {
    let mut registry = Registry::default();
    // A scrape without these is better than none.
    let _ = register(&mut registry);
    registry
}

fn register(registry: &mut Registry) -> Result<(), ProcError> {
    let process = Process::myself()?;
    let stat = process.stat()?;
    let ticks = procfs::ticks_per_second() as f64;
    let cpu = (stat.utime + stat.stime) as f64 / ticks;
    registry.register("process_cpu_seconds", "Processor time", ConstCounter::new(cpu));
    let started = procfs::boot_time_secs()? as f64 + stat.starttime as f64 / ticks;
    registry.register(
        "process_start_time_seconds",
        "When the process started, in Unix seconds",
        ConstGauge::new(started),
    );
    let resident = i64::try_from(stat.rss_bytes().get()).unwrap_or(i64::MAX);
    registry.register("process_resident_memory_bytes", "Resident memory", ConstGauge::new(resident));
    registry.register("process_threads", "Threads", ConstGauge::new(stat.num_threads));
    let files = i64::try_from(process.fd_count()?).unwrap_or(i64::MAX);
    registry.register("process_open_fds", "Open files", ConstGauge::new(files));
    if let LimitValue::Value(most) = process.limits()?.max_open_files.soft_limit {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        registry.register("process_max_fds", "The limit of open files", ConstGauge::new(most));
    }
    Ok(())
}
