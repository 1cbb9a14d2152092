//! The limit of open files: its soft value is raised to the hard one. Shells and service managers start programs with a soft
//! limit of 1,024, for the sake of programs that cannot do with more.

/// Raises the soft limit to the hard one, logs it, and returns it. A system that refuses leaves it as it is.
pub(super) fn raise_limit() -> u64 {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(open_files) => {
            tracing::info!(open_files, "limit of open files");
            open_files
        }
        Err(error) => {
            let open_files = rlimit::Resource::NOFILE.get_soft().unwrap_or(1024);
            tracing::warn!(%error, open_files, "the limit of open files could not be raised");
            open_files
        }
    }
}
