//! One stylesheet of the files in `web/styles`, in the order of their names, and those beside the components and pages
//! that they are for; without comments and idle white space. The latter may style nothing else (`scope.rs`).
//!
//! Careful rather than thorough: strings, `url(…)` and escapes are copied as they are, and white space goes only
//! where CSS gives it no meaning in any context (CSS Syntax Level 3). Compression does the rest.

use std::mem;

use anyhow::{Context as _, ensure};

use crate::scope;
use crate::tree::Tree;

/// The stylesheets of the whole app.
const SHARED: &str = "web/styles";

/// All stylesheets as one.
pub(crate) fn join(tree: &Tree) -> anyhow::Result<String> {
    let mut files = Vec::new();
    for folder in [SHARED, "web/src/components", "web/src/pages"] {
        files.extend(tree.files_under(folder, &[])?);
    }
    files.retain(|file| file.ends_with(".css"));
    let folders: Vec<&str> = files.iter().filter_map(|file| folder_of(file)).collect();
    let mut joined = String::new();
    for file in &files {
        let css = minify(&tree.read_text(file)?);
        if let Some(folder) = folder_of(file) {
            scope::check(&css, folder, &folders).with_context(|| format!("{file} styles more than its folder"))?;
        }
        joined.push_str(&css);
    }
    ensure!(!joined.is_empty(), "web/styles has no stylesheet");
    Ok(joined)
}

/// The folder whose component or page a stylesheet is for; `None` for a shared one.
fn folder_of(file: &str) -> Option<&str> {
    let folder = file.rsplit('/').nth(1);
    folder.filter(|_| !file.starts_with(SHARED))
}

/// The same stylesheet with comments and idle white space taken out.
fn minify(css: &str) -> String {
    let mut output = Minified::default();
    let mut rest = css;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("/*") => {
                output.comment = true;
                rest[2..].find("*/").map_or(rest.len(), |end| end + 4)
            }
            '"' | '\'' => output.verbatim(rest, string_length(rest, first)),
            '\\' => output.verbatim(rest, escape_length(rest)),
            _ if first.is_ascii_whitespace() => {
                output.space = true;
                1
            }
            _ => match unquoted_url_length(rest) {
                Some(length) => output.verbatim(rest, length),
                None => output.verbatim(rest, first.len_utf8()),
            },
        };
        rest = &rest[length..];
    }
    output.text
}

/// What is written so far, and what was seen since and may still have to be written.
#[derive(Default)]
struct Minified {
    text: String,
    /// The last token written, where it was a single character; an escaped one is none.
    last: Option<char>,
    space: bool,
    comment: bool,
}

impl Minified {
    /// Writes the first `length` bytes of `source`, one token; answers `length`.
    fn verbatim(&mut self, source: &str, length: usize) -> usize {
        let token = &source[..length];
        let (space, comment) = (mem::take(&mut self.space), mem::take(&mut self.comment));
        if token == "}" && self.last == Some(';') {
            self.text.pop();
        }
        let starts = self.text.is_empty() || matches!(self.last, Some('{' | '}' | ';' | ',' | ':'));
        if !starts && !matches!(token, "{" | "}" | ";" | ",") {
            if space {
                self.text.push(' ');
            } else if comment {
                // A comment parts two tokens that would be one without it, and is no white space either.
                self.text.push_str("/**/");
            }
        }
        self.text.push_str(token);
        let mut characters = token.chars();
        self.last = characters.next().filter(|_| characters.next().is_none());
        length
    }
}

fn string_length(source: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, character) in source.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return index + 1,
            _ => {}
        }
    }
    source.len()
}

/// A backslash and what it escapes: one character, or up to six hexadecimal digits and the white space that ends them.
fn escape_length(source: &str) -> usize {
    let digits = source[1..].chars().take(6).take_while(char::is_ascii_hexdigit).count();
    let after = &source[1 + digits..];
    let next = after.chars().next().map_or(0, char::len_utf8);
    match digits {
        0 => 1 + next,
        _ if after.starts_with(|character: char| character.is_ascii_whitespace()) => 1 + digits + next,
        _ => 1 + digits,
    }
}

