//! The page: `web/index.html` with the links to the hashed files put in.

use anyhow::ensure;

use crate::assets::Links;

/// Where the stylesheet goes in the template.
const STYLES: &str = "<!-- bundle:styles -->";

/// Where the scripts go in the template.
const SCRIPT: &str = "<!-- bundle:script -->";

/// The template, filled in. No inline script: the content security policy allows none.
///
/// The wasm and the module that loads it are asked for at once, beside the boot script, not after it. That one is small
/// and no module, so that it runs before anything is drawn.
pub(crate) fn fill(template: &str, links: &Links) -> anyhow::Result<String> {
    for mark in [STYLES, SCRIPT] {
        let count = template.matches(mark).count();
        ensure!(count == 1, "web/index.html must have {mark} exactly once, not {count} times");
    }
    let Links { style, script, link, wasm, boot, install, chart, texts } = links;
    let styles = format!(r#"<link rel="stylesheet" href="{style}">"#);
    let mut scripts = vec![
        format!(r#"<link rel="modulepreload" href="{script}">"#),
        format!(r#"<link rel="modulepreload" href="{link}">"#),
        format!(r#"<link rel="preload" href="{wasm}" as="fetch" type="application/wasm" crossorigin>"#),
        format!(r#"<script src="{boot}"></script>"#),
        // Named, not loaded: that is for the page that shows one.
        format!(r#"<meta name="chart" content="{chart}">"#),
        format!(r#"<script type="module" src="{install}" fetchpriority="low"></script>"#),
    ];
    scripts.extend(texts.iter().map(|(language, file)| format!(r#"<meta name="texts-{language}" content="{file}">"#)));
    Ok(template.replace(STYLES, &styles).replace(SCRIPT, &scripts.join(&indentation_of(template, SCRIPT))))
}

/// The line break and the white space before `mark`, so that what replaces it lines up.
fn indentation_of(template: &str, mark: &str) -> String {
    let line = template.lines().find(|line| line.contains(mark)).unwrap_or_default();
    let text = line.trim_start();
    format!("\n{}", &line[..line.len() - text.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> Links {
        Links {
            style: "/assets/app-1.css".to_owned(),
            script: "/assets/app-2.js".to_owned(),
            wasm: "/assets/app-3.wasm".to_owned(),
            link: "/assets/link-5.js".to_owned(),
            boot: "/assets/boot-4.js".to_owned(),
            chart: "/assets/price-chart-7.js".to_owned(),
            install: "/assets/install-7.js".to_owned(),
            texts: vec![("de".to_owned(), "/assets/texts-de-6.txt".to_owned())],
        }
    }

    #[test]
    fn fills_both_marks_and_keeps_the_rest() {
        let template = "<head>\n  <!-- bundle:styles -->\n  <!-- bundle:script -->\n</head>\n";
        let page = fill(template, &links()).expect("a page");
        assert_eq!(
            page,
            r#"<head>
  <link rel="stylesheet" href="/assets/app-1.css">
  <link rel="modulepreload" href="/assets/app-2.js">
  <link rel="modulepreload" href="/assets/link-5.js">
  <link rel="preload" href="/assets/app-3.wasm" as="fetch" type="application/wasm" crossorigin>
  <script src="/assets/boot-4.js"></script>
  <meta name="chart" content="/assets/price-chart-7.js">
  <script type="module" src="/assets/install-7.js" fetchpriority="low"></script>
  <meta name="texts-de" content="/assets/texts-de-6.txt">
</head>
"#
        );
    }

    #[test]
    fn refuses_a_template_without_a_mark_or_with_two() {
        let missing = fill("<!-- bundle:styles -->", &links()).expect_err("a mark is missing");
        assert!(missing.to_string().contains("bundle:script"), "{missing}");
        let twice = format!("{STYLES}{STYLES}{SCRIPT}");
        assert!(fill(&twice, &links()).is_err());
    }
}
