//! Appearance settings of this browser.

use super::panel::Panel;
use crate::components::account::account_panel::theme;
use crate::components::controls::choice::{ChoiceOption, Choices, SegmentedControl};
use crate::format::money;
use crate::state::appearance::language;
use crate::state::{local_storage, state};
use crate::texts::{self, LANGUAGES, appearance as t};
use crate::view::reactive::text;
use leptos::prelude::*;

/// Every preference, each shown as what it would look like.
#[component]
pub(super) fn Appearance() -> impl IntoView {
    let preferences = state().preferences;
    let density = Choices::of(t::density(), preferences.density, &[t::comfortable(), t::dense()]);
    let palette = Choices::of(t::palette(), preferences.palette, &[t::classic(), t::distinct(), t::reversed()]);
    let motion = Choices::of(t::motion(), preferences.motion, &[t::lively(), t::calm()]);
    let mood = Choices::of(t::tab_status(), preferences.tab_status, &[t::tab_status_shown(), t::tab_status_hidden()]);
    let change = Choices::of(t::change(), preferences.change, &[t::percent(), t::amount()]);
    let written = [t::as_browser(), "1,234.50", "1.234,50", "1\u{202f}234,50"];
    let mut numbers = Choices::of(t::numbers(), preferences.numbers, &written);
    let choose = numbers.choose;
    let shown = RwSignal::new(sample());
    numbers.choose = Callback::new(move |name| {
        choose.run(name);
        preferences.apply_numbers();
        shown.set(sample());
    });
    view! {
        <Panel title=t::appearance() about=t::about()>
            <p class="note" role="status" hidden=local_storage::is_kept()>
                {t::not_stored()}
            </p>
            <SegmentedControl picks=theme(preferences.theme).showing(theme_sample) />
            <SegmentedControl picks=density.showing(density_sample) />
            <SegmentedControl picks=palette.showing(palette_sample) />
            <p class="matter-note">{t::palette_about()}</p>
            <SegmentedControl picks=motion />
            <p class="matter-note">{t::motion_about()}</p>
            <SegmentedControl picks=mood />
            <p class="matter-note">{t::tab_status_about()}</p>
        </Panel>
        <Panel title=t::figures() about=t::figures_about()>
            <SegmentedControl picks=numbers />
            <SegmentedControl picks=change />
            <p class="sample">
                {t::example()} " "
                <b>{text(move || shown.get())}</b>
            </p>
        </Panel>
        <Panel title=t::language() about=t::language_about()>
            <SegmentedControl picks=languages() />
        </Panel>
    }
}

/// A figure that is long enough to show both marks.
fn sample() -> String {
    money::grouped("1234567.89")
}

fn languages() -> Choices {
    let current = texts::language_code();
    let current = LANGUAGES.iter().find(|(language, _)| *language == current).map_or("", |(language, _)| language);
    let all = LANGUAGES.iter().map(|(name, label)| ChoiceOption { name, label, sample: None }).collect();
    Choices {
        group: "language",
        label: t::speaks(),
        all,
        chosen: Signal::derive(move || current),
        choose: Callback::new(language::choose),
    }
}

/// A corner of a page in that theme.
fn theme_sample(name: &'static str) -> AnyView {
    view! { <span class="theme-sample" data-theme=name aria-hidden="true"></span> }.into_any()
}

/// Lines as close as the rows would be.
fn density_sample(name: &'static str) -> AnyView {
    view! { <span class="density-sample" data-density=name aria-hidden="true"></span> }.into_any()
}

/// A rise and a fall in those colours.
fn palette_sample(name: &'static str) -> AnyView {
    view! {
        <span class="palette-sample" data-palette=name aria-hidden="true">
            <span class="rise">"▲"</span>
            <span class="fall">"▼"</span>
        </span>
    }
    .into_any()
}
