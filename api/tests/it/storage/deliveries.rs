//! The outbox: who is given which rows.

use super::{new_user, open};
use crate::support::{Backend, on_both_databases};
use chrono::TimeDelta;
use std::collections::HashSet;
use watchtape::db::Db;
use watchtape::db::delivery;
use watchtape::db::destination::{self, NewRow, Target};
use watchtape::db::due_delivery::{self, Wanted};
use watchtape::ids;
use watchtape_shared::destination::WebhookFormat;
use watchtape_shared::{DestinationId, UserId};

on_both_databases!(a_delivery_is_taken_by_one_node, an_account_with_many_leaves_others_their_part);

/// A destination of this account with so many confirmations queued, which are the simplest deliveries.
async fn destination(db: &Db, owner: &UserId) -> DestinationId {
    let (owner, id) = (owner.clone(), ids::destination());
    let made = id.clone();
    db.write(move |connection| {
        let target =
            Target::Webhook { url: "https://example.com/".to_owned(), format: WebhookFormat::Slack, secrets: vec![] };
        let new = NewRow { id: made.clone(), name: "A hook".parse().expect("a name"), target, confirm_hash: None };
        destination::create(connection, &owner, new)?;
        delivery::queue_confirmation(connection, &owner, &made)
    })
    .await
    .expect("a destination");
    id
}

async fn take(db: &Db, wanted: &Wanted) -> Vec<String> {
    let wanted = wanted.clone();
    let taken = db.write(move |connection| due_delivery::take_due(connection, &wanted, TimeDelta::minutes(1))).await;
    taken.expect("rows").into_iter().map(|due| due.id).collect()
}

async fn a_delivery_is_taken_by_one_node(backend: Backend) {
    let (_database, db) = open(backend).await;
    let (user, _) = new_user(&db, "a@example.com").await.expect("an account");
    for _ in 0..18 {
        destination(&db, &user.id).await;
    }
    let wanted = Wanted { healthy: 12, failing: 5, per_account: 50, ..Wanted::default() };
    let (first, second) = tokio::join!(take(&db, &wanted), take(&db, &wanted));
    let all: HashSet<&String> = first.iter().chain(&second).collect();
    assert_eq!((first.len() + second.len(), all.len()), (all.len(), all.len()), "none twice");
    let rest = take(&db, &Wanted { healthy: 50, ..wanted.clone() }).await;
    assert_eq!(all.len() + rest.len(), 18);
    assert!(take(&db, &wanted).await.is_empty());
    let given_back = rest.clone();
    db.write(move |connection| due_delivery::release(connection, &given_back)).await.expect("a change");
    assert_eq!(take(&db, &Wanted { healthy: 50, ..wanted }).await.len(), rest.len());
}

async fn an_account_with_many_leaves_others_their_part(backend: Backend) {
    let (_database, db) = open(backend).await;
    let (many, _) = new_user(&db, "a@example.com").await.expect("an account");
    let (few, _) = new_user(&db, "b@example.com").await.expect("an account");
    for _ in 0..15 {
        destination(&db, &many.id).await;
    }
    let last = destination(&db, &few.id).await;
    let wanted = Wanted { healthy: 6, failing: 0, per_account: 4, ..Wanted::default() };
    let taken = take(&db, &wanted).await;
    assert_eq!(taken.len(), 5, "four of the one, and the newer one of the other");
    assert!(taken.contains(&format!("confirm_{last}")));
    let full = Wanted { full_accounts: vec![many.id.clone()], ..wanted.clone() };
    assert!(take(&db, &full).await.is_empty());
    let disable = format!("UPDATE users SET disabled_at = '2020-01-01 00:00:00' WHERE id = '{}'", many.id);
    let disable = move |connection: &mut watchtape::db::DbConnection| {
        Ok(diesel::connection::SimpleConnection::batch_execute(connection, &disable)?)
    };
    db.write(disable).await.expect("a change");
    assert!(take(&db, &wanted).await.is_empty(), "an account that is barred is sent nothing");
}
