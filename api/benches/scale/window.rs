//! A stretch of time in which one process sends and the load listens.

use super::Result;
use super::clients::Load;
use super::process::Process;
use super::tally::Tally;
use std::time::{Duration, Instant};

/// What was seen in it.
pub(crate) struct Window {
    /// CPU time of the process for each frame that was delivered, in microseconds.
    pub(crate) a_frame: f64,
    /// CPU time of the process for each second, of one core.
    pub(crate) share: f64,
    /// Symbols in a frame.
    pub(crate) rows: f64,
    /// Bytes of a frame's payload.
    pub(crate) payload: f64,
    /// From `ts` to the last byte of a frame, in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// The same of the last client of a round; the median of the rounds that reached all.
    pub(crate) last: f64,
}

impl Window {
    /// Listens for so long, in whole rounds of so many clients where rounds are apart.
    pub(crate) fn of(process: &Process, load: &mut Load, time: Duration, speed: f64, clients: usize) -> Result<Self> {
        let two_rounds = Duration::from_secs_f64(2.0 / speed);
        load.settle(two_rounds)?;
        load.tally = Tally::default();
        let (began, cpu) = (Instant::now(), process.cpu()?);
        load.run(time)?;
        load.settle(two_rounds)?;
        let (time, cpu) = (began.elapsed().as_secs_f64(), (process.cpu()? - cpu).as_secs_f64());
        let tally = &mut load.tally;
        if tally.closed > 0 || tally.ticks == 0 {
            return Err(format!("{} frames came, {} clients were closed", tally.ticks, tally.closed).into());
        }
        let frames = tally.ticks as f64;
        let whole = tally.rounds.iter().filter(|round| round.clients >= clients).map(|round| round.last as f64 / 1e3);
        let last = median(whole.collect());
        Ok(Self {
            a_frame: cpu * 1e6 / frames,
            share: cpu / time,
            rows: tally.rows as f64 / frames,
            payload: tally.bytes as f64 / frames,
            p50: tally.latency(0.50),
            p99: tally.latency(0.99),
            last,
        })
    }
}

/// The median of a figure over these windows.
pub(crate) fn median_of(windows: &[Window], figure: impl Fn(&Window) -> f64) -> f64 {
    median(windows.iter().map(figure).collect())
}

/// The median; none of nothing.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    let upper = figures.len() / 2;
    match figures.as_slice() {
        [] => f64::NAN,
        all if all.len() % 2 == 0 => (all[upper - 1] + all[upper]) / 2.0,
        all => all[upper],
    }
}
