//! The ways to build.

/// What the bundle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// To be downloaded: every step that makes it smaller.
    Web,
    /// To be tried by whoever has built it: what makes it a little smaller in minutes is left out.
    Quick,
    /// To be worked on: every such step left out, names and assertions left in.
    Dev,
}

impl Profile {
    /// Cargo's profile of the same purpose (`[profile.web]` in the workspace's manifest).
    pub(crate) fn cargo_name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Quick => "web-quick",
            Self::Dev => "dev",
        }
    }

    /// Whether it is for people who use the app, and not for those who change it.
    pub(crate) fn is_for_users(self) -> bool {
        self != Self::Dev
    }
}
