//! The set of an account's lists that a connection follows (`watch` with `watchlists`), as it was when last read.

use super::reads::Reads;
use crate::stream::followed_lists::Following;
use watchtape_shared::UserId;

/// The followed set. Version 0: not read yet.
pub(super) struct FollowedListSet {
    following: Following<UserId>,
    version: u64,
    pub(super) reads: Reads,
}

impl FollowedListSet {
    /// A set that is not read yet.
    pub(super) fn new(following: Following<UserId>) -> Self {
        Self { following, version: 0, reads: Reads::default() }
    }

    /// Notes the version that was read. No if the client knows it already.
    pub(super) fn takes(&mut self, version: u64) -> bool {
        self.following.set_version(version);
        std::mem::replace(&mut self.version, version) != version
    }
}
