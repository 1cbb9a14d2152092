//! Whatever strangers send is parsed or refused: no bytes make a parser panic, and what it takes it takes again.
//!
//! `FUZZ_CASES` says how many cases each parser gets and `FUZZ_SEED` which: `make fuzz-parsers` asks for a million. A
//! parser is one line of the table here and one function in `parsers/registry.rs`.

mod mutation;
mod registry;

use mutation::Mutation;
use registry::Parser;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::str::FromStr;
use std::time::Instant;

/// How many cases each parser gets with every run of the tests.
const CASES: u64 = 20_000;

macro_rules! parsers {
    ($($parser:ident),+ $(,)?) => {
        $(#[test] fn $parser() { bear(stringify!($parser), &registry::$parser()); })+
    };
}

parsers!(
    stream_messages,
    bodies,
    queries,
    searches,
    times,
    if_match_headers,
    if_none_match_headers,
    authorization_headers,
    forwarded_headers,
    cookies,
    cursors,
    idempotency_keys,
    csv_files,
    text_files,
    json_files,
    access_tokens,
    api_keys,
    symbols,
    ids,
    prices,
    emails,
    passwords,
    texts,
);

/// Gives the parser its cases; a panic says which.
fn bear(name: &str, parser: &Parser) {
    let seed = setting("FUZZ_SEED").unwrap_or_else(rand::random);
    let cases = setting("FUZZ_CASES").unwrap_or(CASES);
    let started = Instant::now();
    let mut taken = 0;
    for sample in &parser.samples {
        assert!((parser.takes)(sample), "{name}: a sample is refused: {}", sample.escape_ascii());
    }
    let mut mutation = Mutation::new(seed, &parser.samples);
    for number in 0..cases {
        let case = mutation.case();
        match catch_unwind(AssertUnwindSafe(|| (parser.takes)(&case))) {
            Ok(takes) => taken += u64::from(takes),
            Err(panic) => {
                eprintln!("{name}: case {number} of FUZZ_SEED={seed}: b\"{}\"", case.escape_ascii());
                resume_unwind(panic);
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{name}: {cases} cases, {taken} of them taken, in {seconds:.1} s (FUZZ_SEED={seed})");
}

fn setting<T: FromStr<Err: Display>>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}: {error}")))
}
