//! What this binary was built from.

/// The version of the package.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The first digits of the commit, as the Makefile hands it in (`BUILD_COMMIT`); `None` for a build without git. Read by the
/// compiler and not by a build script, which would compile the server anew after each commit.
pub const COMMIT: Option<&str> = match option_env!("BUILD_COMMIT") {
    Some(commit) if !commit.is_empty() => Some(commit),
    _ => None,
};
