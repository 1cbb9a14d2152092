//! `watchtape version`: prints the version, and the commit that the binary was built from.

use crate::build_info::{COMMIT, VERSION};

pub(super) fn run() {
    match COMMIT {
        Some(commit) => println!("watchtape {VERSION} ({commit})"),
        None => println!("watchtape {VERSION}"),
    }
}
