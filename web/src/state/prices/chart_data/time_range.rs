//! The time ranges of the chart, and which bars each is made of.

use crate::texts;
use watchtape_shared::bar::Interval;

/// How far back the chart goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeRange {
    Day,
    Week,
    Month,
    Year,
    All,
}

impl TimeRange {
    pub(crate) const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Year, Self::All];

    /// The name that it is stored under.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::All => "all",
        }
    }

    /// Whether its bars are parts of a day.
    pub(crate) fn is_intraday(self) -> bool {
        matches!(self, Self::Day | Self::Week)
    }

    /// What its bars are, in words.
    pub(crate) fn bars_label(self) -> &'static str {
        match self {
            Self::Day => texts::security::minutes(),
            Self::Week => texts::security::half_hours(),
            Self::Month | Self::Year | Self::All => texts::security::days(),
        }
    }

    /// Which bars to request, of how many days, in how many pages at most.
    pub(super) fn query(self) -> (Interval, i64, usize) {
        match self {
            // The last session may be before a long weekend.
            Self::Day => (Interval::OneMinute, 5, 1),
            Self::Week => (Interval::OneMinute, 7, 3),
            Self::Month => (Interval::OneDay, 31, 1),
            Self::Year => (Interval::OneDay, 366, 1),
            // Four pages are eighty years.
            Self::All => (Interval::OneDay, i64::MAX, 4),
        }
    }
}
