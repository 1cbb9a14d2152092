//! Bad input: every endpoint, taken from the API's own description, answers with the contract's problem and changes
//! nothing.

use crate::ownership::kind_of_id;
use crate::support::{Account, Backend, TestServer};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// An operation that takes a body: where, how, and a body that it would take.
struct Operation {
    method: Method,
    path: String,
    media_type: String,
    example: Value,
    /// Whether there is a field that it cannot do without.
    needs_a_field: bool,
}

/// Every operation with a body, of the list and the destination with these ids.
fn operations_with_a_body(list: &str, destination: &str) -> Vec<Operation> {
    let document: Value = serde_json::from_str(&watchtape::http::openapi::json()).expect("JSON");
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let Some(content) = operation["requestBody"]["content"].as_object() else { continue };
            // Of a file that has several forms, the one in JSON.
            let json = content.iter().find(|(media_type, _)| media_type.ends_with("json"));
            let (media_type, content) = json.expect("a media type");
            let schema =
                content["schema"]["$ref"].as_str().and_then(|path| document.pointer(path.trim_start_matches('#')));
            let id = if path.starts_with("/api/v1/me/destinations/") { destination } else { list };
            operations.push(Operation {
                method: method.to_uppercase().parse().expect("a method"),
                path: path.replace("{id}", &id_of(path, operation, id)).replace("{symbol}", "AAPL"),
                media_type: media_type.clone(),
                example: content["example"].clone(),
                needs_a_field: schema.expect("a schema of its own").get("required").is_some(),
            });
        }
    }
    operations
}

/// The list for what is a list's, and for other kinds an id that is nobody's: bodies are read before rows.
fn id_of(path: &str, operation: &Value, list: &str) -> String {
    if !path.contains("{id}") {
        return String::new();
    }
    match kind_of_id(operation) {
        "WatchlistId" => list.to_owned(),
        "AlertId" => "alr_01kaq2f8s5e8rvm0r2j5c4n6xt".to_owned(),
        "DestinationId" => "dst_01kaq2f8s5e8rvm0r2j5c4n6xt".to_owned(),
        other => panic!("{path}: what is a {other}?"),
    }
}

struct Scene {
    _server: TestServer,
    account: Account,
    list: String,
    operations: Vec<Operation>,
}

impl Scene {
    async fn set() -> Self {
        let server = TestServer::start(Backend::Sqlite).await;
        let account = server.client().register().await;
        let list = account.first_list().await;
        account.add(&list, &["AAPL"]).await;
        let hook = json!({ "type": "webhook", "url": "https://example.com/" });
        let hook = account.client.post("/api/v1/me/destinations", &hook).await.expect(201);
        let (of_list, destination) = (list.rsplit('/').next().expect("an id"), hook["id"].as_str().expect("an id"));
        let operations = operations_with_a_body(of_list, destination);
        assert!(operations.len() >= 8, "{} operations take a body", operations.len());
        Self { _server: server, account, list, operations }
    }

    fn request(&self, operation: &Operation) -> RequestBuilder {
        let request = self.account.client.request(operation.method.clone(), &operation.path);
        request.header("If-Match", "\"2\"").header(CONTENT_TYPE, &operation.media_type)
    }

    async fn is_unchanged(&self) {
        let list = self.account.client.get(&self.list).await.expect(200);
        assert_eq!((list["version"].as_u64(), list["item_count"].as_u64()), (Some(2), Some(1)));
        let lists = self.account.client.get("/api/v1/watchlists").await.expect(200);
        assert_eq!(lists["items"].as_array().map(Vec::len), Some(1));
    }

    async fn each_refuses(&self, status: u16, code: &str, body: impl Fn(&Operation) -> Vec<u8>) {
        for operation in &self.operations {
            let answer = self.account.client.send(self.request(operation).body(body(operation))).await;
            eprintln!("{} {}", operation.method, operation.path);
            answer.refused(status, code);
        }
        self.is_unchanged().await;
    }
}

#[actix_web::test]
async fn a_body_that_is_not_json_is_malformed() {
    let scene = Scene::set().await;
    scene.each_refuses(400, "malformed_json", |_| b"{\"a\":".to_vec()).await;
    scene.each_refuses(400, "malformed_json", |_| b"{\"a\":\"\xff\xfe\"}".to_vec()).await;
    scene.each_refuses(400, "malformed_json", |operation| format!("{} x", operation.example).into_bytes()).await;
    let deep = "[".repeat(20_000);
    scene.each_refuses(400, "malformed_json", |_| format!("{{\"x\":{deep}").into_bytes()).await;
}

