//! The API's own description: committed, whole, and the same as the code's.

use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&watchtape::http::openapi::json()).expect("JSON")
}

#[test]
fn the_committed_document_is_the_codes_own() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
    let committed = std::fs::read_to_string(committed).expect("openapi.yaml");
    assert!(committed == watchtape::http::openapi::yaml(), "openapi.yaml is stale: run `make openapi`");
}

#[test]
fn every_operation_is_described_whole() {
    let document = document();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let mut ids = std::collections::HashSet::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let name = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name} has no summary");
            assert!(operation["security"].is_array(), "{name} declares no security");
            assert!(ids.insert(operation["operationId"].to_string()), "{name} has no operation id of its own");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{name}: {parameter}");
            }
            if let Some(body) = operation["requestBody"]["content"].as_object() {
                for content in body.values() {
                    has_example(&name, content);
                }
            }
            let responses = operation["responses"].as_object().expect("responses");
            assert!(responses.keys().any(|status| status.starts_with('1') || status.starts_with('2')), "{name}");
            for (status, response) in responses {
                for content in response["content"].as_object().into_iter().flat_map(|content| content.values()) {
                    if path != "/api/v1/openapi.json" {
                        has_example(&format!("{name} {status}"), content);
                    }
                }
                if status.starts_with('4') || status.starts_with('5') {
                    let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
                    assert_eq!(problem, "#/components/schemas/Problem", "{name} {status}");
                }
            }
            let needs_token = operation["security"][0].get("bearer").is_some();
            assert!(responses.contains_key("401") || !needs_token, "{name} never says 401");
        }
    }
}

#[test]
fn heads_of_answers_are_described_and_links_lead_to_operations() {
    let document = document();
    let operations = || {
        let methods = document["paths"].as_object().expect("paths").values();
        methods.flat_map(|methods| methods.as_object().expect("methods").values())
    };
    let ids: Vec<&str> = operations().filter_map(|operation| operation["operationId"].as_str()).collect();
    let mut links = 0;
    for operation in operations() {
        let name = &operation["operationId"];
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let fields = response["headers"].as_object().unwrap_or_else(|| panic!("{name} {status} has no fields"));
            assert!(fields.contains_key("X-Request-Id"), "{name} {status}");
            assert!(status != "401" || fields.contains_key("WWW-Authenticate"), "{name}");
            assert!(
                !["429", "503"].contains(&status.as_str()) || fields.contains_key("Retry-After"),
                "{name} {status}"
            );
            assert!(status != "304" || fields.contains_key("ETag"), "{name}");
            for field in fields.values() {
                let path = field["$ref"].as_str().expect("a reference").trim_start_matches('#');
                assert!(document.pointer(path).is_some_and(|field| field["schema"].is_object()), "{path}");
            }
            for link in response["links"].as_object().into_iter().flat_map(|links| links.values()) {
                assert!(ids.contains(&link["operationId"].as_str().expect("an operation")), "{link}");
                links += 1;
            }
        }
    }
    assert!(links >= 7, "{links} links");
}

#[test]
fn what_may_be_left_out_of_a_head_or_a_query_is_never_null() {
    let document = document();
    for methods in document["paths"].as_object().expect("paths").values() {
        for operation in methods.as_object().expect("methods").values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(!parameter["schema"].to_string().contains("null"), "{parameter}");
            }
        }
    }
}

fn has_example(name: &str, content: &Value) {
    let example = &content["example"];
    assert!(!example.is_null(), "{name} has no example");
    assert!(!example.to_string().contains('…'), "{name}: a part of its example says nothing: {example}");
}

#[actix_web::test]
async fn it_is_served_with_a_page_that_fetches_nothing_from_outside() {
    let server = crate::support::TestServer::start(crate::support::Backend::Sqlite).await;
    let client = server.client();
    let served: Value = client.get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(served, document());
    let page = client.get("/docs/").await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    for part in page.text.split(['"', '\'']) {
        assert!(!part.starts_with("http") && !part.starts_with("//"), "{part}");
    }
    assert_eq!(client.get("/docs").await.status.as_u16(), 200, "redirected to the page");
    assert!(client.get("/docs/swagger-initializer.js").await.text.contains("/api/v1/openapi.json"));
}

/// Swagger UI sends the example of every header with every request.
#[test]
fn no_optional_header_has_an_example() {
    let document = serde_json::to_value(watchtape::http::openapi::document()).expect("JSON");
    let mut optional = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["in"] == "header" && parameter["required"] != true {
                    let schema = &parameter["schema"];
                    let examples =
                        [&parameter["example"], &parameter["examples"], &schema["example"], &schema["examples"]];
                    assert!(examples.iter().all(|example| example.is_null()), "{method} {path}: {parameter}");
                    optional += 1;
                }
            }
            let answers_304 = operation["responses"].get("304").is_some();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let names: Vec<&str> = parameters.filter_map(|parameter| parameter["name"].as_str()).collect();
            assert_eq!(answers_304, names.contains(&"If-None-Match"), "{method} {path}");
        }
    }
    assert!(optional > 5);
    let codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().map(Vec::len);
    assert_eq!(codes, Some(watchtape::http::error_codes::Code::ALL.len()));
    let elements = document["components"]["schemas"]["Page_Quote"]["properties"]["items"]["items"].clone();
    assert_eq!(elements["$ref"], "#/components/schemas/Quote");
}
