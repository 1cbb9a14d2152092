//! The chart of a security's page: the npm package lightweight-charts as it is published, our module around it in
//! `web/chart`, and the licences that have to come with them. The app loads them on that page alone.

use anyhow::{Context as _, ensure};

use crate::tree::Tree;

/// What our module imports the package as.
pub(crate) const LIBRARY: &str = "./lightweight-charts.js";

/// The path in `web/dist` of the notices and licences.
pub(crate) const LICENCES: &str = "chart-licences.txt";

const PACKAGE: &str = "web/bundle/node_modules/lightweight-charts";

/// The files of the chart.
pub(crate) struct Chart {
    pub(crate) library: String,
    /// The module; it imports [`LIBRARY`].
    pub(crate) module: String,
    pub(crate) licences: String,
}

/// Reads them all.
pub(crate) fn read(tree: &Tree) -> anyhow::Result<Chart> {
    let library = format!("{PACKAGE}/dist/lightweight-charts.standalone.production.mjs");
    let library = tree.read_text(&library).context("lightweight-charts is not installed: make setup")?;
    let module = tree.read_text("web/chart/price_chart.js")?;
    ensure!(module.contains(LIBRARY), "web/chart/price_chart.js does not import {LIBRARY}");
    let licences = tree.read_text("web/chart/NOTICE.txt")? + &tree.read_text(&format!("{PACKAGE}/LICENSE"))?;
    Ok(Chart { library, module, licences })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_module_the_package_and_both_licences_are_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |file: &str, text: &str| {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        write("web/bundle/Cargo.toml", "");
        write("web/chart/price_chart.js", r#"import "./lightweight-charts.js";"#);
        write("web/chart/NOTICE.txt", "notice\n");
        let tree = Tree::find(folder.path()).expect("the tree");
        let missing = read(&tree).err().expect("no package");
        assert!(format!("{missing:#}").contains("make setup"), "{missing:#}");

        write(&format!("{PACKAGE}/dist/lightweight-charts.standalone.production.mjs"), "library");
        write(&format!("{PACKAGE}/LICENSE"), "licence\n");
        let chart = read(&tree).expect("the chart");
        assert_eq!((chart.library.as_str(), chart.licences.as_str()), ("library", "notice\nlicence\n"));

        write("web/chart/price_chart.js", "nothing");
        assert!(read(&tree).is_err(), "a module that does not import the package");
    }
}
