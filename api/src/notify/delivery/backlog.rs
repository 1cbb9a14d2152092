//! What this node has taken of the outbox, and what it tries next. Accounts take turns, and each has a bound of its own, as each
//! destination has. Destinations whose last delivery has failed have places of their own, and so has a try that takes long: it gives
//! its place back. A dead, a slow or a failing destination so never delays another account's.
//!
//! Pure: it neither sends nor waits.

use std::collections::{HashMap, VecDeque};
use watchtape_shared::{DestinationId, UserId};

/// How many at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Tries to destinations whose last delivery has arrived.
    pub healthy: usize,
    /// Tries to the others.
    pub failing: usize,
    /// Tries of either kind that take long.
    pub slow: usize,
    /// Tries of one account.
    pub per_account: usize,
    /// Tries to one destination; one where it is failing.
    pub per_destination: usize,
    /// Rows of one account that wait here.
    pub waiting_per_account: usize,
    /// Rows that wait here.
    pub waiting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            healthy: 256,
            failing: 64,
            slow: 512,
            per_account: 16,
            per_destination: 4,
            waiting_per_account: 32,
            waiting: 2_048,
        }
    }
}

/// A row that waits.
#[derive(Clone, Debug)]
pub struct Waiting<T> {
    /// Its account.
    pub account: UserId,
    /// Its destination.
    pub destination: DestinationId,
    /// Whether the last delivery to the destination has failed.
    pub is_failing: bool,
    /// What is sent.
    pub item: T,
}

/// Whose places a try has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    Healthy,
    Failing,
    Slow,
}

/// A try that is under way.
struct Running {
    account: UserId,
    destination: DestinationId,
    lane: Lane,
}

/// Rows that wait, and tries that are under way.
pub struct Backlog<T> {
    limits: Limits,
    lines: HashMap<UserId, VecDeque<Waiting<T>>>,
    /// Accounts with rows that wait, in the order of their turns.
    turns: VecDeque<UserId>,
    running: HashMap<u64, Running>,
    next_try: u64,
}

impl<T> Backlog<T> {
    /// Empty.
    pub fn new(limits: Limits) -> Self {
        Self { limits, lines: HashMap::new(), turns: VecDeque::new(), running: HashMap::new(), next_try: 0 }
    }

    /// Adds a row behind the others of its account.
    pub fn push(&mut self, row: Waiting<T>) {
        let line = self.lines.entry(row.account.clone()).or_default();
        if line.is_empty() {
            self.turns.push_back(row.account.clone());
        }
        line.push_back(row);
    }

    /// Rows that wait.
    pub fn waiting(&self) -> usize {
        self.lines.values().map(VecDeque::len).sum()
    }

    /// Begins the next try that may be made now. The number names it until it is [`Backlog::end`]ed.
    pub fn begin(&mut self) -> Option<(u64, Waiting<T>)> {
        for _ in 0..self.turns.len() {
            let account = self.turns.pop_front()?;
            let at = self.first_free(&account);
            let line = self.lines.get_mut(&account)?;
            let row = at.and_then(|at| line.remove(at));
            if line.is_empty() {
                self.lines.remove(&account);
            } else {
                self.turns.push_back(account);
            }
            if let Some(row) = row {
                let number = self.next_try;
                self.next_try += 1;
                let lane = if row.is_failing { Lane::Failing } else { Lane::Healthy };
                let running = Running { account: row.account.clone(), destination: row.destination.clone(), lane };
                self.running.insert(number, running);
                return Some((number, row));
            }
        }
        None
    }

