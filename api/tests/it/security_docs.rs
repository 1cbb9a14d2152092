//! What docs/security says can be looked up: each requirement of the standard stands there once, and the tests that it
//! names are in the tree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// ASVS 5.0.0: how many requirements levels 1 and 2 have.
const REQUIREMENTS: [(&str, usize); 2] = [("1", 70), ("2", 183)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rows of the table: number, level, and what holds it.
fn rows() -> Vec<[String; 3]> {
    let table = std::fs::read_to_string(root().join("docs/security/asvs.md")).expect("the table");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let is_row = |cells: &Vec<String>| cells.get(1).is_some_and(|number| number.split('.').count() == 3);
    let rows = table.lines().map(cells).filter(is_row);
    rows.map(|cells| match cells.as_slice() {
        [_, number, level, _, _, held, _] => [number.clone(), level.clone(), held.clone()],
        _ => panic!("not a row of five cells: {cells:?}"),
    })
    .collect()
}

#[test]
fn every_requirement_stands_in_the_table_once() {
    let (mut levels, mut numbers) = (BTreeMap::new(), BTreeMap::new());
    for [number, level, held] in rows() {
        assert!(!held.is_empty(), "{number} says nothing of what holds it");
        *levels.entry(level).or_insert(0) += 1;
        *numbers.entry(number).or_insert(0) += 1;
    }
    assert!(numbers.values().all(|count| *count == 1), "{numbers:?}");
    assert_eq!(levels, REQUIREMENTS.map(|(level, count)| (level.to_owned(), count)).into());
}

#[test]
fn every_test_that_the_table_names_is_in_the_tree() {
    let mut named = 0;
    for [number, _, held] in rows() {
        for (file, name) in held.split('`').filter_map(|part| part.split_once("::")) {
            let is_rooted = ["api/", "shared/", "web/"].iter().any(|root| file.starts_with(root));
            let path = root().join(if is_rooted { "" } else { "api/tests/it" }).join(file);
            let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{number}: {file}: {error}"));
            let is_there =
                if file.ends_with(".rs") { source.contains(&format!("fn {name}(")) } else { source.contains(name) };
            assert!(is_there, "{number}: {file} has no {name}");
            named += 1;
        }
    }
    assert!(named > 60, "{named} tests are named");
}
