//! `watchtape secret rotate`: changes the secret by the steps of docs/settings.md, "Changing the secret". It works on the files of
//! one node, and servers read them at their start: what a step means for the nodes is printed.

use super::placement::sync_folder_of;
use crate::config::Settings;
use crate::ids;
use clap::Subcommand;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub(super) enum SecretCommand {
    /// Put a new secret into the secret file, and keep the old one in the file of the other secret, whose tokens are valid too
    Rotate {
        /// The first step on many nodes: make the new secret the other one, to be given to every node
        #[arg(long, group = "step")]
        prepare: bool,
        /// The second step on many nodes: exchange the two
        #[arg(long, group = "step")]
        swap: bool,
        /// The last step: drop the other secret
        #[arg(long, group = "step")]
        finish: bool,
    },
}

pub(super) fn run(settings: &Settings, command: &SecretCommand) -> Result<(), String> {
    if settings.secret.is_some() || settings.other_secret.is_some() {
        return Err(
            "the secret is in a variable and not in a file: change WATCHTAPE_SECRET and WATCHTAPE_OTHER_SECRET where \
                    they are set (docs/settings.md, \"Changing the secret\")"
                .to_owned(),
        );
    }
    let files = Files { secret: settings.secret_path(), other: settings.other_secret_path() };
    let SecretCommand::Rotate { prepare, swap, finish } = *command;
    match (prepare, swap, finish) {
        (true, _, _) => files.prepare(),
        (_, true, _) => files.swap(),
        (_, _, true) => files.finish(),
        _ => files.rotate(),
    }
}

struct Files {
    secret: PathBuf,
    other: PathBuf,
}

impl Files {
    fn rotate(&self) -> Result<(), String> {
        self.require_no_other()?;
        let old = read(&self.secret)?;
        // The old one first: whenever this ends, what was signed with either of the two is valid.
        write(&self.other, &old)?;
        write(&self.secret, &ids::random_token())?;
        println!(
            "{} is new, and the old secret is in {}: restart the server, and ten minutes later run \
             `watchtape secret rotate --finish`",
            self.secret.display(),
            self.other.display()
        );
        Ok(())
    }

    fn prepare(&self) -> Result<(), String> {
        self.require_no_other()?;
        read(&self.secret)?;
        write(&self.other, &ids::random_token())?;
        println!(
            "the new secret is in {}: copy it to every node and restart each; then run `watchtape secret rotate --swap` on each",
            self.other.display()
        );
        Ok(())
    }

    fn swap(&self) -> Result<(), String> {
        let (old, new) = (read(&self.secret)?, read(&self.other)?);
        let spare = with_suffix(&self.other, ".swap");
        // Both are the new one where a command was killed in between: the old one is in the third file then.
        if old != new {
            write(&spare, &old)?;
            write(&self.secret, &new)?;
        }
        std::fs::rename(&spare, &self.other).map_err(|error| wrong(&self.other, &error))?;
        println!(
            "the two are exchanged: restart this node; ten minutes after the last one run `watchtape secret rotate --finish` on each"
        );
        Ok(())
    }

    fn finish(&self) -> Result<(), String> {
        std::fs::remove_file(&self.other).map_err(|error| wrong(&self.other, &error))?;
        println!(
            "{} is gone: restart the server, without WATCHTAPE_OTHER_SECRET_FILE where that is set",
            self.other.display()
        );
        Ok(())
    }

    fn require_no_other(&self) -> Result<(), String> {
        if self.other.exists() {
            return Err(format!(
                "{} exists: the secret is being changed. `watchtape secret rotate --finish` drops the other one",
                self.other.display()
            ));
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<String, String> {
    crate::auth::Secret::read(path).map_err(|error| wrong(path, &error))?;
    std::fs::read_to_string(path).map_err(|error| wrong(path, &error))
}

/// Puts a secret into a file that is whole whenever the command ends, and readable by its owner alone.
fn write(path: &Path, secret: &str) -> Result<(), String> {
    let part = with_suffix(path, ".part");
    let written = (|| -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(&part)?;
        file.write_all(secret.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&part, path)?;
        sync_folder_of(path)
    })();
    written.map_err(|error| wrong(path, &error))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn wrong(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
