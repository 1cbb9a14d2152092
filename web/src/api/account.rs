//! Calls of signing in and out.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::account::{Login, PasswordReset, Register, ResetRequest, SignedIn};

impl Api {
    /// Opens an account and signs in.
    pub(crate) async fn register(self, body: &Register) -> Result<SignedIn, Failure> {
        Call::post_json("/auth/register", body).send(None).await?.json()
    }

    /// Signs in.
    pub(crate) async fn log_in(self, body: &Login) -> Result<SignedIn, Failure> {
        Call::post_json("/auth/login", body).send(None).await?.json()
    }

    /// Has a link to set a new password mailed.
    pub(crate) async fn ask_for_link(self, body: &ResetRequest) -> Result<(), Failure> {
        Call::post_json("/auth/forgot", body).send(None).await.map(drop)
    }

    /// Sets a new password by a link.
    pub(crate) async fn reset_password(self, body: &PasswordReset) -> Result<(), Failure> {
        Call::post_json("/auth/reset", body).send(None).await.map(drop)
    }

    /// Ends this browser's session on the server; the cookie says which.
    pub(crate) async fn log_out(self) -> Result<(), Failure> {
        Call::post("/auth/logout").send(self.session.token().as_deref()).await.map(drop)
    }

    pub(super) async fn refresh(self) -> Result<SignedIn, Failure> {
        Call::post("/auth/refresh").send(None).await?.json()
    }
}
