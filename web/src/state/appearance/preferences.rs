//! How the person at this browser likes to see things; remembered here and not on the server.
//!
//! What style sheets go by is an attribute of the page, `data-theme="dark"`; what is made anew is a signal.

use crate::format::separators;
use crate::format::separators::Separators;
use crate::state::local_storage;
use js_sys::Number;
use leptos::prelude::*;
use watchtape_shared::WatchlistId;

const LANGUAGE_KEY: &str = "watchtape.language";
const LIST_KEY: &str = "watchtape.list";

/// A way to see things that is one of a few, each with the name it is remembered by. The first is the default.
pub(crate) trait Choice: Copy + PartialEq + Send + Sync + 'static {
    /// What it is remembered under, and the page's attribute.
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
    /// As the system says.
    System,
    Light,
    Dark,
}

impl Choice for Theme {
    const NAME: &'static str = "theme";
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::System, "system"), (Self::Light, "light"), (Self::Dark, "dark")];
}

/// How tall the rows of a list are.
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
    /// Blue and orange, told apart with every kind of colour vision.
    Distinct,
    /// Red and green, as in East Asia.
    Reversed,
}

impl Choice for Palette {
    const NAME: &'static str = "palette";
    const ALL: &'static [(Self, &'static str)] =
        &[(Self::Classic, "classic"), (Self::Distinct, "distinct"), (Self::Reversed, "reversed")];
}

/// How much moves.
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

/// Whether the tab's title and icon tell how the list fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TabStatus {
    Shown,
    Hidden,
}

impl Choice for TabStatus {
    const NAME: &'static str = "mood";
    const ALL: &'static [(Self, &'static str)] = &[(Self::Shown, "on"), (Self::Hidden, "off")];
}

/// Whether keys act that are pressed alone, such as `/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SingleKeys {
    On,
    /// For who speaks to the computer, or meets keys by chance.
    Off,
}

impl Choice for SingleKeys {
    const NAME: &'static str = "keys";
    const ALL: &'static [(Self, &'static str)] = &[(Self::On, "on"), (Self::Off, "off")];
}

/// How figures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// As the browser's language does.
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

/// The language that was chosen, or else the browser's own, by its first two letters; none for English.
pub(crate) fn language() -> Option<String> {
    let asked = local_storage::read(LANGUAGE_KEY).or_else(|| web_sys::window()?.navigator().language())?;
    let language = asked.split('-').next().unwrap_or_default().to_ascii_lowercase();
    (language != "en" && language.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(language)
}

/// Remembers a language and loads the page anew, in that language.
pub(crate) fn set_language(language: &str) {
    local_storage::write(LANGUAGE_KEY, language);
    // A page that cannot be loaded again speaks it the next time.
    let _ = location().reload();
}

/// The preferences of this browser.
#[derive(Clone, Copy)]
pub(crate) struct Preferences {
    pub(crate) change: Preference<ChangeStyle>,
    pub(crate) theme: Preference<Theme>,
    pub(crate) density: Preference<Density>,
    pub(crate) palette: Preference<Palette>,
    pub(crate) motion: Preference<Motion>,
    pub(crate) tab_status: Preference<TabStatus>,
    pub(crate) numbers: Preference<Numbers>,
    pub(crate) keys: Preference<SingleKeys>,
}

impl Preferences {
    pub(in crate::state) fn load() -> Self {
        let preferences = Self {
            change: Preference::load(),
            theme: Preference::load(),
            density: Preference::load(),
            palette: Preference::load(),
            motion: Preference::load(),
            tab_status: Preference::load(),
            numbers: Preference::load(),
            keys: Preference::load(),
        };
        preferences.apply_numbers();
        preferences
    }

    /// Writes figures as was chosen from now on.
    pub(crate) fn apply_numbers(self) {
        separators::choose(marks_of(self.numbers.held.get_untracked()));
    }

    /// The list that was open last in this browser.
    pub(crate) fn last_list(self) -> Option<WatchlistId> {
        WatchlistId::parse(&local_storage::read(LIST_KEY)?).ok()
    }

    pub(crate) fn remember_list(self, id: &WatchlistId) {
        local_storage::write(LIST_KEY, id.as_str());
    }
}

/// What was chosen of one [`Choice`].
#[derive(Clone, Copy)]
pub(crate) struct Preference<C: Choice> {
    held: RwSignal<C>,
}

impl<C: Choice> Preference<C> {
    fn load() -> Self {
        let stored = local_storage::read(&key::<C>());
        let known = C::ALL.iter().find(|(_, name)| stored.as_deref() == Some(*name)).unwrap_or(&C::ALL[0]);
        show::<C>(known.1);
        Self { held: RwSignal::new(known.0) }
    }

    pub(crate) fn get(self) -> C {
        self.held.get()
    }

    pub(crate) fn set(self, choice: C) {
        let name = name_of(choice);
        local_storage::write(&key::<C>(), name);
        show::<C>(name);
        self.held.set(choice);
    }

    /// What was chosen, by the name it is remembered by.
    pub(crate) fn name(self) -> &'static str {
        name_of(self.get())
    }

    /// Chooses by name. One that there is not changes nothing.
    pub(crate) fn set_name(self, name: &str) {
        if let Some((choice, _)) = C::ALL.iter().find(|(_, known)| *known == name) {
            self.set(*choice);
        }
    }

    /// Goes on to the next choice, round at the end.
    pub(crate) fn step(self) {
        let held = self.held.get_untracked();
        let at = C::ALL.iter().position(|(choice, _)| *choice == held).unwrap_or(0);
        self.set(C::ALL[(at + 1) % C::ALL.len()].0);
    }
}

fn marks_of(numbers: Numbers) -> Separators {
    match numbers {
        Numbers::Locale => locale_marks().unwrap_or(Separators::POINT),
        Numbers::Point => Separators::POINT,
        Numbers::Comma => Separators::COMMA,
        Numbers::Space => Separators::SPACE,
    }
}

/// The marks of the browser's language, between the digits that prices have here.
fn locale_marks() -> Option<Separators> {
    let mut locale = web_sys::window()?.navigator().language()?;
    locale.truncate(locale.find("-u-").unwrap_or(locale.len()));
    let written = Number::from(1_234_567.5).to_locale_string(&(locale + "-u-nu-latn"));
    Separators::of(&String::from(written))
}

fn key<C: Choice>() -> String {
    format!("watchtape.{}", C::NAME)
}

fn name_of<C: Choice>(choice: C) -> &'static str {
    C::ALL.iter().find(|(known, _)| *known == choice).map_or("", |(_, name)| name)
}

fn show<C: Choice>(name: &str) {
    if let Some(page) = document().document_element() {
        // The name is a plain word, which every attribute takes.
        let _ = page.set_attribute(&format!("data-{}", C::NAME), name);
    }
}
