//! The JavaScript between the browser and the wasm, made by `wasm-bindgen`'s own library.

use anyhow::{Context as _, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::profile::Profile;

/// A program ready for the browser.
pub(crate) struct Bindings {
    /// The module that loads and calls the wasm. It names no wasm file: whoever starts it says which.
    pub(crate) script: String,
    pub(crate) wasm: Vec<u8>,
}

/// Makes the bindings of a compiled program.
pub(crate) fn generate(wasm: &[u8], profile: Profile) -> anyhow::Result<Bindings> {
    let mut output = Bindgen::new()
        .input_bytes("app", wasm.to_vec())
        .keep_lld_exports(true)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .debug(profile == Profile::Dev)
        .remove_name_section(profile.is_for_users())
        .remove_producers_section(profile.is_for_users())
        .generate_output()
        .context("wasm-bindgen refuses the program")?;

    // Such scripts would be modules of their own, to be named, hashed and loaded too; the app has no need of any.
    let inline = output.snippets().iter().filter(|(_, scripts)| !scripts.is_empty()).map(|(package, _)| package);
    let foreign = inline.chain(output.local_modules().keys()).chain(output.npm_dependencies().keys());
    if let Some(name) = foreign.min() {
        bail!("a Rust package brings JavaScript of its own ({name}), which this bundler does not pack");
    }
    Ok(Bindings { script: output.js().to_owned(), wasm: output.wasm_mut().emit_wasm() })
}
