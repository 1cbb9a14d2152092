//! Limits on concurrent attempts, by key. A permit is released when it is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Acquired permits by key. There are no more keys than attempts under way.
#[derive(Clone, Default)]
pub(super) struct ConcurrencyLimits {
    acquired: Arc<Mutex<HashMap<String, u32>>>,
}

/// One permit for each of some keys.
pub struct Permit {
    limits: ConcurrencyLimits,
    keys: Vec<String>,
}

impl ConcurrencyLimits {
    /// Acquires a permit for each key, given with its maximum; returns it with the number acquired for each key, this
    /// one included. `None` where a key is at its maximum.
    pub(super) fn acquire(&self, wanted: impl IntoIterator<Item = (String, u32)>) -> Option<(Permit, Vec<u32>)> {
        let mut permit = Permit { limits: self.clone(), keys: Vec::new() };
        let mut counts = Vec::new();
        for (key, max) in wanted {
            let mut acquired = self.acquired.lock().unwrap_or_else(PoisonError::into_inner);
            let count = acquired.get(&key).copied().unwrap_or_default();
            if count >= max {
                // Unlock first: dropping `permit` releases what has been acquired so far, under the same lock.
                drop(acquired);
                return None;
            }
            acquired.insert(key.clone(), count + 1);
            counts.push(count + 1);
            permit.keys.push(key);
        }
        Some((permit, counts))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut acquired = self.limits.acquired.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            match acquired.get_mut(key) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(acquired.remove(key)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_only_so_many_permits_and_gets_them_back() {
        let limits = ConcurrencyLimits::default();
        let take = |names: &[(&str, u32)]| limits.acquire(names.iter().map(|(name, max)| ((*name).to_owned(), *max)));
        let (first, counts) = take(&[("a", 2), ("b", 9)]).expect("free permits");
        assert_eq!(counts, [1, 1]);
        let (_second, counts) = take(&[("a", 2), ("c", 9)]).expect("free permits");
        assert_eq!(counts, [2, 1]);
        assert!(take(&[("d", 9), ("a", 2)]).is_none());
        drop(first);
        let (_third, counts) = take(&[("d", 9), ("a", 2)]).expect("a permit that was given back");
        assert_eq!(counts, [1, 2], "what is not given takes nothing");
        assert_eq!(limits.acquired.lock().expect("a lock").len(), 3, "b is forgotten");
    }
}
