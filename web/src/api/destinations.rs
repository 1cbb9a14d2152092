//! Destinations of alerts.

use super::call::Call;
use super::{Api, Failure, IdempotencyKey};
use watchtape_shared::destination::{
    Delivery, Destination, DestinationConfirmation, DestinationPatch, DestinationWithSecret, NewDestination, PushKey,
};
use watchtape_shared::{DestinationId, Page};

impl Api {
    /// Every destination; 20 at most, so one page holds them.
    pub(crate) async fn list_destinations(self) -> Result<Vec<Destination>, Failure> {
        let page: Page<Destination> = self.authorised(Call::get("/me/destinations")).await?.json()?;
        Ok(page.items)
    }

    /// Makes a destination. Only this response contains a webhook's secret.
    pub(crate) async fn create_destination(self, new: &NewDestination) -> Result<DestinationWithSecret, Failure> {
        self.create(Call::post_json("/me/destinations", new), &IdempotencyKey::new()).await?.json()
    }

    /// Pauses, resumes or renames a destination.
    pub(crate) async fn update_destination(
        self,
        id: &DestinationId,
        patch: &DestinationPatch,
    ) -> Result<Destination, Failure> {
        self.authorised(Call::merge_patch(format!("/me/destinations/{id}"), patch)).await?.json()
    }

    /// Deletes a destination.
    pub(crate) async fn delete_destination(self, id: &DestinationId) -> Result<(), Failure> {
        self.authorised(Call::delete(format!("/me/destinations/{id}"))).await.map(drop)
    }

    /// Sends a test now, and tells how it went.
    pub(crate) async fn test_destination(self, id: &DestinationId) -> Result<Delivery, Failure> {
        self.authorised(Call::post(format!("/me/destinations/{id}/test"))).await?.json()
    }

    /// Replaces a webhook's secret. Only this response contains the new one.
    pub(crate) async fn rotate_destination_secret(self, id: &DestinationId) -> Result<DestinationWithSecret, Failure> {
        self.authorised(Call::post(format!("/me/destinations/{id}/rotate-secret"))).await?.json()
    }

    /// The last deliveries, the newest first.
    pub(crate) async fn list_deliveries(self, id: &DestinationId) -> Result<Vec<Delivery>, Failure> {
        let page: Page<Delivery> =
            self.authorised(Call::get(format!("/me/destinations/{id}/deliveries"))).await?.json()?;
        Ok(page.items)
    }

    /// What a browser needs to subscribe to push messages.
    pub(crate) async fn get_push_key(self) -> Result<PushKey, Failure> {
        self.authorised(Call::get("/me/push-key")).await?.json()
    }

    /// Confirms a mailbox by the token of a mailed link. Needs no session.
    pub(crate) async fn confirm_destination(self, token: &str) -> Result<(), Failure> {
        Call::post_json("/destinations/confirm", &DestinationConfirmation { token: token.to_owned() })
            .send(None)
            .await
            .map(drop)
    }
}
