//! Preferences with a few choices each: theme, density, colours, motion and others.

/// A preference with a few choices, each with the name it is stored under. The first is the default.
pub(crate) trait Choice: Copy + PartialEq + Send + Sync + 'static {
    /// Its key in the local storage, and the attribute `data-NAME` of the page.
    const NAME: &'static str;
    const ALL: &'static [(Self, &'static str)];
}

/// How a change since the previous close is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeStyle {
    Percent,
    Amount,
}

impl Choice for ChangeStyle {
    const NAME: &'static str = "change";
    const ALL: &'static [(Self, &'static str)] = &[(Self::Percent, "percent"), (Self::Amount, "amount")];
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system's setting.
    System,
    Light,
    Dark,
}

impl Choice for Theme {
    const NAME: &'static str = "theme";
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::System, "system"), (Self::Light, "light"), (Self::Dark, "dark")];
}

/// The row height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Density {
    Comfortable,
    Dense,
}

impl Choice for Density {
    const NAME: &'static str = "density";
    const ALL: &'static [(Self, &'static str)] = &[(Self::Comfortable, "comfortable"), (Self::Dense, "dense")];
}

/// The colours of rises and falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Palette {
    /// Green and red.
    Classic,
    /// Blue and orange: distinguishable with every kind of colour vision.
    Distinct,
    /// Red and green, as in East Asia.
    Reversed,
}

impl Choice for Palette {
    const NAME: &'static str = "palette";
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Classic, "classic"), (Self::Distinct, "distinct"), (Self::Reversed, "reversed")];
}

/// How much is animated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    /// Prices flash as they move, unless the system asks for less motion.
    Lively,
    /// Nothing flashes, and prices change once every few seconds.
    Calm,
}

impl Choice for Motion {
    const NAME: &'static str = "motion";
    const ALL: &'static [(Self, &'static str)] = &[(Self::Lively, "lively"), (Self::Calm, "calm")];
}

/// Whether the tab's title and icon count the securities that rise and fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TabStatus {
    Shown,
    Hidden,
}

impl Choice for TabStatus {
    const NAME: &'static str = "mood";
    const ALL: &'static [(Self, &'static str)] = &[(Self::Shown, "on"), (Self::Hidden, "off")];
}

/// Whether shortcuts of a single key, such as `/`, are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SingleKeys {
    On,
    /// For speech input and for people who hit keys by accident (WCAG 2.1.4).
    Off,
}

impl Choice for SingleKeys {
    const NAME: &'static str = "keys";
    const ALL: &'static [(Self, &'static str)] = &[(Self::On, "on"), (Self::Off, "off")];
}

/// The separators of thousands and decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// As in the browser's language.
    Locale,
    /// `1,234.50`
    Point,
    /// `1.234,50`
    Comma,
    /// `1 234,50`
    Space,
}

impl Choice for Numbers {
    const NAME: &'static str = "numbers";
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Locale, "locale"), (Self::Point, "point"), (Self::Comma, "comma"), (Self::Space, "space")];
}
