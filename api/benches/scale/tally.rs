//! What a load has heard.

use crate::frames::Frame;

/// What has been heard since the last reset.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) ticks: u64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// From `ts` to the last byte, in microseconds.
    pub(crate) latencies: Vec<u32>,
    pub(crate) rounds: Vec<Heard>,
    pub(crate) closed: usize,
}

/// One round, as it came in.
pub(crate) struct Heard {
    ts: i64,
    pub(crate) clients: usize,
    /// From `ts` to the last byte of the last client, in microseconds.
    pub(crate) last: i64,
}

impl Tally {
    pub(crate) fn hear(&mut self, frame: &Frame<'_>, now: i64) {
        if !frame.is("ticks") {
            return;
        }
        self.ticks += 1;
        self.bytes += frame.len as u64;
        self.rows += u64::from(frame.brackets.saturating_sub(1));
        let Some(ts) = frame.ts() else { return };
        let latency = now - ts;
        self.latencies.push(latency.max(0) as u32);
        match self.rounds.iter_mut().rev().find(|heard| heard.ts == ts) {
            Some(heard) => {
                heard.clients += 1;
                heard.last = latency.max(heard.last);
            }
            None => self.rounds.push(Heard { ts, clients: 1, last: latency }),
        }
    }

    /// The latency that this share of the frames did not exceed, in milliseconds.
    pub(crate) fn latency(&mut self, share: f64) -> f64 {
        self.latencies.sort_unstable();
        let at = (self.latencies.len().saturating_sub(1) as f64 * share) as usize;
        self.latencies.get(at).map_or(f64::NAN, |micros| f64::from(*micros) / 1e3)
    }
}
