//! What the connections of this node follow, watchlists and sets of them, each with the version that its clients know.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use watchtape_shared::{UserId, WatchlistId};

/// The followed lists of this node, each as an account follows it: of a stranger's it is told nothing.
pub type FollowedLists = Followed<(UserId, WatchlistId)>;
/// The accounts whose sets of lists are followed.
pub type FollowedListSets = Followed<UserId>;

/// All of one kind that is followed on this node.
pub struct Followed<K> {
    followers: Mutex<HashMap<K, Followers>>,
}

/// The connections that follow one of them.
#[derive(Default)]
struct Followers {
    /// The version that each connection's client was sent last; 0 before the first.
    versions: HashMap<u64, u64>,
    next_key: u64,
}

/// A connection's following of one of them. Ends when it is dropped.
pub struct Following<K: Eq + Hash> {
    all: Arc<Followed<K>>,
    followed: K,
    key: u64,
}

impl<K> Default for Followed<K> {
    fn default() -> Self {
        Self { followers: Mutex::default() }
    }
}

impl<K: Clone + Eq + Hash> Followed<K> {
    /// A connection begins to follow.
    pub fn follow(self: &Arc<Self>, followed: K) -> Following<K> {
        let mut all = self.lock();
        let followers = all.entry(followed.clone()).or_default();
        let key = followers.next_key;
        followers.next_key += 1;
        followers.versions.insert(key, 0);
        Following { all: self.clone(), followed, key }
    }

    /// Each that a client knows, with the oldest version that a client of it has.
    pub fn oldest_versions(&self) -> Vec<(K, u64)> {
        let all = self.lock();
        let oldest = all.iter().filter_map(|(followed, followers)| {
            let version = followers.versions.values().filter(|version| **version > 0).min()?;
            Some((followed.clone(), *version))
        });
        oldest.collect()
    }
}

impl<K> Followed<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Followers>> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Following<K> {
    /// The client has been sent this version.
    pub fn set_version(&self, version: u64) {
        if let Some(followers) = self.all.lock().get_mut(&self.followed) {
            followers.versions.insert(self.key, version);
        }
    }
}

impl<K: Eq + Hash> Drop for Following<K> {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(followers) = all.get_mut(&self.followed) {
            followers.versions.remove(&self.key);
            if followers.versions.is_empty() {
                all.remove(&self.followed);
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
        let (lists, list) = (Arc::<FollowedLists>::default(), (ids::user(), ids::watchlist()));
        let [first, second] = [(); 2].map(|()| lists.follow(list.clone()));
        assert!(lists.oldest_versions().is_empty(), "nobody knows it yet");
        first.set_version(7);
        second.set_version(5);
        assert_eq!(lists.oldest_versions(), [(list.clone(), 5)]);
        drop(second);
        assert_eq!(lists.oldest_versions(), [(list, 7)]);
        drop(first);
        assert!(lists.lock().is_empty());
    }
}
