//! The server and the floor, each with the same clients and frames, one after the other and again.

use super::AT_ONCE;
use crate::Result;
use crate::clients::Load;
use crate::plan::Plan;
use crate::process::Process;
use crate::server::{Servers, floor};
use crate::window::{Window, median_of};
use std::time::Duration;

/// What is compared with the floor.
pub(super) struct Scene<'a> {
    pub(super) symbols: &'a [String],
    pub(super) lists: Vec<Vec<&'a str>>,
    pub(super) clients: usize,
    /// Rounds a second.
    pub(super) speed: f64,
    pub(super) runs: usize,
    pub(super) windows: usize,
    pub(super) window: Duration,
}

pub(super) struct Compared {
    pub(super) server: Vec<Window>,
    pub(super) floor: Vec<Window>,
}

impl Scene<'_> {
    /// Server, floor, server, floor, …: what else the machine does should touch both alike.
    pub(super) fn compare(&self, servers: &Servers) -> Result<Compared> {
        let mut compared = Compared { server: Vec::new(), floor: Vec::new() };
        for _ in 0..self.runs {
            let server = servers.start(self.symbols, self.speed, &[])?;
            let plan = Plan::stream(&servers.token, &self.lists);
            let mut load = Load::open(server.address, plan, self.clients, AT_ONCE)?;
            self.windows(&server, &mut load, &mut compared.server)?;
            drop((load, server));
            let payload = median_of(&compared.server, |window| window.payload);
            let floor = floor(self.clients, self.speed, payload.round() as usize)?;
            let mut load = Load::open(floor.address, Plan::Listen, self.clients, AT_ONCE)?;
            self.windows(&floor, &mut load, &mut compared.floor)?;
        }
        Ok(compared)
    }

    fn windows(&self, process: &Process, load: &mut Load, windows: &mut Vec<Window>) -> Result<()> {
        // The snapshots' backlog is not what is measured.
        load.settle(Duration::from_secs(1))?;
        for _ in 0..self.windows {
            windows.push(Window::of(process, load, self.window, self.speed, self.clients)?);
        }
        Ok(())
    }
}

impl Compared {
    pub(super) fn both(&self, figure: impl Fn(&Window) -> f64) -> (f64, f64) {
        (median_of(&self.server, &figure), median_of(&self.floor, &figure))
    }
}
