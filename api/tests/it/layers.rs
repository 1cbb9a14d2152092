//! The layers of the source trees: an import goes down the table of floors or stays within its module, and no two files
//! import each other, directly or around (a parent and its child aside).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The top-level modules of the server, from the ground up. Modules of one floor do not import each other.
const SERVER: &[&[&str]] = &[
    &["build_info", "clock", "json", "keyed_permits", "random", "reference", "tls"],
    &["ids"],
    &["telemetry"],
    &["db", "search"],
    &["catalog", "market", "transfer"],
    &["cluster"],
    &["limits"],
    &["auth"],
    &["feed"],
    &["history"],
    &["alerts", "notify", "stream"],
    &["http"],
    &["config"],
    &["server"],
    &["cli"],
];

/// The same of the app.
const APP: &[&[&str]] = &[
    &["texts", "view"],
    &["api", "route"],
    &["format"],
    &["i18n", "stream", "panic_notice"],
    &["state"],
    &["components"],
    &["pages"],
    &["chunks"],
    &["app"],
];

/// The most files that stand beside the folders of the server.
const MOST_FILES_AT_THE_ROOT: usize = 10;

/// The files of a crate, each with the files that it imports, by module path. Tests within a file are left out.
struct Sources {
    imports: BTreeMap<String, BTreeSet<String>>,
}

impl Sources {
    fn read(folder: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        let mut texts = BTreeMap::new();
        read_folder(&root, &root, &mut texts);
        assert!(texts.len() > 50, "{folder} has {} files", texts.len());
        let known: BTreeSet<&String> = texts.keys().collect();
        let imports = texts.iter().map(|(module, text)| {
            let named = paths_of(text).into_iter().filter_map(|path| resolve(module, &path));
            let files = named.filter_map(|path| file_of(&path, &known)).filter(|file| file != module);
            (module.clone(), files.collect())
        });
        Self { imports: imports.collect() }
    }

    /// Imports that the table forbids, each as `from -> to`.
    fn above_their_floor(&self, floors: &[&[&str]]) -> Vec<String> {
        let floor = |module: &str| {
            let top = module.split("::").next().unwrap_or_default();
            let found = floors.iter().position(|modules| modules.contains(&top));
            (top.to_owned(), found.unwrap_or_else(|| panic!("{top} has no floor: add it to the table")))
        };
        let edges = self.imports.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to)));
        let wrong = edges.filter(|(from, to)| {
            let ((from, from_floor), (to, to_floor)) = (floor(from), floor(to));
            from != to && to_floor >= from_floor
        });
        wrong.map(|(from, to)| format!("{from} -> {to}")).collect()
    }

    /// The shortest way from each file back to itself, each circle once.
    fn circles(&self) -> Vec<String> {
        let mut found = BTreeSet::new();
        for start in self.imports.keys() {
            if let Some(way) = self.way_back(start) {
                let least = way.iter().enumerate().min_by_key(|(_, module)| *module).map_or(0, |(at, _)| at);
                let turned: Vec<&str> = way[least..].iter().chain(&way[..least]).map(String::as_str).collect();
                found.insert(format!("{} -> {}", turned.join(" -> "), turned[0]));
            }
        }
        found.into_iter().collect()
    }

    fn way_back(&self, start: &String) -> Option<Vec<String>> {
        let mut ways = vec![vec![start.clone()]];
        let mut seen = BTreeSet::new();
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for way in ways {
                let last = way.last()?;
                for next in self.imports.get(last).into_iter().flatten().filter(|next| !is_family(last, next)) {
                    if next == start {
                        return Some(way);
                    }
                    if seen.insert(next.clone()) {
                        longer.push(way.iter().cloned().chain([next.clone()]).collect());
                    }
                }
            }
            ways = longer;
        }
        None
    }
}

/// Whether one of the two is a module of the other.
fn is_family(one: &str, other: &str) -> bool {
    one.starts_with(&format!("{other}::")) || other.starts_with(&format!("{one}::"))
}

fn read_folder(root: &Path, folder: &PathBuf, texts: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_folder(root, &path, texts);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let inside = path.strip_prefix(root).expect("inside").with_extension("");
            let module = inside.to_str().expect("UTF-8").replace('/', "::");
            let module = module.strip_suffix("::mod").unwrap_or(&module).to_owned();
            let is_test = ["tests", "properties", "relevance"].iter().any(|name| module.ends_with(name));
            if !is_test && module != "lib" && module != "main" {
                texts.insert(module, code_of(&std::fs::read_to_string(&path).expect("a file")));
            }
        }
    }
}

