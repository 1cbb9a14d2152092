//! A trigger as a sentence for people, in English: what webhooks for chats, mails and push messages say.

use crate::db::delivery::Payload;
use chrono::{DateTime, Utc};
use watchtape_shared::alert::{AlertEvent, Condition};
use watchtape_shared::quote::Mode;
use watchtape_shared::{AlertEventId, Percent, Price};

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The symbol; the server's name for a test.
    pub title: String,
    /// What happened.
    pub sentence: String,
    /// What the owner noted at the alert.
    pub note: Option<String>,
    /// The page of the app that shows more, from its origin.
    pub path: String,
    /// The trigger; `None` for a test.
    pub event_id: Option<AlertEventId>,
}

impl Message {
    /// What is said of this payload.
    pub fn of(payload: &Payload) -> Self {
        match payload {
            Payload::Trigger(event) => Self {
                title: event.symbol.to_string(),
                sentence: sentence(event),
                note: event.note.as_ref().map(|note| note.as_str().to_owned()),
                path: format!("/securities/{}", event.symbol),
                event_id: Some(event.id.clone()),
            },
            Payload::Test | Payload::Confirmation => Self {
                title: "Watchtape".to_owned(),
                sentence: "This is a test: your alerts arrive here.".to_owned(),
                note: None,
                path: "/".to_owned(),
                event_id: None,
            },
        }
    }

    /// The sentence, and the note below it, cut to so many characters.
    pub fn text(&self, max_note_chars: usize) -> String {
        match &self.note {
            None => self.sentence.clone(),
            Some(note) => format!("{}\n{}", self.sentence, cut(note, max_note_chars)),
        }
    }
}

/// A text of at most so many characters, which says where it was cut.
pub fn cut(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    text.chars().take(max_chars.saturating_sub(1)).chain(['…']).collect()
}

/// "AAPL rose above 200.00: 200.31 (simulated), 14:32:10 UTC".
pub fn sentence(event: &AlertEvent) -> String {
    let price = event.price.map(|price| format!(": {}", decimals(price))).unwrap_or_default();
    let mode = match event.mode {
        Mode::Live => "",
        Mode::Delayed => " (delayed)",
        Mode::Simulated => " (simulated)",
        Mode::Replay => " (replayed)",
    };
    let late = event.late_s.map(|seconds| format!(", up to {} late", duration(seconds))).unwrap_or_default();
    format!("{} {}{price}{mode}, {}{late}", event.symbol, happening(event), time(event.as_of, event.triggered_at))
}

fn happening(event: &AlertEvent) -> String {
    let rose = |percent: Percent, up: &str, down: &str| {
        let way = if percent.millionths() < 0 { down } else { up };
        format!("{way} {}%", percent.to_string().trim_start_matches('-'))
    };
    match event.condition {
        Condition::Crosses { price } => match event.price {
            Some(now) if event.previous_price.is_some_and(|before| before < now) => {
                format!("rose to {}", decimals(price))
            }
            Some(now) if event.previous_price.is_some_and(|before| before > now) => {
                format!("fell to {}", decimals(price))
            }
            _ => format!("crossed {}", decimals(price)),
        },
        Condition::CrossesAbove { price } => format!("rose above {}", decimals(price)),
        Condition::CrossesBelow { price } => format!("fell below {}", decimals(price)),
        Condition::Above { price } => format!("is above {}", decimals(price)),
        Condition::Below { price } => format!("is below {}", decimals(price)),
        Condition::ChangePercent { percent } => {
            format!("{} since the previous close", rose(percent, "is up", "is down"))
        }
        Condition::MovesPercent { percent, within_minutes } => {
            let window = duration(u32::from(within_minutes) * 60);
            format!("{} within {window}", rose(percent, "rose by", "fell by"))
        }
        Condition::Enters { low, high } => format!("came between {} and {}", decimals(low), decimals(high)),
        Condition::Leaves { low, high } => format!("left {} to {}", decimals(low), decimals(high)),
        Condition::NewHigh { days } => format!("is at a new high of {days} days"),
        Condition::NewLow { days } => format!("is at a new low of {days} days"),
        Condition::Stale { minutes } => format!("has had no price for {}", duration(u32::from(minutes) * 60)),
    }
}

