//! TLS of the connections that this server opens: to vendors, to mail servers and to PostgreSQL. One library, rustls, with
//! the algorithms of ring; authorities are those that the machine trusts.

use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, ring};
use std::sync::Arc;

/// Has every library of the process use these algorithms. To be called before a client is built; called again, it does
/// nothing.
pub fn install() {
    let _already_installed = ring::default_provider().install_default();
}

/// The algorithms of this process.
pub fn provider() -> Arc<CryptoProvider> {
    install();
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()))
}

/// The authorities that the machine trusts, from `SSL_CERT_FILE`, `SSL_CERT_DIR` or where its system keeps them. An error
/// where there are none.
pub fn system_authorities() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut authorities = RootCertStore::empty();
    authorities.add_parsable_certificates(found.certs);
    if authorities.is_empty() {
        let cause = found.errors.first().map_or(String::new(), |error| format!(": {error}"));
        return Err(format!("this machine has no certificates of authorities{cause}"));
    }
    Ok(authorities)
}
