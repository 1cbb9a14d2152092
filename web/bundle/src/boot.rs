//! The script that starts the app: small and no module, so that it runs before anything is drawn.

/// Makes the page look as it was chosen to, before anything of it is drawn, and starts the app once it is there. Where that
/// fails, its files are asked for past every cache, and the page is loaded once more if they are all there: a cache may
/// have kept something else in their place. What is left (no WebAssembly, a cut download) the stylesheet tells, in the
/// language that was chosen.
pub(crate) fn script(script: &str, link: &str, wasm: &str) -> String {
    format!(
        r#"const page = document.documentElement;
try {{
  for (const name of ["theme", "density", "palette", "motion", "language"]) {{
    const chosen = localStorage.getItem("watchtape." + name);
    if (chosen) page.dataset[name] = chosen;
  }}
}} catch {{}}
page.dataset.language ??= navigator.language.slice(0, 2);
const files = ["/assets/{script}", "/assets/{link}", "/assets/{wasm}"];
const once = "watchtape.again";
const fetchAnew = async () => {{
  const fetched = await Promise.all(files.map((path) => fetch(path, {{ cache: "reload" }}).then(({{ ok }}) => ok, () => false)));
  try {{
    if (sessionStorage.getItem(once)) {{
      sessionStorage.removeItem(once);
      return false;
    }}
    if (!fetched.every(Boolean)) return false;
    sessionStorage.setItem(once, "1");
    return true;
  }} catch {{
    return false;
  }}
}};
const ready = new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
const started = () => {{
  try {{
    sessionStorage.removeItem(once);
  }} catch {{}}
}};
Promise.all([import("./{script}"), ready])
  .then(([{{ default: init }}]) => init({{ module_or_path: "/assets/{wasm}" }}))
  .then(started, async (error) => {{
    const has = typeof WebAssembly === "object";
    if (has && (await fetchAnew())) return location.reload();
    page.dataset.boot = has ? "failed" : "unsupported";
    throw error;
  }});
"#
    )
}
