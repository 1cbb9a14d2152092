//! What answers tell browsers to refuse, and who may call from a page of another origin.

use crate::support::socket::Socket;
use crate::support::{Backend, TestServer};
use reqwest::Method;
use tempfile::TempDir;

/// The fields of every answer, whatever it is; of whatever is not just a part of a page; and of pages.
const ALWAYS: &[(&str, &str)] =
    &[("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "same-origin")];
const WHOLE: &[(&str, &str)] = &[("referrer-policy", "same-origin")];
const PAGE: &[(&str, &str)] = &[
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
];
const API: &str = "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const APP: &str = "default-src 'none'; object-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const DOCS: &str = "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

async fn server(flags: &[&str]) -> (TempDir, TestServer) {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("index.html"), "<!doctype html>page").expect("a file");
    let mut all = vec!["--web-dir", folder.path().to_str().expect("a path")];
    all.extend(flags);
    let server = TestServer::start_with(Backend::Sqlite, &all).await;
    (folder, server)
}

#[actix_web::test]
async fn every_kind_of_answer_is_armed() {
    for (origin, https_only) in [("http://127.0.0.1", ""), ("https://a.example", "max-age=63072000; includeSubDomains")]
    {
        let (_folder, server) = server(&["--public-origin", origin]).await;
        let account = server.client().register().await;
        let list = account.first_list().await;
        for (path, status, policy, keeping) in [
            ("/", 200, APP, "no-cache"),
            ("/docs/", 200, DOCS, "no-cache"),
            ("/docs/swagger-ui-bundle.js", 200, "", "no-cache"),
            ("/api/v1/me", 200, API, "no-store"),
            (&*list, 200, API, "no-store"),
            ("/api/v1/quotes?symbols=AAPL", 200, API, "no-store"),
            ("/api/v1/openapi.json", 200, API, "no-store"),
            ("/api/v1/nothing", 404, API, "no-store"),
            ("/api/v1/quotes", 400, API, "no-store"),
            ("/livez", 200, API, "no-store"),
        ] {
            let answer = account.client.get(path).await;
            assert_eq!(answer.status.as_u16(), status, "{path}");
            let is_page = answer.header("content-type").starts_with("text/html");
            for (fields, has) in [(ALWAYS, true), (WHOLE, !policy.is_empty()), (PAGE, is_page)] {
                for (name, value) in fields.iter().filter(|_| has) {
                    assert_eq!(answer.header(name), *value, "{path}: {name}");
                }
            }
            assert_eq!(answer.header("content-security-policy"), policy, "{path}");
            assert_eq!(answer.header("cache-control"), keeping, "{path}");
            assert_eq!(answer.header("strict-transport-security"), https_only, "{path}");
            assert_eq!(answer.headers.get("access-control-allow-origin"), None, "{path}");
        }
        server.client().get("/api/v1/me").await.refused(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn no_other_origin_may_call_unless_it_is_listed() {
    let (_folder, server) = server(&[]).await;
    let client = server.client();
    let asking = client.request(Method::OPTIONS, "/api/v1/me").header("Origin", "https://partner.example");
    let answer = client.send(asking.header("Access-Control-Request-Method", "GET")).await;
    answer.refused(405, "method_not_allowed");
    assert_eq!(answer.headers.get("access-control-allow-origin"), None);
}

#[actix_web::test]
async fn a_listed_origin_may_call_with_a_token_and_never_with_a_cookie() {
    let partners = "https://partner.example,https://other.example:8443";
    let (_folder, server) = server(&["--cors-origins", partners]).await;
    let account = server.client().register().await;
    let asking = |origin: &str| {
        let request = account.client.request(Method::OPTIONS, "/api/v1/watchlists").header("Origin", origin);
        let request = request.header("Access-Control-Request-Method", "POST");
        request.header("Access-Control-Request-Headers", "authorization,content-type,idempotency-key,x-request-id")
    };
    for origin in partners.split(',') {
        let answer = account.client.send(asking(origin)).await;
        assert_eq!(answer.status.as_u16(), 200);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.headers.get("access-control-allow-credentials"), None);
        let call = account.client.request(Method::GET, "/api/v1/watchlists").header("Origin", origin);
        let answer = account.client.send(call).await;
        assert_eq!(answer.status.as_u16(), 200);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert!(answer.header("vary").to_lowercase().contains("origin"), "caches are to keep origins apart");
        let exposed = answer.header("access-control-expose-headers");
        for name in ["etag", "location", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id"] {
            assert!(exposed.split(',').any(|one| one.trim() == name), "{name}: {exposed}");
        }
        let refresh = account.client.request(Method::POST, "/api/v1/auth/refresh").header("Origin", origin);
        account.client.send(refresh).await.refused(403, "forbidden_origin");
        Socket::connect(&account.client, &[("Origin", origin)]).await.expect("a stream, which a ticket opens");
    }
    for origin in ["https://partner.example.evil.com", "http://partner.example", "https://other.example", "null"] {
        let answer = account.client.send(asking(origin)).await;
        assert_eq!(answer.headers.get("access-control-allow-origin"), None, "{origin}");
        assert!(Socket::connect(&account.client, &[("Origin", origin)]).await.is_err(), "{origin}");
    }
}

#[actix_web::test]
async fn a_cookie_is_used_by_pages_of_the_same_origin_alone() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client();
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        for site in ["cross-site", "same-site", "none", "anything"] {
            let request = client.request(Method::POST, path).header("Sec-Fetch-Site", site);
            client.send(request).await.refused(403, "forbidden_origin");
        }
        let request = client.request(Method::POST, path).header("Sec-Fetch-Site", "same-origin");
        assert_ne!(client.send(request).await.status.as_u16(), 403, "{path}");
    }
}
