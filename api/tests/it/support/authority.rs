//! A certificate authority of a test's own.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use std::path::PathBuf;
use tempfile::TempDir;

/// An authority whose certificate is in a file.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate");
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("root.crt"), issuer.pem()).expect("a file");
        Self { issuer, folder }
    }

    /// Its certificate, in PEM.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The file of it.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("root.crt")
    }

    /// A certificate for this host that is good until the end of a year, and its key, in PEM.
    pub(crate) fn certificate_for(&self, host: &str, last_year: i32) -> (String, String) {
        let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
        (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), date_time_ymd(last_year, 12, 31));
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }
}
