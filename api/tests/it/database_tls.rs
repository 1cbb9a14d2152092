//! TLS to PostgreSQL: `sslmode=verify-full` connects to the server whose certificate the named authority has signed for this
//! host, and to no other.

use crate::support::authority::Authority;
use crate::support::postgres::Postgres;
use crate::support::process;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use watchtape::db::{DatabaseUrl, Db};

/// A server with a certificate of this authority for this host that is good until the end of a year.
fn server_for(authority: &Authority, host: &str, last_year: i32) -> Postgres {
    let (certificate, key) = authority.certificate_for(host, last_year);
    Postgres::with_certificate(&certificate, &key)
}

/// How the server is to be verified.
fn verified(authority: &Authority, server: &Postgres, host: &str) -> String {
    let root = authority.file();
    format!("{}?sslmode=verify-full&sslrootcert={}", server.url_at(host, "postgres"), root.display())
}

fn refusal(url: &str) -> String {
    let url: DatabaseUrl = url.parse().expect("a URL");
    url.connect().err().expect("a refusal").to_string()
}

#[actix_web::test]
async fn a_verified_server_is_connected_to_and_another_is_refused() {
    let (ours, theirs) = (Authority::named("Ours"), Authority::named("Theirs"));
    let server = server_for(&ours, "127.0.0.1", 4000);
    let url = verified(&ours, &server, "127.0.0.1");

    let mut connection = url.parse::<DatabaseUrl>().expect("a URL").connect().expect("a connection");
    let is_encrypted =
        diesel::select(diesel::dsl::sql::<Bool>("(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())"));
    assert!(is_encrypted.get_result::<bool>(&mut connection).expect("an answer"));
    // The pool, and the program itself.
    Db::open(&url.parse().expect("a URL")).expect("a database");
    let migrated = process::run(&["migrate", "--database-url", &url]);
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));

    let other_host = refusal(&verified(&ours, &server, "localhost"));
    assert!(other_host.contains("not valid for name"), "{other_host}");
    let other_authority = refusal(&verified(&theirs, &server, "127.0.0.1"));
    assert!(other_authority.contains("UnknownIssuer"), "{other_authority}");
}

#[actix_web::test]
async fn the_systems_authorities_verify_in_full_and_never_less() {
    // None of the system's authorities has signed its certificate.
    let server = server_for(&Authority::named("Ours"), "127.0.0.1", 4000);
    let url = format!("{}?sslrootcert=system", server.url("postgres"));
    for url in [url.clone(), format!("{url}&sslmode=verify-full")] {
        let unknown_authority = refusal(&url);
        assert!(unknown_authority.contains("UnknownIssuer"), "{unknown_authority}");
    }
    for weaker in ["disable", "prefer", "require", "verify-ca"] {
        let refused = refusal(&format!("{url}&sslmode={weaker}"));
        assert!(refused.contains("weak sslmode"), "{refused}");
    }
}

#[actix_web::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::named("Ours");
    let server = server_for(&authority, "127.0.0.1", 2001);
    let expired = refusal(&verified(&authority, &server, "127.0.0.1"));
    assert!(expired.contains("certificate expired"), "{expired}");
    // Nothing else is wrong with it: a client that verifies nothing connects.
    let unverified = format!("{}?sslmode=require", server.url("postgres"));
    unverified.parse::<DatabaseUrl>().expect("a URL").connect().expect("a connection");
}

#[actix_web::test]
async fn a_server_without_tls_is_refused_where_tls_is_required() {
    let refused = refusal(&format!("{}?sslmode=require", Postgres::shared().url("postgres")));
    assert!(refused.contains("TLS"), "{refused}");
}
