//! How many attempts are under way by name. A permit is given back when it is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The permits that are out, by name. There are no more names than attempts under way.
#[derive(Clone, Default)]
pub(super) struct ConcurrencyLimits {
    taken: Arc<Mutex<HashMap<String, u32>>>,
}

/// A permit under each of some names.
pub struct Permit {
    limits: ConcurrencyLimits,
    names: Vec<String>,
}

impl ConcurrencyLimits {
    /// Acquires a permit under each name; with it, how many are out under each by now. None where one has as many as it may.
    pub(super) fn acquire(&self, wanted: impl IntoIterator<Item = (String, u32)>) -> Option<(Permit, Vec<u32>)> {
        let mut permit = Permit { limits: self.clone(), names: Vec::new() };
        let mut counts = Vec::new();
        for (name, most) in wanted {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let count = taken.get(&name).copied().unwrap_or_default();
            if count >= most {
                // The lock first: what has been taken so far is given up by the drop.
                drop(taken);
                return None;
            }
            taken.insert(name.clone(), count + 1);
            counts.push(count + 1);
            permit.names.push(name);
        }
        Some((permit, counts))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut taken = self.limits.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for name in &self.names {
            match taken.get_mut(name) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(taken.remove(name)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_only_so_many_permits_and_gets_them_back() {
        let limits = ConcurrencyLimits::default();
        let take = |names: &[(&str, u32)]| limits.acquire(names.iter().map(|(name, most)| ((*name).to_owned(), *most)));
        let (first, counts) = take(&[("a", 2), ("b", 9)]).expect("free permits");
        assert_eq!(counts, [1, 1]);
        let (_second, counts) = take(&[("a", 2), ("c", 9)]).expect("free permits");
        assert_eq!(counts, [2, 1]);
        assert!(take(&[("d", 9), ("a", 2)]).is_none());
        drop(first);
        let (_third, counts) = take(&[("d", 9), ("a", 2)]).expect("a permit that was given back");
        assert_eq!(counts, [1, 2], "what is not given takes nothing");
        assert_eq!(limits.taken.lock().expect("a lock").len(), 3, "b is forgotten");
    }
}
