//! The URL of a PostgreSQL database: `postgres://USER:PASSWORD@HOST:PORT/NAME?PARAMETER=VALUE`, with libpq's parameters, and with
//! `pooler=transaction` where a pooler gives a connection for each transaction.

use super::tls::{Authorities, ClientCertificate, Verification, client_config};
use percent_encoding::percent_decode_str;
use std::error::Error;
use std::str::FromStr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Connection, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a host may take to accept a connection, unless the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long TLS and authentication may take after that.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long what was sent may stay unacknowledged: a host that has vanished is noticed then.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);
/// How a connection without traffic is probed: from when on, how often, and how many probes may be lost.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(5), Duration::from_secs(2), 2);

/// Where to connect to, and how to be sure of it.
#[derive(Clone)]
pub struct PostgresUrl {
    config: Config,
    tls: Option<Tls>,
    /// Whether each transaction may be on another session of the server.
    pub(super) is_pooled: bool,
}

#[derive(Clone)]
struct Tls {
    verification: Verification,
    authorities: Authorities,
    client: Option<ClientCertificate>,
}

/// The parameters of TLS, as the URL has them.
#[derive(Default)]
struct TlsParameters {
    mode: Option<String>,
    root: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

impl PostgresUrl {
    /// Reads a URL. The error says which parameter is wrong, and has nothing of the password.
    pub fn parse(url: &str) -> Result<Self, String> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let mut tls = TlsParameters::default();
        let mut others = Vec::new();
        let mut is_pooled = false;
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let slot = match name {
                "pooler" if matches!(value, "session" | "transaction") => {
                    is_pooled = value == "transaction";
                    continue;
                }
                "pooler" => return Err("pooler is session or transaction".to_owned()),
                "sslmode" => &mut tls.mode,
                "sslrootcert" => &mut tls.root,
                "sslcert" => &mut tls.certificate,
                "sslkey" => &mut tls.key,
                _ => {
                    others.push(parameter);
                    continue;
                }
            };
            let value = percent_decode_str(value).decode_utf8().map_err(|_| format!("{name} is not UTF-8"))?;
            *slot = Some(value.into_owned());
        }
        let (mode, tls) = tls.read()?;
        let mut config = Config::from_str(&format!("{address}?{}", others.join("&")))
            .map_err(|error| super::error::in_full(&error))?;
        config.ssl_mode(mode);
        let has = |name: &str| others.iter().any(|parameter| parameter.split('=').next() == Some(name));
        if !has("application_name") {
            config.application_name("watchtape");
        }
        if !has("connect_timeout") {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if !has("tcp_user_timeout") {
            config.tcp_user_timeout(TCP_USER_TIMEOUT);
        }
        if !has("keepalives_idle") {
            let (idle, interval, retries) = KEEPALIVE;
            config.keepalives_idle(idle).keepalives_interval(interval).keepalives_retries(retries);
        }
        Ok(Self { config, tls, is_pooled })
    }

    /// How long connecting may take: each host in its turn, and TLS and authentication.
    pub(super) fn deadline(&self) -> Duration {
        let a_host = self.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
        let hosts = self.config.get_hosts().len().max(self.config.get_hostaddrs().len()).max(1);
        a_host.saturating_mul(u32::try_from(hosts).unwrap_or(u32::MAX)).saturating_add(HANDSHAKE_TIMEOUT)
    }

    /// Connects, and has the runtime that this is called in serve the socket.
    pub(super) async fn connect(&self) -> Result<(Client, AbortHandle), Failure> {
        let Some(Tls { verification, authorities, client }) = &self.tls else {
            let (client, connection) = self.config.connect(NoTls).await?;
            return Ok((client, serve(connection)));
        };
        let tls = client_config(*verification, authorities, client.as_ref()).map_err(Failure::Tls)?;
        let (client, connection) = self.config.connect(MakeRustlsConnect::new(tls)).await?;
        Ok((client, serve(connection)))
    }
}

/// Why no connection was opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("TLS cannot be spoken as configured: {0}")]
    Tls(String),
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
}

fn serve<S, T>(connection: Connection<S, T>) -> AbortHandle
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let served = async {
        if let Err(error) = connection.await {
            let cause: &dyn Error = &error;
            tracing::debug!(error = super::error::in_full(cause), "a connection to the database has ended");
        }
    };
    tokio::spawn(served).abort_handle()
}

