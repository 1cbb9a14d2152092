//! `watchtape openapi`: prints the API's OpenAPI document.

use crate::http::openapi;
use std::io::Write;

pub(super) fn run() -> Result<(), String> {
    // An error means that the reader has closed the pipe.
    let _ = std::io::stdout().write_all(openapi::yaml().as_bytes());
    Ok(())
}
