//! What the command tells: each file with its size, and what a first visit downloads.

use std::{fmt::Write as _, time::Duration};

use crate::dist::Dist;

/// A line per file: bytes as they are, bytes under brotli, path.
pub(crate) fn table(dist: &Dist) -> String {
    let mut text = format!("{:>9}  {:>9}  file\n", "bytes", "brotli");
    for entry in &dist.entries {
        let brotli = entry.brotli.map_or_else(|| "-".to_owned(), |size| size.to_string());
        let _ = writeln!(text, "{:>9}  {brotli:>9}  {}", entry.raw, entry.path);
    }
    text
}

/// One line. A file without a brotli variant counts in its own size.
pub(crate) fn summary(dist: &Dist, what: &str, took: Duration) -> String {
    let raw: u64 = dist.entries.iter().map(|entry| entry.raw).sum();
    let sent: u64 = dist.entries.iter().map(|entry| entry.brotli.unwrap_or(entry.raw)).sum();
    let count = dist.entries.len();
    let seconds = took.as_secs_f64();
    format!("web/dist {what} in {seconds:.2} s: {count} files, {raw} bytes, {sent} with brotli\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::Entry;

    #[test]
    fn the_total_counts_brotli_where_there_is_one() {
        let entry = |path: &str, raw, brotli| Entry { path: path.to_owned(), raw, brotli };
        let dist = Dist { entries: vec![entry("app.js", 1000, Some(300)), entry("icon.png", 50, None)] };
        assert_eq!(
            table(&dist),
            "    bytes     brotli  file\n     1000        300  app.js\n       50          -  icon.png\n"
        );
        assert_eq!(
            summary(&dist, "built", Duration::from_millis(1500)),
            "web/dist built in 1.50 s: 2 files, 1050 bytes, 350 with brotli\n"
        );
    }
}
