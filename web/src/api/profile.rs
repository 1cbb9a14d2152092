//! The signed-in account.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::account::{Deletion, KeepAccount, PasswordChange, User, UserPatch};

impl Api {
    /// Changes the name or the address.
    pub(crate) async fn update_me(self, patch: &UserPatch) -> Result<User, Failure> {
        self.authorised(Call::merge_patch("/me", patch)).await?.json()
    }

    /// Sets another password; every other device is signed out.
    pub(crate) async fn change_password(self, change: &PasswordChange) -> Result<(), Failure> {
        self.authorised(Call::with_json("PUT", "/me/password", change)).await.map(drop)
    }

    /// Makes a guest's account permanent.
    pub(crate) async fn keep_me(self, keep: &KeepAccount) -> Result<User, Failure> {
        self.authorised(Call::post_json("/me/keep", keep)).await?.json()
    }

    /// Everything that is kept about the account, as JSON.
    pub(crate) async fn export_me(self) -> Result<String, Failure> {
        self.authorised(Call::get("/me/export")).await.map(|answer| answer.text())
    }

    /// Deletes the account and everything in it.
    pub(crate) async fn delete_me(self, deletion: &Deletion) -> Result<(), Failure> {
        self.authorised(Call::with_json("DELETE", "/me", deletion)).await.map(drop)
    }
}
