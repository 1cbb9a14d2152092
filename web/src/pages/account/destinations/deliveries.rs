//! The last deliveries to a destination.

use crate::api::Failure;
use crate::i18n::{self, date_time};
use crate::state::state;
use crate::texts::{account, destinations as t};
use crate::view::reactive::dynamic;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::DestinationId;
use watchtape_shared::destination::{Delivery, DeliveryState};

/// The list, the newest first.
#[component]
pub(super) fn Deliveries(id: DestinationId) -> impl IntoView {
    let state = state();
    let read = RwSignal::new(None::<Result<Vec<Delivery>, Failure>>);
    spawn_local(async move {
        let answer = state.api.list_deliveries(&id).await;
        // The list may have been closed.
        read.try_set(Some(answer));
    });
    dynamic(move || match read.get() {
        None => view! { <div class="entries-loading" role="status" aria-label=account::loading()></div> }.into_any(),
        Some(Err(failure)) => view! { <p role="alert">{i18n::failure::sentence(&failure)}</p> }.into_any(),
        Some(Ok(all)) if all.is_empty() => view! { <p class="entry-details">{t::no_deliveries()}</p> }.into_any(),
        Some(Ok(all)) => {
            let rows = all.iter().map(row).collect_view();
            view! { <ol class="destination-deliveries" aria-label=t::deliveries()>{rows}</ol> }.into_any()
        }
    })
}

fn row(delivery: &Delivery) -> AnyView {
    let mut parts = Vec::new();
    if delivery.event_id.is_none() {
        parts.push(t::test().to_owned());
    }
    if delivery.tries > 1 {
        parts.push(t::tries(&delivery.tries));
    }
    parts.extend(delivery.took_ms.map(|took_ms| [&took_ms.to_string(), " ms"].concat()));
    if delivery.state != DeliveryState::Delivered {
        parts.push(why(delivery));
    }
    parts.extend(delivery.due_at.map(|at| t::next_try(&date_time::date_and_seconds(at))));
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let said = match delivery.state {
        DeliveryState::Pending => t::pending(),
        DeliveryState::Delivered => t::delivered(),
        DeliveryState::Failed => t::failed(),
    };
    view! {
        <li data-state=delivery.state.as_str()>
            <span>{date_time::date_and_seconds(delivery.created_at)}</span>
            " "
            <b>{said}</b>
            " "
            <span dir="auto">{parts.join(" · ")}</span>
        </li>
    }
    .into_any()
}

/// Why the last try failed: the status, the reason, and what was answered.
pub(super) fn why(delivery: &Delivery) -> String {
    let status = delivery.status.map(|status| t::status(&status));
    let parts: Vec<String> = status.into_iter().chain(delivery.error.clone()).chain(delivery.answer.clone()).collect();
    parts.join(": ")
}
