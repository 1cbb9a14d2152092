//! The columns that the table can have.

use crate::texts;

/// A column between the first, which names the security, and the last, which has the actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Price,
    Change,
    Spark,
    Range,
    Volume,
    Age,
    Close,
    Note,
}

impl Column {
    /// Every column with its name and its least width in tenths of a `rem`; the first `DEFAULT` are shown by
    /// default.
    pub(crate) const ALL: [(Self, &'static str, u32); 8] = [
        (Self::Price, "price", 85),
        (Self::Change, "change", 65),
        (Self::Spark, "spark", 75),
        (Self::Range, "range", 130),
        (Self::Volume, "volume", 55),
        (Self::Age, "age", 55),
        (Self::Close, "close", 65),
        (Self::Note, "note", 90),
    ];
    pub(super) const DEFAULT: usize = 6;

    /// The name that it is stored under, and that its class `column-NAME` has.
    pub(crate) fn name(self) -> &'static str {
        self.entry().1
    }

    /// Its heading.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Price => texts::list::column_price(),
            Self::Change => texts::list::column_change(),
            Self::Spark => texts::list::column_spark(),
            Self::Range => texts::list::column_range(),
            Self::Volume => texts::list::column_volume(),
            Self::Age => texts::list::column_age(),
            Self::Close => texts::list::column_close(),
            Self::Note => texts::list::column_note(),
        }
    }

    /// Its track of the CSS grid. Drawings and notes share what is left over.
    pub(super) fn track(self) -> &'static str {
        match self {
            Self::Price => " 8.5rem",
            Self::Change => " 6.5rem",
            Self::Spark => " minmax(7.5rem,0.9fr)",
            Self::Range => " minmax(13rem,1.5fr)",
            Self::Volume | Self::Age => " 5.5rem",
            Self::Close => " 6.5rem",
            Self::Note => " minmax(9rem,1.3fr)",
        }
    }

    pub(super) fn entry(self) -> (Self, &'static str, u32) {
        Self::ALL.into_iter().find(|entry| entry.0 == self).unwrap_or(Self::ALL[0])
    }
}