#[actix_web::test]
async fn a_field_that_is_unknown_or_of_the_wrong_type_is_named() {
    let scene = Scene::set().await;
    scene.each_refuses(422, "invalid", |_| b"[]".to_vec()).await;
    scene.each_refuses(422, "invalid", |_| b"\"text\"".to_vec()).await;
    for operation in &scene.operations {
        let mut extended = operation.example.clone();
        extended["surprise"] = json!(1);
        let answer = scene.account.client.send(scene.request(operation).body(extended.to_string())).await;
        let problem = answer.refused(422, "invalid");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("surprise")), "{problem}");
        for field in operation.example.as_object().expect("an object").keys() {
            let mut spoiled = operation.example.clone();
            spoiled[field] = json!({ "no": ["such", "type"] });
            let answer = scene.account.client.send(scene.request(operation).body(spoiled.to_string())).await;
            let problem = answer.refused(422, "invalid");
            let pointer = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
            assert!(pointer.starts_with(&format!("/{field}")), "{} {}: {problem}", operation.method, operation.path);
        }
    }
    scene.is_unchanged().await;
}

#[actix_web::test]
async fn a_required_field_that_is_missing_is_named() {
    let scene = Scene::set().await;
    let needy: Vec<_> = scene.operations.iter().filter(|operation| operation.needs_a_field).collect();
    assert!(needy.len() >= 8, "{} operations need a field", needy.len());
    for operation in needy {
        let answer = scene.account.client.send(scene.request(operation).body("{}")).await;
        let problem = answer.refused(422, "invalid");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("missing field")), "{problem}");
    }
    scene.is_unchanged().await;
}

#[actix_web::test]
async fn a_body_of_a_megabyte_is_too_large() {
    let mut scene = Scene::set().await;
    // A file may be larger: `routes/transfer.rs`.
    scene.operations.retain(|operation| !operation.path.ends_with("/import"));
    scene.each_refuses(413, "too_large", |_| format!("{{\"x\":\"{}\"}}", "x".repeat(1 << 20)).into_bytes()).await;
}

#[actix_web::test]
async fn a_body_of_another_media_type_is_refused() {
    let scene = Scene::set().await;
    for operation in &scene.operations {
        let text = if operation.path.ends_with("/import") { "text/html" } else { "text/plain" };
        for media_type in [text, "application/xml", "application/x-www-form-urlencoded", "application/jsonx"] {
            let request = scene.account.client.request(operation.method.clone(), &operation.path);
            let request = request.header("If-Match", "\"2\"").header(CONTENT_TYPE, media_type);
            let answer = scene.account.client.send(request.body(operation.example.to_string())).await;
            answer.refused(415, "unsupported_media_type");
        }
    }
    // A merge patch is not any JSON.
    let request = scene.account.client.request(Method::PATCH, &scene.list).json(&json!({ "name": "x" }));
    scene.account.client.send(request).await.refused(415, "unsupported_media_type");
    scene.is_unchanged().await;
}

#[actix_web::test]
async fn a_method_that_a_path_does_not_have_is_a_405_that_names_those_it_has() {
    let scene = Scene::set().await;
    for (path, methods) in watchtape::http::routes::TABLE {
        let place = path.replace("{id}", "wl_01kaq2f8s5e8rvm0r2j5c4n6xt").replace("{symbol}", "AAPL");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if methods.contains(&method.to_lowercase().as_str()) {
                continue;
            }
            let request = scene.account.client.request(method.parse().expect("a method"), &place);
            let answer = scene.account.client.send(request).await;
            answer.refused(405, "method_not_allowed");
            for known in *methods {
                assert!(answer.header("allow").contains(&known.to_uppercase()), "{path}: {}", answer.header("allow"));
            }
        }
    }
    scene.is_unchanged().await;
}

#[actix_web::test]
async fn a_path_that_is_not_there_is_a_404() {
    let scene = Scene::set().await;
    for path in [
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/watchlists",
        "/api/v1/watchlists/",
        "/api/v1/me/../me/x",
    ] {
        scene.account.client.get(path).await.refused(404, "not_found");
    }
    for id in ["x", "usr_01kaq2f8s5e8rvm0r2j5c4n6xt", "wl_", "%00", "%FF", "wl_01KAQ2F8S5E8RVM0R2J5C4N6XT"] {
        scene.account.client.get(&format!("/api/v1/watchlists/{id}")).await.refused(404, "not_found");
    }
}
