//! Supervision of the server's tasks: one that ends, by a panic or by returning, is started again after a pause, counted and
//! logged. `/readyz` tells of those that ended lately.

use crate::clock;
use futures_util::FutureExt;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::AbortHandle;

/// The pauses before a task is started again, from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A task that ran for so long begins with the first pause again.
const LONG_RUN: Duration = Duration::from_secs(60);
/// How long a restart is told.
const RECENT: Duration = Duration::from_secs(600);

/// The restarts of the server's tasks.
#[derive(Clone, Default)]
pub struct Tasks {
    restarts: Arc<Mutex<BTreeMap<&'static str, Restarts>>>,
}

#[derive(Clone, Copy, Default)]
struct Restarts {
    count: u64,
    /// `None` before the first.
    last: Option<Instant>,
}

impl Tasks {
    /// Runs what `start` makes, on this thread, and again whenever it ends. It ends for good by the handle alone.
    pub fn supervise<F: Future<Output = ()> + 'static>(
        &self,
        name: &'static str,
        mut start: impl FnMut() -> F + 'static,
    ) -> AbortHandle {
        self.lock().entry(name).or_default();
        let tasks = self.clone();
        let supervisor = async move {
            let mut pause = FIRST_PAUSE;
            loop {
                let started = clock::monotonic();
                // What a task shares with others is behind locks that outlive a panic, or in channels.
                let outcome = AssertUnwindSafe(async { start().await }).catch_unwind().await;
                if started.elapsed() >= LONG_RUN {
                    pause = FIRST_PAUSE;
                }
                let cause = outcome.err().map_or("it returned".to_owned(), |panic| panic_text(&*panic));
                tasks.record(name);
                tracing::error!(
                    task = name,
                    cause,
                    pause_ms = pause.as_millis() as u64,
                    "a task has ended: starting it again"
                );
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        };
        actix_web::rt::spawn(supervisor).abort_handle()
    }

    /// The tasks that were started again within the last ten minutes.
    pub fn restarted_lately(&self) -> Vec<&'static str> {
        let restarts = self.lock();
        let is_recent = |restarts: &Restarts| restarts.last.is_some_and(|last| last.elapsed() < RECENT);
        restarts.iter().filter(|(_, restarts)| is_recent(restarts)).map(|(name, _)| *name).collect()
    }

    /// How often each task was started again.
    pub fn restarts(&self) -> Vec<(&'static str, u64)> {
        self.lock().iter().map(|(name, restarts)| (*name, restarts.count)).collect()
    }

    fn record(&self, name: &'static str) {
        let mut restarts = self.lock();
        let entry = restarts.entry(name).or_default();
        *entry = Restarts { count: entry.count + 1, last: Some(clock::monotonic()) };
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Restarts>> {
        self.restarts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::future::pending;
    use std::rc::Rc;
    use tokio::sync::Notify;
    use tokio::task::LocalSet;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_or_returns_is_started_again_and_told() {
        let (tasks, starts, third) = (Tasks::default(), Rc::new(Cell::new(0)), Rc::new(Notify::new()));
        let local = LocalSet::new();
        let ended = local.run_until(async {
            let (count, reached) = (starts.clone(), third.clone());
            let handle = tasks.supervise("feed", move || {
                count.set(count.get() + 1);
                let (number, reached) = (count.get(), reached.clone());
                async move {
                    match number {
                        1 => panic!("out of prices"),
                        2 => {}
                        _ => {
                            reached.notify_one();
                            pending::<()>().await;
                        }
                    }
                }
            });
            third.notified().await;
            handle.abort();
        });
        ended.await;
        assert_eq!((starts.get(), tasks.restarts(), tasks.restarted_lately()), (3, vec![("feed", 2)], vec!["feed"]));
    }
}
