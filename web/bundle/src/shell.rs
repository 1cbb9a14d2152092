//! The service worker and the script that installs it: `web/sw/*.js` with this version's files filled in.

use anyhow::ensure;

use crate::{
    assets::{Files, Links, NAME_DIGITS, digest},
    integrity,
    tree::Tree,
};

const WORKER: &str = "web/sw/sw.js";
const INSTALLER: &str = "web/sw/install.js";

/// A version of the app: a digest of its files' names, which hold digests of their contents, and of its page.
pub(crate) struct Version(String);

impl Version {
    /// The version of these files, with a page made from this template.
    pub(crate) fn of(files: &Files, template: &str, tree: &Tree) -> anyhow::Result<Self> {
        let mut names: Vec<&str> = files.keys().map(String::as_str).collect();
        let (worker, installer) = (tree.read_text(WORKER)?, tree.read_text(INSTALLER)?);
        names.extend([template, &worker, &installer]);
        Ok(Self(digest(names.join("\n").as_bytes(), NAME_DIGITS)))
    }
}

/// Adds the installer; answers its URL.
pub(crate) fn add_installer(tree: &Tree, version: &Version, files: &mut Files) -> anyhow::Result<String> {
    let script = fill(INSTALLER, &tree.read_text(INSTALLER)?, &[("\"bundle:version\"", &quoted(&version.0))])?;
    let name = format!("assets/install-{}.js", digest(script.as_bytes(), NAME_DIGITS));
    let url = format!("/{name}");
    files.insert(name, script.into_bytes());
    Ok(url)
}

/// Adds the worker, once every other file is there. It is asked for by its plain name, and keeps it.
pub(crate) fn add_worker(tree: &Tree, version: &Version, links: &Links, files: &mut Files) -> anyhow::Result<()> {
    let Links { style, script, link, wasm, boot, install, .. } = links;
    let shell = [style, script, link, wasm, boot, install];
    let (mut kept, mut later, mut public) = (Vec::new(), Vec::new(), Vec::new());
    for (name, content) in &*files {
        let url = format!("/{name}");
        let entry = format!("[{}, {}]", quoted(&url), quoted(&integrity::of(content)));
        match name.starts_with("assets/") {
            true if shell.contains(&&url) => kept.push(entry),
            true => later.push(entry),
            false => public.push(quoted(&url)),
        }
    }
    ensure!(kept.len() == shell.len(), "the page links a file that is not there");
    public.push(quoted("/sw.js"));
    let marks = [
        ("\"bundle:version\"", quoted(&version.0)),
        ("\"bundle:shell\"", kept.join(", ")),
        ("\"bundle:later\"", later.join(", ")),
        ("\"bundle:public\"", public.join(", ")),
    ];
    let marks = marks.each_ref().map(|(mark, text)| (*mark, text.as_str()));
    let worker = fill(WORKER, &tree.read_text(WORKER)?, &marks)?;
    files.insert("sw.js".to_owned(), worker.into_bytes());
    Ok(())
}

/// The template without the comments that stand on lines of their own, and with each mark replaced.
fn fill(path: &str, template: &str, marks: &[(&str, &str)]) -> anyhow::Result<String> {
    let mut script = String::new();
    for line in template.lines().filter(|line| !line.is_empty() && !line.trim_start().starts_with("//")) {
        script.push_str(line);
        script.push('\n');
    }
    for (mark, text) in marks {
        let count = script.matches(mark).count();
        ensure!(count == 1, "{path} must have {mark} exactly once, not {count} times");
        script = script.replace(mark, text);
    }
    Ok(script)
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_filled_and_comments_go() {
        let template = "// what it is\nconst A = [\"bundle:a\"]; // kept\n\n  // why\n  go(A);\n";
        let script = fill("x.js", template, &[("\"bundle:a\"", "1, 2")]).expect("a script");
        assert_eq!(script, "const A = [1, 2]; // kept\n  go(A);\n");
        let missing = fill("x.js", "go();", &[("\"bundle:a\"", "1")]).expect_err("a mark is missing");
        assert!(missing.to_string().contains("x.js"), "{missing}");
    }

    #[test]
    fn the_worker_keeps_the_shell_and_knows_the_rest() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (file, text) in [
            ("web/bundle/Cargo.toml", ""),
            (
                WORKER,
                "v = \"bundle:version\"\nshell = [\"bundle:shell\"]\nlater = [\"bundle:later\"]\npublic = [\"bundle:public\"]\n",
            ),
            (INSTALLER, "v = \"bundle:version\"\n"),
        ] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let tree = Tree::find(folder.path()).expect("the tree");
        let url = |name: &str| format!("/assets/{name}");
        let mut files: Files = ["a.css", "app.js", "link.js", "app.wasm", "boot.js", "auth.wasm"]
            .map(|name| (format!("assets/{name}"), b"abc".to_vec()))
            .into();
        files.insert("favicon.svg".to_owned(), Vec::new());
        let version = Version::of(&files, "a page", &tree).expect("a version");
        let other = Version::of(&files, "another page", &tree).expect("a version");
        assert_ne!(version.0, other.0, "another page is another version");
        let install = add_installer(&tree, &version, &mut files).expect("the installer");
        let links = Links {
            style: url("a.css"),
            script: url("app.js"),
            link: url("link.js"),
            wasm: url("app.wasm"),
            boot: url("boot.js"),
            install: install.clone(),
            chart: String::new(),
            texts: Vec::new(),
        };
        add_worker(&tree, &version, &links, &mut files).expect("the worker");
        let worker = String::from_utf8(files["sw.js"].clone()).expect("text");
        let installer = String::from_utf8(files[install.trim_start_matches('/')].clone()).expect("text");
        assert!(worker.starts_with(&installer), "both are of one version");
        let digest = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        assert!(worker.contains(&format!("later = [[\"/assets/auth.wasm\", \"{digest}\"]]")), "{worker}");
        assert!(worker.contains(&format!("[\"/assets/app.wasm\", \"{digest}\"]")), "{worker}");
        assert!(worker.contains(&install), "{worker}");
        assert!(worker.contains("public = [\"/favicon.svg\", \"/sw.js\"]"), "{worker}");
    }
}
