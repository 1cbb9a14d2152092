//! Signing in, signing up, signing out, and password resets.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::account::{
    GuestAvailability, GuestSignIn, Login, PasswordReset, Register, ResetRequest, SignedIn, Transport,
};

impl Api {
    /// Creates an account and signs in.
    pub(crate) async fn register(self, body: &Register) -> Result<SignedIn, Failure> {
        self.sign_in(Call::post_json("/auth/register", body)).await
    }

    /// Signs in.
    pub(crate) async fn log_in(self, body: &Login) -> Result<SignedIn, Failure> {
        self.sign_in(Call::post_json("/auth/login", body)).await
    }

    /// Whether the server accepts guests now, and who may open an account.
    pub(crate) async fn entry(self) -> Result<GuestAvailability, Failure> {
        Call::get("/auth/guest").send(None).await?.json()
    }

    /// Signs in as a new guest, with a first list.
    pub(crate) async fn sign_in_as_guest(self) -> Result<SignedIn, Failure> {
        self.sign_in(Call::post_json("/auth/guest", &GuestSignIn { transport: Transport::Cookie })).await
    }

    /// Has a password reset link mailed.
    pub(crate) async fn request_password_reset(self, body: &ResetRequest) -> Result<(), Failure> {
        Call::post_json("/auth/forgot", body).send(None).await.map(drop)
    }

    /// Sets a new password with a link's token.
    pub(crate) async fn reset_password(self, body: &PasswordReset) -> Result<(), Failure> {
        Call::post_json("/auth/reset", body).send(None).await.map(drop)
    }

    /// Ends this browser's session on the server; the cookie says which.
    pub(crate) async fn log_out(self) -> Result<(), Failure> {
        Call::post("/auth/logout").send(self.access.get().as_deref()).await.map(drop)
    }

    /// Ends every session of the account on the server.
    pub(crate) async fn log_out_everywhere(self) -> Result<(), Failure> {
        Call::post("/auth/logout-all").send(self.access.get().as_deref()).await.map(drop)
    }

    pub(super) async fn refresh(self) -> Result<SignedIn, Failure> {
        self.sign_in(Call::post("/auth/refresh")).await
    }

    /// The first call of every page, and never answered from a cache.
    async fn sign_in(self, call: Call) -> Result<SignedIn, Failure> {
        let answer = call.send(None).await?;
        self.report_time(&answer);
        answer.json()
    }
}