/// At least two decimals, as prices are written.
fn decimals(price: Price) -> String {
    let text = price.to_string();
    match text.split_once('.') {
        None => format!("{text}.00"),
        Some((_, decimals)) if decimals.len() < 2 => format!("{text}0"),
        Some(_) => text,
    }
}

/// The time of day, with the day where it was another than that of the trigger.
fn time(as_of: DateTime<Utc>, triggered_at: DateTime<Utc>) -> String {
    let is_same_day = as_of.date_naive() == triggered_at.date_naive();
    as_of.format(if is_same_day { "%H:%M:%S UTC" } else { "%Y-%m-%d %H:%M:%S UTC" }).to_string()
}

fn duration(seconds: u32) -> String {
    let of = |count: u32, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    match seconds {
        0..120 => of(seconds, "second"),
        120..7_200 => of(seconds.div_ceil(60), "minute"),
        7_200..172_800 => of(seconds.div_ceil(3_600), "hour"),
        _ => of(seconds.div_ceil(86_400), "day"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A trigger with these members.
    pub(crate) fn event(members: Value) -> AlertEvent {
        let mut event = json!({
            "id": "evt_01kaq2f8s5e8rvm0r2j5c4n6xt", "alert_id": "alr_01kaq2f8s5e8rvm0r2j5c4n6xt", "symbol": "AAPL",
            "condition": { "type": "crosses_above", "price": "200" }, "note": null, "price": "200.31",
            "previous_price": "199.9", "as_of": "2026-11-20T14:32:10Z", "source": "finnhub", "mode": "live",
            "triggered_at": "2026-11-20T14:32:11Z", "late_s": null,
        });
        let Value::Object(members) = members else { panic!("members") };
        for (name, value) in members {
            event[name] = value;
        }
        serde_json::from_value(event).expect("a trigger")
    }

    #[test]
    fn a_trigger_is_a_sentence() {
        for (members, said) in [
            (json!({ "mode": "simulated" }), "AAPL rose above 200.00: 200.31 (simulated), 14:32:10 UTC"),
            (json!({ "late_s": 95 }), "AAPL rose above 200.00: 200.31, 14:32:10 UTC, up to 95 seconds late"),
            (
                json!({ "late_s": 40_000, "triggered_at": "2026-11-21T01:40:00Z", "mode": "delayed" }),
                "AAPL rose above 200.00: 200.31 (delayed), 2026-11-20 14:32:10 UTC, up to 12 hours late",
            ),
            (
                json!({ "condition": { "type": "crosses", "price": "200.5" }, "price": "200.4", "previous_price": "201" }),
                "AAPL fell to 200.50: 200.40, 14:32:10 UTC",
            ),
            (
                json!({ "condition": { "type": "moves_percent", "percent": "-2.5", "within_minutes": 15 } }),
                "AAPL fell by 2.5% within 15 minutes: 200.31, 14:32:10 UTC",
            ),
            (
                json!({ "condition": { "type": "change_percent", "percent": "5" } }),
                "AAPL is up 5% since the previous close: 200.31, 14:32:10 UTC",
            ),
            (
                json!({ "condition": { "type": "leaves", "low": "180", "high": "200.1234" } }),
                "AAPL left 180.00 to 200.1234: 200.31, 14:32:10 UTC",
            ),
            (
                json!({ "condition": { "type": "new_high", "days": 20 } }),
                "AAPL is at a new high of 20 days: 200.31, 14:32:10 UTC",
            ),
            (
                json!({ "condition": { "type": "stale", "minutes": 10 }, "price": null }),
                "AAPL has had no price for 10 minutes, 14:32:10 UTC",
            ),
        ] {
            assert_eq!(sentence(&event(members)), said);
        }
    }

    #[test]
    fn a_long_note_is_cut() {
        let trigger = event(json!({ "note": "é".repeat(500) }));
        let message = Message::of(&Payload::Trigger(Box::new(trigger)));
        assert!(message.text(100).ends_with("é…"));
        assert_eq!(message.text(100).chars().count(), message.sentence.chars().count() + 101);
    }
}
