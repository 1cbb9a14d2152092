//! Adding a mailbox or a webhook.

use super::super::panel::Panel;
use super::Destinations;
use crate::components::controls::choice::{ChoiceOption, Choices, SegmentedControl};
use crate::components::controls::field::{Field, FieldValue};
use crate::components::controls::form::{Form, Submission};
use crate::texts::destinations as t;
use leptos::prelude::*;
use watchtape_shared::destination::{MAX_URL_CHARS, NewDestination, WebhookFormat};
use watchtape_shared::text::DestinationName;

/// A mailbox, which is confirmed by a mailed link.
#[component]
pub(super) fn AddMail(list: Destinations) -> impl IntoView {
    let address = FieldValue::new();
    let submission = Submission::new();
    let submit = move |()| {
        let Some(email) = address.email() else { return };
        let new = NewDestination::Email { name: None, address: email };
        submission.begin(async move {
            match list.state.api.create_destination(&new).await {
                Ok(made) => {
                    let told = address.text();
                    address.clear();
                    list.put(made.destination);
                    list.state.toasts.show(t::mail_sent(&told));
                }
                Err(why) if address.note(&why, "/address") => {}
                Err(why) => return Err(why),
            }
            Ok(())
        });
    };
    view! {
        <Panel title=t::mail() about=t::mail_about()>
            <Form submission action=(t::add_mail(), t::adding_mail()) on_submit=submit>
                <Field
                    label=t::address()
                    name="destination-address"
                    kind="email"
                    autocomplete="email"
                    value=address.value
                    error=address.error
                />
            </Form>
        </Panel>
    }
}

/// A URL.
#[component]
pub(super) fn AddWebhook(list: Destinations) -> impl IntoView {
    let (url, name) = (FieldValue::new(), FieldValue::new());
    let format = RwSignal::new(WebhookFormat::Standard.as_str());
    let submission = Submission::new();
    let submit = move |()| {
        let Some(address) = read_url(url) else { return };
        let Some(called) = read_name(name) else { return };
        let chosen = WebhookFormat::ALL.into_iter().find(|one| one.as_str() == format.get_untracked());
        let new = NewDestination::Webhook { name: called, url: address, format: chosen.unwrap_or_default() };
        submission.begin(async move {
            match list.state.api.create_destination(&new).await {
                Ok(made) => {
                    url.clear();
                    name.clear();
                    list.add(made);
                }
                Err(why) if url.note(&why, "/url") || name.note(&why, "/name") => {}
                Err(why) => return Err(why),
            }
            Ok(())
        });
    };
    let formats = Choices {
        group: "webhook-format",
        label: t::format(),
        all: WebhookFormat::ALL
            .into_iter()
            .map(|one| ChoiceOption { name: one.as_str(), label: format_name(one), sample: None })
            .collect(),
        chosen: format.into(),
        choose: Callback::new(move |name| format.set(name)),
    };
    view! {
        <Panel title=t::webhook() about=t::webhook_about()>
            <Form submission action=(t::add_webhook(), t::adding_webhook()) on_submit=submit>
                <Field
                    label=t::url()
                    name="webhook-url"
                    kind="url"
                    autocomplete="off"
                    hint=t::url_hint()
                    value=url.value
                    error=url.error
                />
                <SegmentedControl picks=formats />
                <Field
                    label=t::name()
                    name="webhook-name"
                    kind="text"
                    autocomplete="off"
                    hint=t::name_hint()
                    value=name.value
                    error=name.error
                />
            </Form>
        </Panel>
    }
}

/// The names of products are the same in every language.
fn format_name(format: WebhookFormat) -> &'static str {
    match format {
        WebhookFormat::Standard => t::standard(),
        WebhookFormat::Slack => "Slack",
        WebhookFormat::Discord => "Discord",
        WebhookFormat::Ntfy => "ntfy",
    }
}

fn read_url(field: FieldValue) -> Option<String> {
    let url = field.text().trim().to_owned();
    let is_url = (url.starts_with("https://") || url.starts_with("http://")) && url.chars().count() <= MAX_URL_CHARS;
    if !is_url {
        field.refuse(t::url_rule());
    }
    is_url.then_some(url)
}

/// An optional name.
fn read_name(field: FieldValue) -> Option<Option<DestinationName>> {
    let text = field.text();
    if text.trim().is_empty() {
        return Some(None);
    }
    let name = DestinationName::parse(&text).ok();
    if name.is_none() {
        field.refuse(t::name_rule());
    }
    name.map(Some)
}
