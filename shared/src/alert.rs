//! Price alerts: what is watched for, and what was seen.

use crate::quote::Mode;
use crate::text::Note;
use crate::{AlertEventId, AlertId, DestinationId, Invalid, Patch, Percent, Price, Symbol, patch};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most alerts of one account, unless the operator sets another number.
pub const MAX_ALERTS: usize = 500;
/// The most destinations of one alert.
pub const MAX_ALERT_DESTINATIONS: usize = 20;
/// The most entries of one bulk change.
pub const MAX_BULK: usize = 500;
/// The shortest pause between two triggers of one alert, in seconds.
pub const MIN_COOLDOWN_S: u32 = 60;
/// The longest: a year.
pub const MAX_COOLDOWN_S: u32 = 31_536_000;
/// How far a price goes back before its level is watched again, unless said otherwise.
pub const DEFAULT_REARM: Percent = Percent::of_tenths(1);
/// The most of it.
pub const MAX_REARM: Percent = Percent::of_tenths(500);
/// The longest window of `moves_percent`, in minutes.
pub const MAX_WINDOW_MINUTES: u16 = 1_440;
/// The days of `new_high` and `new_low`.
pub const DAYS: std::ops::RangeInclusive<u16> = 5..=1_300;
/// The minutes of `stale`.
pub const STALE_MINUTES: std::ops::RangeInclusive<u16> = 1..=1_440;

/// What an alert watches for. Prices are in the security's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Condition {
    /// The price was on one side of the level, and is now at or beyond it. The first price only sets the side.
    Crosses {
        /// The level.
        price: Price,
    },
    /// The price was below the level, and is now at or above it.
    CrossesAbove {
        /// The level.
        price: Price,
    },
    /// The price was above the level, and is now at or below it.
    CrossesBelow {
        /// The level.
        price: Price,
    },
    /// The price is at or above the level, also at once.
    Above {
        /// The level.
        price: Price,
    },
    /// The price is at or below the level, also at once.
    Below {
        /// The level.
        price: Price,
    },
    /// The change since the previous close is at or beyond this.
    ChangePercent {
        /// Above zero for a rise, below for a fall.
        percent: Percent,
    },
    /// The change against the oldest price of the window is at or beyond this.
    MovesPercent {
        /// Above zero for a rise, below for a fall.
        percent: Percent,
        /// The window, 1 to 1,440 minutes.
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1440))]
        within_minutes: u16,
    },
    /// The price was outside the channel, and is now within it, its bounds included.
    Enters {
        /// The lower bound.
        low: Price,
        /// The upper bound, above the lower.
        high: Price,
    },
    /// The price was within the channel, and is now outside.
    Leaves {
        /// The lower bound.
        low: Price,
        /// The upper bound, above the lower.
        high: Price,
    },
    /// The price is above every daily bar of so many days before.
    NewHigh {
        /// Trading days, 5 to 1,300.
        #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 1300))]
        days: u16,
    },
    /// The price is below every daily bar of so many days before.
    NewLow {
        /// Trading days, 5 to 1,300.
        #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 1300))]
        days: u16,
    },
    /// There has been no price for so long while the exchange is open.
    Stale {
        /// 1 to 1,440 minutes.
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1440))]
        minutes: u16,
    },
}

impl Condition {
    /// Checks what the types of the members leave open. An error names the member.
    pub fn check(&self) -> Result<(), (&'static str, Invalid)> {
        let is_fine = match self {
            Self::ChangePercent { percent } if percent.is_zero() => Err(("percent", "a change is not zero")),
            Self::MovesPercent { percent, .. } if percent.is_zero() => Err(("percent", "a change is not zero")),
            Self::MovesPercent { within_minutes, .. } if !(1..=MAX_WINDOW_MINUTES).contains(within_minutes) => {
                Err(("within_minutes", "a window is 1 to 1,440 minutes"))
            }
            Self::Enters { low, high } | Self::Leaves { low, high } if low >= high => {
                Err(("high", "the upper bound is above the lower"))
            }
            Self::NewHigh { days } | Self::NewLow { days } if !DAYS.contains(days) => {
                Err(("days", "days are 5 to 1,300"))
            }
            Self::Stale { minutes } if !STALE_MINUTES.contains(minutes) => Err(("minutes", "minutes are 1 to 1,440")),
            _ => Ok(()),
        };
        is_fine.map_err(|(member, reason)| (member, Invalid(reason)))
    }
}

/// How often an alert triggers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Frequency {
    /// Once; then it is `triggered`.
    #[default]
    Once,
    /// Once on each trading day of the exchange.
    OncePerSession,
    /// Every time, with at least `cooldown_s` in between.
    EveryTime,
}