impl TlsParameters {
    fn read(self) -> Result<(SslMode, Option<Tls>), String> {
        let is_system = self.root.as_deref() == Some("system");
        // As libpq: `system` implies full verification, and less would be a mistake.
        let mode = self.mode.as_deref().unwrap_or(if is_system { "verify-full" } else { "prefer" });
        if is_system && mode != "verify-full" {
            return Err(format!(
                "weak sslmode \"{mode}\" may not be used with sslrootcert=system (use \"verify-full\")"
            ));
        }
        let (ssl_mode, verification) = match mode {
            "disable" => return Ok((SslMode::Disable, None)),
            "allow" | "prefer" => (SslMode::Prefer, Verification::None),
            // As libpq: whoever names authorities wants them used.
            "require" if self.root.is_some() => (SslMode::Require, Verification::Authority),
            "require" => (SslMode::Require, Verification::None),
            "verify-ca" => (SslMode::Require, Verification::Authority),
            "verify-full" => (SslMode::Require, Verification::Host),
            _ => {
                return Err(format!(
                    "sslmode \"{mode}\" is none of disable, allow, prefer, require, verify-ca, verify-full"
                ));
            }
        };
        let authorities = match self.root {
            Some(path) if path != "system" => Authorities::File(path.into()),
            _ => Authorities::System,
        };
        let client = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => {
                Some(ClientCertificate { certificate: certificate.into(), key: key.into() })
            }
            (None, None) => None,
            _ => return Err("sslcert and sslkey are given together".to_owned()),
        };
        Ok((ssl_mode, Some(Tls { verification, authorities, client })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls_of(query: &str) -> Result<Option<(Verification, Authorities)>, String> {
        let url = PostgresUrl::parse(&format!("postgres://u:p%40ss@db.example.com:5433/x?{query}"))?;
        Ok(url.tls.map(|tls| (tls.verification, tls.authorities)))
    }

    #[test]
    fn the_parameters_of_tls_mean_what_they_mean_to_libpq() {
        let system = |verification| Ok(Some((verification, Authorities::System)));
        let file = |verification| Ok(Some((verification, Authorities::File("/a b/root.crt".into()))));
        for (query, expected) in [
            ("sslmode=disable", Ok(None)),
            ("", system(Verification::None)),
            ("sslmode=require", system(Verification::None)),
            ("sslmode=require&sslrootcert=/a%20b/root.crt", file(Verification::Authority)),
            ("sslmode=verify-ca&sslrootcert=/a%20b/root.crt", file(Verification::Authority)),
            ("sslrootcert=/a%20b/root.crt&sslmode=verify-full", file(Verification::Host)),
            ("sslmode=verify-full", system(Verification::Host)),
            ("sslrootcert=system", system(Verification::Host)),
        ] {
            assert_eq!(tls_of(query), expected, "{query}");
        }
        for wrong in ["sslmode=full", "sslrootcert=system&sslmode=require", "sslcert=/a", "sslcrl=/a", "colour=red"] {
            let refused = tls_of(wrong).expect_err(wrong);
            assert!(!refused.contains("p@ss") && !refused.contains("p%40ss"), "{refused}");
        }
    }

    #[test]
    fn a_host_that_has_vanished_is_noticed_unless_the_url_says_otherwise() {
        let config = |query: &str| PostgresUrl::parse(&format!("postgres://u@h/x?{query}")).expect("a URL").config;
        let ours = config("");
        assert_eq!(
            (ours.get_connect_timeout(), ours.get_tcp_user_timeout()),
            (Some(&CONNECT_TIMEOUT), Some(&TCP_USER_TIMEOUT))
        );
        assert_eq!((ours.get_keepalives_idle(), ours.get_application_name()), (KEEPALIVE.0, Some("watchtape")));
        let own = config("tcp_user_timeout=60&keepalives_idle=90&application_name=other");
        assert_eq!(own.get_tcp_user_timeout(), Some(&Duration::from_secs(60)));
        assert_eq!((own.get_keepalives_idle(), own.get_application_name()), (Duration::from_secs(90), Some("other")));
    }
}
