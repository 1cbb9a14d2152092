//! How many tries are under way, by whom. A place is given up when it is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The places that are taken, by name. There are no more names than tries under way.
#[derive(Clone, Default)]
pub(super) struct Places {
    taken: Arc<Mutex<HashMap<String, u32>>>,
}

/// One place under each of some names.
pub struct Place {
    places: Places,
    names: Vec<String>,
}

impl Places {
    /// Takes a place under each name, with how many are taken under it by now; none where one of them has as many as it may.
    pub(super) fn take(&self, wanted: impl IntoIterator<Item = (String, u32)>) -> Option<(Place, Vec<u32>)> {
        let mut place = Place { places: self.clone(), names: Vec::new() };
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
            place.names.push(name);
        }
        Some((place, counts))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn a_name_has_only_so_many_places_and_gets_them_back() {
        let places = Places::default();
        let take = |names: &[(&str, u32)]| places.take(names.iter().map(|(name, most)| ((*name).to_owned(), *most)));
        let (first, counts) = take(&[("a", 2), ("b", 9)]).expect("free places");
        assert_eq!(counts, [1, 1]);
        let (_second, counts) = take(&[("a", 2), ("c", 9)]).expect("free places");
        assert_eq!(counts, [2, 1]);
        assert!(take(&[("d", 9), ("a", 2)]).is_none());
        drop(first);
        let (_third, counts) = take(&[("d", 9), ("a", 2)]).expect("a place that was given up");
        assert_eq!(counts, [1, 2], "what is not given takes nothing");
        assert_eq!(places.taken.lock().expect("a lock").len(), 3, "b is forgotten");
    }
}
