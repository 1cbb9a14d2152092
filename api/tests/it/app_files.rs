//! The browser app's files, as a browser gets them.

use crate::support::{Backend, TestServer};
use reqwest::Method;
use tempfile::TempDir;

async fn server_with_an_app() -> (TempDir, TestServer) {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir(folder.path().join("assets")).expect("a folder");
    for (name, text) in [
        ("index.html", "<!doctype html>page"),
        ("index.html.br", "page in brotli"),
        ("index.html.gz", "page in gzip"),
        ("assets/app-0a1b2c3d.js", "script"),
        ("assets/app-0a1b2c3d.js.br", "script in brotli"),
        ("favicon.svg", "<svg/>"),
        ("sw.js", "worker"),
        ("sw.js.br", "worker in brotli"),
        ("manifest.webmanifest", "{}"),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let flags = ["--web-dir", folder.path().to_str().expect("a path")];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    (folder, server)
}

#[actix_web::test]
async fn files_come_in_the_form_that_the_browser_takes() {
    let (_folder, server) = server_with_an_app().await;
    let client = server.client();
    for (accepted, path, body, coding) in [
        ("gzip, deflate, br", "/", "page in brotli", "br"),
        ("gzip", "/", "page in gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "/", "page in gzip", "gzip"),
        ("identity", "/", "<!doctype html>page", ""),
        ("br", "/favicon.svg", "<svg/>", ""),
        ("br", "/assets/app-0a1b2c3d.js", "script in brotli", "br"),
    ] {
        let answer = client.send(client.request(Method::GET, path).header("Accept-Encoding", accepted)).await;
        assert_eq!((answer.text.as_str(), answer.header("content-encoding")), (body, coding), "{accepted} {path}");
        assert_eq!(answer.header("vary"), "Accept-Encoding");
    }
    let script = client.get("/assets/app-0a1b2c3d.js").await;
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    let page = client.get("/").await;
    assert_eq!(page.header("cache-control"), "no-cache");
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval ")
    );
    let known = client.request(Method::GET, "/").header("If-None-Match", page.header("etag"));
    assert_eq!(client.send(known).await.status.as_u16(), 304);
}

#[actix_web::test]
async fn an_installed_app_is_asked_anew_each_time_whether_it_has_changed() {
    let (_folder, server) = server_with_an_app().await;
    let client = server.client();
    for (path, body, kind) in [
        ("/sw.js", "worker in brotli", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "{}", "application/manifest+json"),
    ] {
        let answer = client.send(client.request(Method::GET, path).header("Accept-Encoding", "br")).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, body), "{path}");
        assert_eq!((answer.header("content-type"), answer.header("cache-control")), (kind, "no-cache"), "{path}");
        // Each coding is a representation of its own; a file that has none is the same in all.
        for (coding, is_same) in [("br", true), ("identity", path != "/sw.js")] {
            let known = client.request(Method::GET, path).header("If-None-Match", answer.header("etag"));
            let asked = client.send(known.header("Accept-Encoding", coding)).await;
            assert_eq!(asked.status.as_u16(), if is_same { 304 } else { 200 }, "{path} in {coding}");
        }
    }
    let policy = client.get("/").await.header("content-security-policy").to_owned();
    assert!(policy.contains("worker-src 'self'") && policy.contains("manifest-src 'self'"), "{policy}");
}

#[actix_web::test]
async fn the_apps_own_routes_get_its_page_and_nothing_else_does() {
    let (_folder, server) = server_with_an_app().await;
    let client = server.client();
    for path in ["/login", "/lists/wl_01kaq2f8s5e8rvm0r2j5c4n6xt", "/securities/AAPL", "/securities/BRK.B"] {
        let answer = client.send(client.request(Method::GET, path).header("Accept", "text/html")).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "<!doctype html>page"), "{path}");
    }
    for path in ["/api", "/api/", "/api/v1/nothing", "/api/login", "/assets/app-old.js", "/missing.png"] {
        let answer = client.send(client.request(Method::GET, path).header("Accept", "text/html")).await;
        answer.refused(404, "not_found");
    }
    client.post("/login", &serde_json::json!({})).await.refused(404, "not_found");
    // A probe or a program learns that nothing is there; a browser's navigation says what it is.
    for (name, value) in [("Accept", "*/*"), ("Accept", "application/json"), ("X-Nothing", "")] {
        let request = client.request(Method::GET, "/healthz").header(name, value);
        client.send(request).await.refused(404, "not_found");
    }
    let navigation = client.request(Method::GET, "/login").header("Sec-Fetch-Mode", "navigate");
    assert_eq!(client.send(navigation).await.status.as_u16(), 200);
    assert_eq!(client.get("/").await.status.as_u16(), 200);
}

#[actix_web::test]
async fn swagger_ui_answers_head_as_it_answers_get() {
    let (_folder, server) = server_with_an_app().await;
    let client = server.client();
    for path in ["/docs/", "/docs/index.html", "/docs/swagger-ui.css"] {
        let got = client.get(path).await;
        let head = client.send(client.request(Method::HEAD, path)).await;
        assert_eq!((got.status.as_u16(), head.status.as_u16()), (200, 200), "{path}");
        for name in ["content-type", "content-length", "content-security-policy"] {
            let values = [&got, &head].map(|answer| answer.headers.get(name).cloned());
            assert_eq!(values[0], values[1], "{path}: {name}");
        }
    }
    client.get("/docs/nothing.js").await.refused(404, "not_found");
    // The same file is not sent twice.
    let tag = client.get("/docs/swagger-ui.css").await.header("etag").to_owned();
    let again = client.request(Method::GET, "/docs/swagger-ui.css").header("If-None-Match", tag);
    assert_eq!(client.send(again).await.status.as_u16(), 304);
}