    /// The first row of an account that may be tried now.
    fn first_free(&self, account: &UserId) -> Option<usize> {
        if self.count(|running| running.account == *account) >= self.limits.per_account {
            return None;
        }
        let has_place = |is_failing: bool| {
            let (lane, most) =
                if is_failing { (Lane::Failing, self.limits.failing) } else { (Lane::Healthy, self.limits.healthy) };
            self.count(|running| running.lane == lane) < most
        };
        let (healthy, failing) = (has_place(false), has_place(true));
        self.lines.get(account)?.iter().position(|row| {
            let most = if row.is_failing { 1 } else { self.limits.per_destination };
            let lane_has_place = if row.is_failing { failing } else { healthy };
            lane_has_place && self.count(|running| running.destination == row.destination) < most
        })
    }

    fn count(&self, which: impl Fn(&Running) -> bool) -> usize {
        self.running.values().filter(|running| which(running)).count()
    }

    /// Notes that a try takes long: it gives its place back, if there is one for slow ones. Returns what waits for the same
    /// destination, to be given back.
    pub fn slow_down(&mut self, number: u64) -> Vec<Waiting<T>> {
        let has_place = self.count(|running| running.lane == Lane::Slow) < self.limits.slow;
        let Some(running) = self.running.get_mut(&number).filter(|_| has_place) else { return Vec::new() };
        running.lane = Lane::Slow;
        let (account, destination) = (running.account.clone(), running.destination.clone());
        let Some(line) = self.lines.remove(&account) else { return Vec::new() };
        let (given_back, kept): (VecDeque<_>, VecDeque<_>) =
            line.into_iter().partition(|row| row.destination == destination);
        if kept.is_empty() {
            self.turns.retain(|one| *one != account);
        } else {
            self.lines.insert(account, kept);
        }
        given_back.into()
    }

    /// Ends a try.
    pub fn end(&mut self, number: u64) {
        self.running.remove(&number);
    }

    /// How many more rows of healthy and of failing destinations there is room for.
    pub fn room(&self) -> (usize, usize) {
        let left = self.limits.waiting.saturating_sub(self.waiting());
        let failing = self.lines.values().flatten().filter(|row| row.is_failing).count();
        // They never take all the room.
        (left, left.min((self.limits.failing * 2).saturating_sub(failing)))
    }

    /// The most rows of an account that are to be added at once.
    pub fn portion(&self) -> usize {
        self.limits.waiting_per_account.div_ceil(2)
    }

    /// Accounts that have enough rows here.
    pub fn full_accounts(&self) -> Vec<UserId> {
        let full = self.lines.iter().filter(|(_, line)| line.len() + self.portion() > self.limits.waiting_per_account);
        full.map(|(account, _)| account.clone()).collect()
    }