/// The length of `url(…)` where its content has no quotes, in which `/*` and white space mean themselves.
fn unquoted_url_length(source: &str) -> Option<usize> {
    let head = source.get(..4).filter(|head| head.eq_ignore_ascii_case("url("))?;
    let content = source[head.len()..].trim_start();
    if content.starts_with(['"', '\'']) {
        return None;
    }
    source.find(')').map(|end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(css: &str, expected: &str) {
        assert_eq!(minify(css), expected);
        assert_eq!(minify(expected), expected, "a second pass changes nothing");
    }

    #[test]
    fn idle_white_space_goes() {
        check("\n.row ,\n.cell {\n  color : red;\n  margin: 0 1px;\n}\n", ".row,.cell{color :red;margin:0 1px}");
        check("@media (width < 40rem) {\n  a { b: c }\n}", "@media (width < 40rem){a{b:c}}");
    }

    #[test]
    fn white_space_with_a_meaning_stays() {
        check("a :hover > b + c{width:calc(1px + 2px)}", "a :hover > b + c{width:calc(1px + 2px)}");
        check("a{font:12px / 1.5 x , y}", "a{font:12px / 1.5 x,y}");
        check("@media screen and (print) {a{b:c}}", "@media screen and (print){a{b:c}}");
        check(r".a\26  b{c:d}", r".a\26  b{c:d}");
    }

    #[test]
    fn comments_go_and_never_join_or_part_tokens() {
        check("/* head */a{/* in */b:c/* tail */}", "a{b:c}");
        check("a/* no space */.b{c:d}", "a/**/.b{c:d}");
        check("a /* space */ .b{c:d}", "a .b{c:d}");
        check("a{b:c}/* open", "a{b:c}");
    }

    #[test]
    fn strings_urls_and_escapes_are_copied() {
        check(r#"a{content:"  /* \" */ ; "}"#, r#"a{content:"  /* \" */ ; "}"#);
        check("a{background:url(//host/*.png)}", "a{background:url(//host/*.png)}");
        check("a{background:url( \"x  y\" )}", "a{background:url( \"x  y\" )}");
        check(r#"a{content:'é  \''}"#, r#"a{content:'é  \''}"#);
        check(r".w-1\/2 , .x\:y{c:d}", r".w-1\/2,.x\:y{c:d}");
        check(r".x\: b{c:d}", r".x\: b{c:d}");
    }

    #[test]
    fn an_empty_custom_property_stays_valid() {
        check(":root { --none: ; --list: a, b; }", ":root{--none:;--list:a,b}");
    }

    /// The app's own.
    #[test]
    fn the_styles_of_a_component_reach_no_other() {
        let tree = Tree::find(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the tree");
        assert_eq!(join(&tree).err().map(|error| format!("{error:#}")), None);
    }

    #[test]
    fn a_stylesheet_that_reaches_beyond_its_folder_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let component = "src/components/lists/selection_bar/style.css";
        for (file, text) in [("bundle/Cargo.toml", ""), (component, "/* a */ .selection-bar { } .choice { a: b }")] {
            let path = folder.path().join("web").join(file);
            std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let refused = join(&Tree::find(folder.path()).expect("the tree")).expect_err("a leak");
        let cause = format!("web/{component} styles more than its folder: .choice does not begin with .selection-bar");
        assert_eq!(format!("{refused:#}"), cause);
    }

    #[test]
    fn files_are_joined_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (file, text) in [("bundle/Cargo.toml", ""), ("styles/20-b.css", "b { }"), ("styles/10-a.css", "a { }\n")] {
            let path = folder.path().join("web").join(file);
            std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        assert_eq!(join(&Tree::find(folder.path()).expect("the tree")).expect("styles"), "a{}b{}");
    }
}
