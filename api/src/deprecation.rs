//! What is going to be taken away, and when: answers of these operations say so (`Deprecation`, RFC 9745; `Sunset`,
//! RFC 8594; `Link`), and so does the OpenAPI document. CONTRIBUTING.md says how to use it.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use chrono::{NaiveDate, NaiveTime};
use serde_json::{Value, json};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// An operation that is going to be taken away.
pub struct Deprecated {
    /// Its method.
    pub method: Method,
    /// Its path, as the table of routes has it.
    pub path: &'static str,
    /// From which day on nobody should begin to use it.
    pub since: NaiveDate,
    /// From which day on it may be gone.
    pub sunset: NaiveDate,
    /// The page that says what to use instead.
    pub link: &'static str,
}

/// Everything that is going to be taken away: nothing at present.
pub const TABLE: &[Deprecated] = &[];

/// A day of the table; one that is not in the calendar does not compile.
pub const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => panic!("no such day"),
    }
}

impl Deprecated {
    fn is(&self, method: &Method, path: &str) -> bool {
        // What answers GET answers HEAD.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.path == path && self.method == method
    }

    /// The fields of an answer.
    fn fields(&self) -> [(HeaderName, String); 3] {
        let since = self.since.and_time(NaiveTime::MIN).and_utc().timestamp();
        let sunset = self.sunset.format("%a, %d %b %Y 00:00:00 GMT").to_string();
        let link = format!("<{}>; rel=\"deprecation\"; type=\"text/html\"", self.link);
        [(DEPRECATION, format!("@{since}")), (SUNSET, sunset), (header::LINK, link)]
    }
}

/// Middleware: says so in the answers of the table's operations.
pub async fn announce<B: MessageBody>(
    table: &'static [Deprecated],
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let asked = response.request();
    let entry = asked.match_pattern().and_then(|pattern| table.iter().find(|entry| entry.is(asked.method(), &pattern)));
    for (name, value) in entry.map(Deprecated::fields).into_iter().flatten() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

/// Marks an operation of the OpenAPI document.
pub fn describe(table: &[Deprecated], method: &str, path: &str, operation: &mut Value) {
    let found = table.iter().any(|entry| entry.path == path && entry.method.as_str().eq_ignore_ascii_case(method));
    if found {
        operation["deprecated"] = json!(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, HttpResponse, web};

    const OLD: &[Deprecated] = &[Deprecated {
        method: Method::GET,
        path: "/old/{id}",
        since: day(2023, 7, 1),
        sunset: day(2027, 1, 31),
        link: "https://watch.example.com/docs/old",
    }];

    #[actix_web::test]
    async fn an_operation_of_the_table_says_so_and_no_other() {
        let service = init_service(
            App::new()
                .wrap(from_fn(|request, next| announce(OLD, request, next)))
                .service(web::resource("/old/{id}").to(HttpResponse::NoContent))
                .service(web::resource("/new/{id}").to(HttpResponse::NoContent)),
        )
        .await;
        for (method, path, is_old) in [
            (Method::GET, "/old/1", true),
            (Method::HEAD, "/old/1", true),
            (Method::DELETE, "/old/1", false),
            (Method::GET, "/new/1", false),
        ] {
            let request = TestRequest::with_uri(path).method(method).to_request();
            let response = call_service(&service, request).await;
            let field = |name| response.headers().get(name).map(|value| value.to_str().expect("text"));
            let told = [field("deprecation"), field("sunset"), field("link")];
            let expected = [
                Some("@1688169600"),
                Some("Sun, 31 Jan 2027 00:00:00 GMT"),
                Some("<https://watch.example.com/docs/old>; rel=\"deprecation\"; type=\"text/html\""),
            ];
            assert_eq!(told, if is_old { expected } else { [None; 3] }, "{path}");
        }
    }

    #[test]
    fn the_document_marks_it() {
        let mut operation = json!({});
        describe(OLD, "delete", "/old/{id}", &mut operation);
        assert_eq!(operation, json!({}));
        describe(OLD, "get", "/old/{id}", &mut operation);
        assert_eq!(operation, json!({ "deprecated": true }));
    }
}
