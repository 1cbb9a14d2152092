//! The delivery of alerts to destinations: made of the settings, and its task.

use crate::auth::Secret;
use crate::config::Settings;
use crate::http::state::AppState;
use crate::notify::alert_mail::AlertMails;
use crate::notify::delivery::backlog::Limits;
use crate::notify::delivery::{Deliveries, Senders};
use crate::notify::mail_links::MailLinks;
use crate::notify::outbound::{Outbound, PublicResolver};
use crate::notify::state::{LinkOrigin, NotifyState};
use crate::notify::web_push::VapidKey;
use std::sync::Arc;
use tokio::sync::Notify;

/// The ways out. The origin is to be set before the delivery starts.
pub(super) fn notify_state(
    settings: &Settings,
    secret: &Secret,
    queued: Arc<Notify>,
) -> Result<(Arc<NotifyState>, LinkOrigin), String> {
    let (origin, links) = (LinkOrigin::default(), Arc::new(MailLinks::new(secret)));
    let alert_mails = |mailer| AlertMails { mailer, links: links.clone(), origin: origin.clone() };
    let senders = Senders {
        outbound: Outbound::new(PublicResolver::of_system(settings.notify_allow.clone()))?,
        vapid: VapidKey::new(secret, settings.push_contact()),
        mails: settings.mailer()?.map(alert_mails),
        origin: origin.clone(),
    };
    Ok((Arc::new(NotifyState { senders: Arc::new(senders), links, queued }), origin))
}

/// Starts the task that drains the outbox.
pub(super) fn start(state: &AppState) {
    let deliveries = Arc::new(Deliveries {
        db: state.db.clone(),
        senders: state.notify.senders.clone(),
        queued: state.notify.queued.clone(),
        limits: Limits::default(),
        metrics: state.metrics.clone(),
    });
    state.tasks.supervise("deliveries", move || deliveries.clone().run());
}
