//! TLS to PostgreSQL: `sslmode=verify-full` connects to the server whose certificate the named authority has signed for this
//! host, and to no other.

use crate::support::postgres::Postgres;
use crate::support::process;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use std::path::PathBuf;
use tempfile::TempDir;
use watchtape::db::{DatabaseUrl, Db};

/// An authority of the test's own, whose certificate is in a file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate");
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("root.crt"), issuer.pem()).expect("a file");
        Self { issuer, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("root.crt")
    }

    /// A server with a certificate for this host that is good until the end of a year.
    fn server_for(&self, host: &str, last_year: i32) -> Postgres {
        let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
        (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(last_year, 12, 31));
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Postgres::with_certificate(&certificate.pem(), &key.serialize_pem())
    }

    /// How the server is to be verified.
    fn verified(&self, server: &Postgres, host: &str) -> String {
        let root = self.file();
        format!("{}?sslmode=verify-full&sslrootcert={}", server.url_at(host, "postgres"), root.display())
    }
}

fn refusal(url: &str) -> String {
    let url: DatabaseUrl = url.parse().expect("a URL");
    url.connect().err().expect("a refusal").to_string()
}

#[actix_web::test]
async fn a_verified_server_is_connected_to_and_another_is_refused() {
    let (ours, theirs) = (Authority::named("Ours"), Authority::named("Theirs"));
    let server = ours.server_for("127.0.0.1", 4000);
    let url = ours.verified(&server, "127.0.0.1");

    let mut connection = url.parse::<DatabaseUrl>().expect("a URL").connect().expect("a connection");
    let is_encrypted =
        diesel::select(diesel::dsl::sql::<Bool>("(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())"));
    assert!(is_encrypted.get_result::<bool>(&mut connection).expect("an answer"));
    // The pool, and the program itself.
    Db::open(&url.parse().expect("a URL")).expect("a database");
    let migrated = process::run(&["migrate", "--database-url", &url]);
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));

    let other_host = refusal(&ours.verified(&server, "localhost"));
    assert!(other_host.contains("not valid for name"), "{other_host}");
    let other_authority = refusal(&theirs.verified(&server, "127.0.0.1"));
    assert!(other_authority.contains("UnknownIssuer"), "{other_authority}");
}

#[actix_web::test]
async fn the_systems_authorities_verify_in_full_and_never_less() {
    // None of the system's authorities has signed its certificate.
    let server = Authority::named("Ours").server_for("127.0.0.1", 4000);
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
    let server = authority.server_for("127.0.0.1", 2001);
    let expired = refusal(&authority.verified(&server, "127.0.0.1"));
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
