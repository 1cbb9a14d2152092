//! Holds that the styles of a component reach no other: every selector in the `style.css` of a folder begins with the
//! folder's own class. In `web/src/components/lists/selection_bar` that is `.selection-bar`, or a part of it such as
//! `.selection-bar-count`. `:where(.selection-bar) .count` is the same without weight: whoever contains the component can
//! still say otherwise. What several of them share is in `web/styles`.
//!
//! Deliberately absent: a rewriting of selectors. What a stylesheet says is what the browser gets.

use anyhow::{bail, ensure};

/// The rules that other rules may stand in.
const GROUPS: [&str; 4] = ["@media", "@supports", "@container", "@layer"];
const WEIGHTLESS: &str = ":where(";

/// Refuses the stylesheet of a folder, without comments, whose rules reach beyond the folder. `folders` are all that have one.
pub(crate) fn check(css: &str, folder: &str, folders: &[&str]) -> anyhow::Result<()> {
    let mut rest = css;
    while let Some(open) = find(rest, &['{', '}', ';']) {
        let (prelude, body) = (rest[..open].trim(), &rest[open + 1..]);
        if !rest[open..].starts_with('{') {
            // The end of a group, or a statement such as `@import`.
            ensure!(prelude.is_empty(), "{prelude} belongs in web/styles");
            rest = body;
        } else if GROUPS.iter().any(|group| prelude.starts_with(group)) {
            rest = body;
        } else {
            match prelude.split_once(' ').filter(|(rule, _)| rule.starts_with('@')) {
                None if prelude.starts_with('@') => bail!("{prelude} belongs in web/styles"),
                None => check_selectors(prelude, folder, folders)?,
                Some(("@keyframes", name)) => {
                    ensure!(
                        is_own(name, folder, folders),
                        "@keyframes {name} does not begin with {}",
                        class_of(folder)
                    );
                }
                Some((rule, _)) => bail!("{rule} belongs in web/styles"),
            }
            rest = after_block(body);
        }
    }
    Ok(())
}

fn check_selectors(list: &str, folder: &str, folders: &[&str]) -> anyhow::Result<()> {
    let mut rest = list;
    loop {
        let end = find(rest, &[',']).unwrap_or(rest.len());
        let selector = rest[..end].trim();
        ensure!(is_scoped(selector, folder, folders), "{selector} does not begin with .{}", class_of(folder));
        match rest.get(end + 1..) {
            Some(more) => rest = more,
            None => return Ok(()),
        }
    }
}

fn is_scoped(selector: &str, folder: &str, folders: &[&str]) -> bool {
    let begins = |selector: &str| match selector.strip_prefix(WEIGHTLESS) {
        Some(inner) => {
            let end = find(inner, &[')', ',']);
            begins_with_own(inner, folder, folders) && end.is_some_and(|end| inner[end..].starts_with(')'))
        }
        None => begins_with_own(selector, folder, folders),
    };
    let first = find(selector, &[' ', '>', '+', '~']).unwrap_or(selector.len());
    let combined = selector[first..].trim_start();
    // What stands beside a component is none of it, unless it is a part too.
    let is_inside = match combined.strip_prefix(['+', '~']) {
        Some(sibling) => begins(sibling.trim_start()),
        None => true,
    };
    begins(selector) && is_inside
}

fn begins_with_own(selector: &str, folder: &str, folders: &[&str]) -> bool {
    selector.strip_prefix('.').is_some_and(|name| {
        let end = name.find(|character: char| !is_of_name(character)).unwrap_or(name.len());
        is_own(&name[..end], folder, folders)
    })
}

/// Whether a name is the folder's, or that of a part of it, and not that of a folder with a longer name.
fn is_own(name: &str, folder: &str, folders: &[&str]) -> bool {
    let is_of = |folder: &str| {
        name.strip_prefix(&class_of(folder)).is_some_and(|part| part.is_empty() || part.starts_with('-'))
    };
    is_of(folder) && !folders.iter().any(|other| other.len() > folder.len() && is_of(other))
}

fn class_of(folder: &str) -> String {
    folder.replace('_', "-")
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '_')
}

/// The first of these characters outside strings, brackets and parentheses.
fn find(text: &str, wanted: &[char]) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if quote == Some(character) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' => quote = Some(character),
            _ if depth == 0 && wanted.contains(&character) => return Some(at),
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// What follows the block that has just been opened. Rules inside a rule are within its scope.
fn after_block(mut rest: &str) -> &str {
    let mut depth = 1_usize;
    while let Some(at) = find(rest, &['{', '}']) {
        depth = if rest[at..].starts_with('{') { depth + 1 } else { depth - 1 };
        rest = &rest[at + 1..];
        if depth == 0 {
            return rest;
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDERS: [&str; 3] = ["selection_bar", "account", "account_panel"];

    fn refused(css: &str, folder: &str) -> Option<String> {
        check(css, folder, &FOLDERS).err().map(|error| error.to_string())
    }

    #[test]
    fn rules_of_the_folders_own_class_and_its_parts_are_taken() {
        for css in [
            ".selection-bar{a:b}.selection-bar-count,.selection-bar .x>y{a:b}",
            ".selection-bar:hover .x{a:b}@media (width < 40rem){.selection-bar.x{a:b}}",
            ":where(.selection-bar) .x + .x{a:b}:where(.selection-bar).on .x{a:b}",
            ".selection-bar .x:is(.halted *, [dir=\"rtl\"] *){a:b}.selection-bar-a+.selection-bar-b{a:b}",
            "@keyframes selection-bar-rise{from{opacity:0}to{opacity:1}}.selection-bar{content:\"} .x {\"}",
            ".selection-bar{a:b;.x{a:b}}.selection-bar{a:b}",
        ] {
            assert_eq!(refused(css, "selection_bar"), None, "{css}");
        }
    }

    #[test]
    fn a_rule_that_reaches_beyond_its_folder_is_named() {
        for (css, leak) in [
            (".choice{max-width:9rem}", ".choice"),
            (".selection-bar,.choice{a:b}", ".choice"),
            ("@media print{.selection-bar{a:b}.choice:disabled{a:b}}", ".choice:disabled"),
            (".page:has(.selection-bar){a:b}", ".page:has(.selection-bar)"),
            ("[dir=\"rtl\"] .selection-bar{a:b}", "[dir=\"rtl\"] .selection-bar"),
            (".selection-bars{a:b}", ".selection-bars"),
            ("button{a:b}", "button"),
            (":where(.selection-bar,.choice) b{a:b}", ":where(.selection-bar,.choice) b"),
            (".selection-bar + .page{a:b}", ".selection-bar + .page"),
            (":root{--choice:b}", ":root"),
            (".selection-bar{a:b;.x{a:b}}.choice{a:b}", ".choice"),
        ] {
            assert_eq!(refused(css, "selection_bar"), Some(format!("{leak} does not begin with .selection-bar")));
        }
        assert_eq!(
            refused(".account-panel{a:b}", "account"),
            Some(".account-panel does not begin with .account".into())
        );
        assert_eq!(refused(".account-head{a:b}", "account"), None);
        let keyframes = "@keyframes rise{from{opacity:0}}";
        assert_eq!(refused(keyframes, "account"), Some("@keyframes rise does not begin with account".into()));
        assert_eq!(refused("@font-face{a:b}", "account"), Some("@font-face belongs in web/styles".into()));
        assert_eq!(refused("@import \"x\";", "account"), Some("@import \"x\" belongs in web/styles".into()));
    }
}
