//! A destination that is dead, slow or broken delays no other account's: shown by what has come while it has not.

use super::scene::{self, Scene, owner_of, webhook};
use crate::support::receiver::Receiver;
use crate::support::vendor::Reply;
use crate::support::{Backend, on_both_databases};
use serde_json::json;

on_both_databases!(others_are_sent_theirs_while_every_place_of_an_account_hangs);

async fn others_are_sent_theirs_while_every_place_of_an_account_hangs(backend: Backend) {
    let scene = Scene::set(backend).await;
    let silent = Receiver::answering(|_| Reply::Stall(Vec::new())).await;
    let broken = Receiver::answering(|_| Reply::with(500, &[], "no")).await;
    let mut hooks = Vec::new();
    for _ in 0..8 {
        hooks.push(scene.webhook(&silent.url("/"), "standard").await);
        hooks.push(scene.webhook(&broken.url("/"), "standard").await);
    }
    for _ in 0..10 {
        scene.trigger(&hooks.iter().collect::<Vec<_>>(), json!({}));
    }
    // As many as one account may have under way.
    silent.until(8).await;
    let other = scene.server.client().register().await;
    let (owner, receiver) = (owner_of(&other).await, Receiver::start().await);
    let hook = webhook(&other, &receiver.url("/"), "standard").await;
    for _ in 0..20 {
        scene::trigger(&scene.server, &owner, &[&hook], json!({}));
    }
    receiver.until(20).await;
    let ended = async || {
        let mut ended = 0;
        for hook in hooks.iter().step_by(2) {
            ended += scene.deliveries(hook).await.iter().filter(|one| one["tries"] != 0).count();
        }
        ended
    };
    assert!(ended().await < 80, "those that hang hang still");
    assert!(silent.connections() <= 16, "an account has 16 places: {}", silent.connections());
}
