//! The two ways to build.

/// What the bundle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// To be downloaded: every step that makes it smaller.
    Web,
    /// To be tried at once: every such step left out, names and assertions left in.
    Dev,
}

impl Profile {
    /// Cargo's profile of the same purpose (`[profile.web]` in the workspace's manifest).
    pub(crate) fn cargo_name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Dev => "dev",
        }
    }
}
