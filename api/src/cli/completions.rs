//! `watchtape completions SHELL`: a script that completes commands and flags.

use clap::Command;
use clap_complete::Shell;
use std::io::{self, Write};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The shell that is to read it
    shell: Shell,
}

pub(super) fn run(mut command: Command, arguments: &Arguments) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "watchtape", &mut script);
    // An error means that the reader has closed the pipe.
    let _ = io::stdout().write_all(&script);
}