/// The code without comments and without the tests at its end.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Every path that begins at `crate`, `super` or `self`, those of `use` taken apart.
fn paths_of(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(at) = ["crate::", "super::", "self::"].iter().filter_map(|start| rest.find(start)).min() {
        let begins = rest[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | ':'));
        let is_use = rest[..at].trim_end().ends_with("use");
        let end = if is_use {
            rest[at..].find(';').map_or(rest.len(), |end| at + end)
        } else {
            let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
            rest[at..].find(|c| !is_path(c)).map_or(rest.len(), |end| at + end)
        };
        if begins {
            expand(&rest[at..end].split_whitespace().collect::<Vec<_>>().join(" "), &mut paths);
        }
        rest = &rest[end..];
    }
    paths
}

/// Takes a tree of imports apart: `a::{b, c::{self, d}}` is `a::b`, `a::c`, `a::c::d`.
fn expand(tree: &str, paths: &mut Vec<String>) {
    let Some((prefix, inside)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        paths.push(path.trim_end_matches("::self").to_owned());
        return;
    };
    let inside = inside.rsplit_once('}').map_or(inside, |(inside, _)| inside);
    let (mut depth, mut begins) = (0_i32, 0);
    for (at, c) in inside.char_indices().chain([(inside.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inside[begins..at].trim();
                if !part.is_empty() {
                    expand(&format!("{prefix}{part}"), paths);
                }
                begins = at + 1;
            }
            _ => {}
        }
    }
}

/// The path from the crate's root.
fn resolve(module: &str, path: &str) -> Option<Vec<String>> {
    let mut base: Vec<String> = module.split("::").map(str::to_owned).collect();
    let mut segments = path.split("::").filter(|segment| !segment.is_empty()).peekable();
    match segments.next()? {
        "crate" => base.clear(),
        "self" => {}
        _ => {
            base.pop();
        }
    }
    while segments.next_if_eq(&"super").is_some() {
        base.pop();
    }
    base.extend(segments.map(str::to_owned));
    Some(base)
}

/// The file that holds what a path names.
fn file_of(path: &[String], known: &BTreeSet<&String>) -> Option<String> {
    (1..=path.len()).rev().map(|len| path[..len].join("::")).find(|file| known.contains(file))
}

#[test]
fn imports_of_the_server_go_down_the_table_of_floors() {
    let server = Sources::read("api/src");
    assert_eq!(server.above_their_floor(SERVER), [""; 0]);
}

#[test]
fn imports_of_the_app_go_down_the_table_of_floors() {
    assert_eq!(Sources::read("web/src").above_their_floor(APP), [""; 0]);
}

#[test]
fn no_two_files_import_each_other() {
    assert_eq!(Sources::read("api/src").circles(), [""; 0]);
    assert_eq!(Sources::read("web/src").circles(), [""; 0]);
}

#[test]
fn few_files_stand_beside_the_folders_of_the_server() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = std::fs::read_dir(root)
        .expect("a folder")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_file()));
    assert!(files.count() <= MOST_FILES_AT_THE_ROOT);
}

#[test]
fn a_circle_and_an_import_upwards_are_named() {
    let sources = |imports: &[(&str, &[&str])]| Sources {
        imports: imports
            .iter()
            .map(|(from, all)| ((*from).to_owned(), all.iter().map(|to| (*to).to_owned()).collect()))
            .collect(),
    };
    let around =
        sources(&[("http::b", &["auth::a"]), ("auth::a", &["db::c"]), ("db::c", &["http::b"]), ("db", &["db::c"])]);
    assert_eq!(around.circles(), ["auth::a -> db::c -> http::b -> auth::a"]);
    assert_eq!(around.above_their_floor(SERVER), ["db::c -> http::b"]);
    let family = sources(&[("db", &["db::c"]), ("db::c", &["db"])]);
    assert_eq!(family.circles(), [""; 0]);
    let mut paths = Vec::new();
    expand("crate::a::{b, c::{self, D as E}, f}", &mut paths);
    assert_eq!(paths, ["crate::a::b", "crate::a::c", "crate::a::c::D", "crate::a::f"]);
    assert_eq!(resolve("a::b::c", "super::super::d"), Some(vec!["a".to_owned(), "d".to_owned()]));
}
