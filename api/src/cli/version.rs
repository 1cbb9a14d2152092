//! `watchtape version`: prints the version.

pub(super) fn run() -> Result<(), String> {
    println!("watchtape {}", env!("CARGO_PKG_VERSION"));
    Ok(())
}