impl Frequency {
    /// Every frequency.
    pub const ALL: [Self; 3] = [Self::Once, Self::OncePerSession, Self::EveryTime];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::OncePerSession => "once_per_session",
            Self::EveryTime => "every_time",
        }
    }
}

/// Which prices count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AlertSession {
    /// Those of regular hours.
    #[default]
    Regular,
    /// Those outside regular hours too.
    Extended,
}

impl AlertSession {
    /// Every session.
    pub const ALL: [Self; 2] = [Self::Regular, Self::Extended];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Extended => "extended",
        }
    }
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AlertState {
    /// It is watched for.
    Active,
    /// Its owner has paused it.
    Paused,
    /// It was to trigger once, and has.
    Triggered,
    /// Its time is over.
    Expired,
}

impl AlertState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Paused, Self::Triggered, Self::Expired];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Triggered => "triggered",
            Self::Expired => "expired",
        }
    }
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    /// Names the alert.
    pub id: AlertId,
    /// Which security.
    pub symbol: Symbol,
    /// What it watches for.
    pub condition: Condition,
    /// How often it triggers.
    pub frequency: Frequency,
    /// The least seconds between two triggers of `every_time`; null for the others.
    pub cooldown_s: Option<u32>,
    /// How far the price goes back after a trigger before it is watched for again: a share of the level, or percentage points of
    /// a change.
    pub rearm_percent: Percent,
    /// Which prices count.
    pub session: AlertSession,
    /// When it ends; null: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// What its owner noted.
    pub note: Option<Note>,
    /// Where a trigger is sent, beside the app.
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub destinations: Vec<DestinationId>,
    /// Where it stands.
    pub state: AlertState,
    /// Counts its changes, triggers among them; its `ETag`.
    pub version: u64,
    /// How often it has triggered.
    pub trigger_count: u32,
    /// When it last did; null: never.
    pub last_triggered_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Makes an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAlert {
    /// Which security of the catalogue: its symbol, also as other products write it (`BRK-B`, `BRK/B`, `NYSE:BRK.B`), or its
    /// ISIN.
    #[cfg_attr(feature = "openapi", schema(example = "AAPL"))]
    pub symbol: String,
    /// What it watches for.
    pub condition: Condition,
    /// How often it triggers; `once` unless said.
    #[serde(default)]
    pub frequency: Frequency,
    /// For `every_time` alone: the least seconds between two triggers, 60 at least and unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 60, maximum = 31536000, example = json!(null)))]
    pub cooldown_s: Option<u32>,
    /// How far the price goes back after a trigger before it is watched for again, 0 to 50; 0.1 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rearm_percent: Option<Percent>,
    /// Which prices count; `regular` unless said.
    #[serde(default)]
    pub session: AlertSession,
    /// When it ends; never unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "2036-01-01T00:00:00Z"))]
    pub expires_at: Option<DateTime<Utc>>,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// Where a trigger is sent, beside the app.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 20, example = json!([])))]
    pub destinations: Vec<DestinationId>,
}

/// Changes an alert. What decides when it triggers starts it anew: the first price sets the side.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertPatch {
    /// What it watches for.
    #[serde(deserialize_with = "patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Condition, required = false))]
    pub condition: Option<Condition>,
    /// How often it triggers.
    #[serde(deserialize_with = "patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Frequency, required = false))]
    pub frequency: Option<Frequency>,
    /// The least seconds between two triggers of `every_time`; null is 60.
    #[serde(skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 60, maximum = 31536000, example = json!(null)))]
    pub cooldown_s: Patch<u32>,
    /// How far the price goes back.
    #[serde(deserialize_with = "patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Percent, required = false))]
    pub rearm_percent: Option<Percent>,
    /// Which prices count.
    #[serde(deserialize_with = "patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = AlertSession, required = false))]
    pub session: Option<AlertSession>,
    /// When it ends; null: never.
    #[serde(skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<DateTime<Utc>>, example = "2036-01-01T00:00:00Z"))]
    pub expires_at: Patch<DateTime<Utc>>,
    /// The note; null takes it away.
    #[serde(skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Note>))]
    pub note: Patch<Note>,
    /// All of its destinations.
    #[serde(deserialize_with = "patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<DestinationId>, required = false, max_items = 20, example = json!([])))]
    pub destinations: Option<Vec<DestinationId>>,
}

/// Changes many alerts in one transaction: all of it or nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkAlerts {
    /// To be made.
    #[cfg_attr(feature = "openapi", schema(max_items = 500))]
    pub create: Vec<NewAlert>,
    /// To be paused.
    #[cfg_attr(feature = "openapi", schema(max_items = 500, example = json!([])))]
    pub pause: Vec<AlertId>,
    /// To be watched for again.
    #[cfg_attr(feature = "openapi", schema(max_items = 500, example = json!([])))]
    pub resume: Vec<AlertId>,
    /// To be deleted.
    #[cfg_attr(feature = "openapi", schema(max_items = 500, example = json!([])))]
    pub delete: Vec<AlertId>,
}

