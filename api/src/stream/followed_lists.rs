//! The watchlists that the connections of this node follow, each with the version that its clients know.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use watchtape_shared::{UserId, WatchlistId};

/// All followed lists of this node.
#[derive(Default)]
pub struct FollowedLists {
    lists: Mutex<HashMap<FollowedList, Followers>>,
}

/// A list as an account follows it: of a stranger's it is told nothing.
type FollowedList = (UserId, WatchlistId);

/// The connections that follow a list.
#[derive(Default)]
struct Followers {
    /// The version that each connection's client was sent last; 0 before the first.
    versions: HashMap<u64, u64>,
    next_key: u64,
}

/// A connection's following of a list. Ends when it is dropped.
pub struct Following {
    lists: Arc<FollowedLists>,
    list: FollowedList,
    key: u64,
}

impl FollowedLists {
    fn lock(&self) -> MutexGuard<'_, HashMap<FollowedList, Followers>> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection of this account begins to follow a list.
    pub fn follow(self: &Arc<Self>, account: &UserId, list: &WatchlistId) -> Following {
        let list = (account.clone(), list.clone());
        let mut lists = self.lock();
        let followers = lists.entry(list.clone()).or_default();
        let key = followers.next_key;
        followers.next_key += 1;
        followers.versions.insert(key, 0);
        Following { lists: self.clone(), list, key }
    }

    /// Each list that a client knows, with the account and the oldest version that a client of it has.
    pub fn oldest_versions(&self) -> Vec<(WatchlistId, UserId, u64)> {
        let lists = self.lock();
        let oldest = lists.iter().filter_map(|((account, list), followers)| {
            let version = followers.versions.values().filter(|version| **version > 0).min()?;
            Some((list.clone(), account.clone(), *version))
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
