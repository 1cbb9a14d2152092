//! `watchtape man`: the manual page, made of the help texts.

use clap::Command;
use std::io::{self, Write};
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Write the page, and one for each command, into this folder
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

pub(super) fn run(command: Command, arguments: &Arguments) -> Result<(), String> {
    match &arguments.into {
        Some(folder) => {
            clap_mangen::generate_to(command, folder).map_err(|error| format!("{}: {error}", folder.display()))
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page).map_err(|error: io::Error| error.to_string())?;
            // An error means that the reader has closed the pipe.
            let _ = io::stdout().write_all(&page);
            Ok(())
        }
    }
}