    /// Destinations that have a try which takes long: no more rows of theirs are to wait here.
    pub fn slow_destinations(&self) -> Vec<DestinationId> {
        let slow = self.running.values().filter(|running| running.lane == Lane::Slow);
        let mut ids: Vec<DestinationId> = slow.map(|running| running.destination.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits {
        healthy: 4,
        failing: 2,
        slow: 3,
        per_account: 3,
        per_destination: 2,
        waiting_per_account: 8,
        waiting: 100,
    };

    fn row(account: &UserId, destination: &DestinationId, is_failing: bool) -> Waiting<u32> {
        Waiting { account: account.clone(), destination: destination.clone(), is_failing, item: 0 }
    }

    fn begin_all(backlog: &mut Backlog<u32>) -> Vec<(u64, Waiting<u32>)> {
        std::iter::from_fn(|| backlog.begin()).collect()
    }

    #[test]
    fn accounts_take_turns_within_their_bounds() {
        let mut backlog = Backlog::new(LIMITS);
        let (many, few) = (ids::user(), ids::user());
        let (first, second) = (ids::destination(), ids::destination());
        for _ in 0..50 {
            backlog.push(row(&many, &first, false));
        }
        backlog.push(row(&few, &second, false));
        let begun = begin_all(&mut backlog);
        assert_eq!(begun.iter().map(|(_, row)| &row.account).collect::<Vec<_>>(), [&many, &few, &many]);
        assert_eq!(backlog.full_accounts(), std::slice::from_ref(&many));
        backlog.end(begun[0].0);
        assert_eq!(begin_all(&mut backlog).len(), 1, "the next of the destination");
    }

    #[test]
    fn failing_destinations_leave_the_others_their_places() {
        let mut backlog = Backlog::new(LIMITS);
        for _ in 0..20 {
            let (account, destination) = (ids::user(), ids::destination());
            backlog.push(row(&account, &destination, true));
            backlog.push(row(&account, &destination, true));
        }
        assert_eq!(begin_all(&mut backlog).len(), LIMITS.failing);
        let other = ids::user();
        backlog.push(row(&other, &ids::destination(), false));
        let begun = begin_all(&mut backlog);
        assert_eq!(begun.iter().map(|(_, row)| &row.account).collect::<Vec<_>>(), [&other]);
    }

    #[test]
    fn a_slow_try_gives_its_place_back_and_what_waits_behind_it() {
        let mut backlog = Backlog::new(LIMITS);
        let slow: Vec<(UserId, DestinationId)> = (0..4).map(|_| (ids::user(), ids::destination())).collect();
        for (account, destination) in &slow {
            for _ in 0..2 {
                backlog.push(row(account, destination, false));
            }
        }
        let begun = begin_all(&mut backlog);
        assert_eq!(begun.len(), LIMITS.healthy);
        let given_back: usize = begun.iter().map(|(number, _)| backlog.slow_down(*number).len()).sum();
        assert_eq!((given_back, backlog.slow_destinations().len()), (3, LIMITS.slow), "as far as there are places");
        backlog.push(row(&ids::user(), &ids::destination(), false));
        assert_eq!(begin_all(&mut backlog).len(), 2, "the new one, and the one that was not given back");
        for (number, _) in begun {
            backlog.end(number);
        }
        assert!(backlog.slow_destinations().is_empty());
    }

    proptest! {
        #[test]
        fn bounds_hold_and_nothing_is_lost(steps in prop::collection::vec((0u8..4, 0usize..6, 0usize..3, any::<bool>()), 1..300)) {
            let accounts: Vec<UserId> = (0..6).map(|_| ids::user()).collect();
            let destinations: Vec<Vec<DestinationId>> =
                (0..6).map(|_| (0..3).map(|_| ids::destination()).collect()).collect();
            let mut backlog = Backlog::new(LIMITS);
            let (mut pushed, mut gone, mut running) = (0, 0, Vec::new());
            for (step, account, destination, is_failing) in steps {
                match step {
                    0 => {
                        backlog.push(row(&accounts[account], &destinations[account][destination], is_failing));
                        pushed += 1;
                    }
                    1 => running.extend(begin_all(&mut backlog).into_iter().map(|(number, _)| number)),
                    2 if !running.is_empty() => {
                        backlog.end(running.swap_remove(account % running.len()));
                        gone += 1;
                    }
                    3 if !running.is_empty() => gone += backlog.slow_down(running[account % running.len()]).len(),
                    _ => {}
                }
                prop_assert_eq!(pushed, gone + running.len() + backlog.waiting());
                let count = |which: &dyn Fn(&Running) -> bool| backlog.count(which);
                prop_assert!(count(&|one| one.lane == Lane::Healthy) <= LIMITS.healthy);
                prop_assert!(count(&|one| one.lane == Lane::Failing) <= LIMITS.failing);
                prop_assert!(count(&|one| one.lane == Lane::Slow) <= LIMITS.slow);
                for account in &accounts {
                    prop_assert!(count(&|one| one.account == *account) <= LIMITS.per_account);
                }
                prop_assert_eq!(backlog.turns.len(), backlog.lines.len());
            }
            // With everything ended, everything is tried.
            loop {
                running.drain(..).for_each(|number| backlog.end(number));
                running.extend(begin_all(&mut backlog).into_iter().map(|(number, _)| number));
                if running.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(backlog.waiting(), 0);
        }
    }
}
