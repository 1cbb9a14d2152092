//! The watchlists that the connections of this node follow, each with the version that its clients know.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use watchtape_shared::{UserId, WatchlistId};

/// All followed lists of this node.
#[derive(Default)]
pub struct FollowedLists {
    lists: Mutex<HashMap<WatchlistId, Followers>>,
}

/// The connections that follow a list.
struct Followers {
    owner: UserId,
    /// The version that each connection's client was sent last; 0 before the first.
    versions: HashMap<u64, u64>,
    next_key: u64,
}

/// A connection's following of a list. Ends when it is dropped.
pub struct Following {
    lists: Arc<FollowedLists>,
    list: WatchlistId,
    key: u64,
}

impl FollowedLists {
    fn lock(&self) -> MutexGuard<'_, HashMap<WatchlistId, Followers>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to follow a list of this owner.
    pub fn follow(self: &Arc<Self>, owner: &UserId, list: &WatchlistId) -> Following {
        let mut lists = self.lock();
        let followers = lists.entry(list.clone()).or_insert_with(|| Followers {
            owner: owner.clone(),
            versions: HashMap::new(),
            next_key: 0,
        });
        let key = followers.next_key;
        followers.next_key += 1;
        followers.versions.insert(key, 0);
        Following { lists: self.clone(), list: list.clone(), key }
    }

    /// Each list that a client knows, with its owner and the oldest version that a client has of it.
    pub fn oldest_versions(&self) -> Vec<(WatchlistId, UserId, u64)> {
        let lists = self.lock();
        let oldest = lists.iter().filter_map(|(list, followers)| {
            let version = followers.versions.values().filter(|version| **version > 0).min()?;
            Some((list.clone(), followers.owner.clone(), *version))
        });
        oldest.collect()
    }
}

impl Following {
    /// The client has been sent this version.
    pub fn set_version(&self, version: u64) {
        if let Some(followers) = self.lists.lock().get_mut(&self.list) {
            followers.versions.insert(self.key, version);
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut lists = self.lists.lock();
        if let Some(followers) = lists.get_mut(&self.list) {
            followers.versions.remove(&self.key);
            if followers.versions.is_empty() {
                lists.remove(&self.list);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    #[test]
    fn a_list_is_as_old_as_its_oldest_follower_and_goes_with_the_last() {
        let (lists, owner, list) = (Arc::<FollowedLists>::default(), ids::user(), ids::watchlist());
        let [first, second] = [(); 2].map(|()| lists.follow(&owner, &list));
        assert!(lists.oldest_versions().is_empty(), "nobody knows it yet");
        first.set_version(7);
        second.set_version(5);
        assert_eq!(lists.oldest_versions(), [(list.clone(), owner.clone(), 5)]);
        drop(second);
        assert_eq!(lists.oldest_versions(), [(list, owner, 7)]);
        drop(first);
        assert!(lists.lock().is_empty());
    }
}