/// What a bulk change did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkAlertsResult {
    /// The new alerts, in the order in which they were asked for.
    pub created: Vec<Alert>,
    /// Those that were paused or resumed.
    pub changed: Vec<Alert>,
    /// Those that were deleted.
    pub deleted: Vec<AlertId>,
    /// Those that are not there.
    pub not_found: Vec<AlertId>,
}

/// A trigger of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertEvent {
    /// Names the trigger.
    pub id: AlertEventId,
    /// The alert, which may have been deleted since.
    pub alert_id: AlertId,
    /// Which security.
    pub symbol: Symbol,
    /// What was watched for.
    pub condition: Condition,
    /// The alert's note.
    pub note: Option<Note>,
    /// The price that met it; null where it is that there was none.
    pub price: Option<Price>,
    /// The price before it that was compared with; null where there was none.
    pub previous_price: Option<Price>,
    /// When the price was made.
    pub as_of: DateTime<Utc>,
    /// Where the price comes from.
    #[cfg_attr(feature = "openapi", schema(example = "finnhub"))]
    pub source: String,
    /// How its source comes to it.
    pub mode: Mode,
    /// When it was seen.
    pub triggered_at: DateTime<Utc>,
    /// The most seconds by which it is late, where the server was stopped, or another took over, in between; null where it is not.
    pub late_s: Option<u32>,
}

/// Asks when an alert would have triggered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewRequest {
    /// Which security of the catalogue: its symbol, also as other products write it (`BRK-B`, `BRK/B`, `NYSE:BRK.B`), or its
    /// ISIN.
    #[cfg_attr(feature = "openapi", schema(example = "AAPL"))]
    pub symbol: String,
    /// What is watched for.
    pub condition: Condition,
    /// Which prices count; `regular` unless said.
    #[serde(default)]
    pub session: AlertSession,
    /// How many days back, 1 to 1,300; 30 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1300, example = 30))]
    pub days: Option<u16>,
}

/// How exactly it is known what prices were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Resolution {
    /// To the minute.
    Minute,
    /// To the day.
    Day,
}

/// A part of the past, and how exactly it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewPart {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends.
    pub to: DateTime<Utc>,
    /// How exactly it is known.
    pub resolution: Resolution,
}

/// A trigger that would have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewTrigger {
    /// When the bar begins in which it would have been.
    pub at: DateTime<Utc>,
    /// The price that would have met it, as far as the bar shows.
    pub price: Price,
    /// How exactly it is known.
    pub resolution: Resolution,
}

/// When an alert would have triggered, over the stored bars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// How often, even where `triggers` has not all of them.
    pub count: u32,
    /// The newest, at most 100, in the order of time.
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub triggers: Vec<PreviewTrigger>,
    /// The parts of the past that bars were there for.
    pub parts: Vec<PreviewPart>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(json: &str) -> Result<Condition, String> {
        let condition: Condition = serde_json::from_str(json).map_err(|error| error.to_string())?;
        condition.check().map(|()| condition).map_err(|(member, reason)| format!("{member}: {reason}"))
    }

    #[test]
    fn a_condition_has_the_members_of_its_type() {
        assert!(condition(r#"{"type":"crosses","price":"200"}"#).is_ok());
        assert!(condition(r#"{"type":"moves_percent","percent":"-5","within_minutes":15}"#).is_ok());
        assert!(condition(r#"{"type":"enters","low":"180","high":"190.5"}"#).is_ok());
        for wrong in [
            r#"{"type":"crosses"}"#,
            r#"{"type":"crosses","price":200}"#,
            r#"{"type":"crosses","price":"200","days":5}"#,
            r#"{"type":"sideways","price":"200"}"#,
            r#"{"type":"enters","low":"190","high":"190"}"#,
            r#"{"type":"change_percent","percent":"0"}"#,
            r#"{"type":"moves_percent","percent":"5","within_minutes":0}"#,
            r#"{"type":"new_high","days":4}"#,
            r#"{"type":"stale","minutes":1441}"#,
        ] {
            assert!(condition(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_new_alert_says_little() {
        let json = r#"{"symbol":"AAPL","condition":{"type":"above","price":"200"}}"#;
        let new: NewAlert = serde_json::from_str(json).expect("an alert");
        assert_eq!((new.frequency, new.session, new.destinations.len()), (Frequency::Once, AlertSession::Regular, 0));
    }
}
