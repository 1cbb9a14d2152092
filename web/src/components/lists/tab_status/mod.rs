//! The browser tab's title and icon: how many securities of the open list rise and fall, and whether prices have
//! stopped. Updated at most every five seconds, and not in calm mode.

use crate::format::change::Trend;
use crate::state::State;
use crate::state::appearance::choices::{Motion, Palette, TabStatus};
use crate::state::lists::open_list::phase::Phase;
use crate::texts;
use crate::view::reactive::effect;
use crate::view::title;
use leptos::prelude::*;

const EVERY_MS: f64 = 5_000.0;
const ICON: &str = "/favicon.svg";

/// The icon's shapes and colours, the same in both themes: the browser's frame has a theme of its own.
const RISE: &str = "M7 20l9-9 9 9";
const FALL: &str = "M7 12l9 9 9-9";
const STOP: &str = "M12 10v12M20 10v12";
const GREEN: &str = "08714e";
const RED: &str = "b92a2c";
const BLUE: &str = "1f5fb8";
const ORANGE: &str = "a84b00";
const GREY: &str = "565b66";

/// Updates title and icon until the page is left.
pub(crate) fn follow(state: State, name: impl Fn() -> Option<String> + 'static) {
    let last_ms = StoredValue::new(f64::MIN);
    let tally = RwSignal::new((0, 0));
    let is_shown = move || {
        state.preferences.tab_status.get() == TabStatus::Shown && state.preferences.motion.get() == Motion::Lively
    };
    effect(move || {
        if !is_shown() || state.open_list.phase().get() != Phase::Ready {
            last_ms.set_value(f64::MIN);
            return;
        }
        let now_ms = state.clock.steady_ms();
        if now_ms - last_ms.get_value() >= EVERY_MS {
            last_ms.set_value(now_ms);
            let counted = untrack(|| count(state));
            // Before the first prices arrive, count again at once.
            if counted == (0, 0) {
                last_ms.set_value(f64::MIN);
            }
            if tally.get_untracked() != counted {
                tally.set(counted);
            }
        }
    });
    effect(move || {
        let name = name().map_or_else(|| "Watchtape".into(), |name| format!("{name} – Watchtape"));
        let is_ready = state.open_list.phase().get() == Phase::Ready;
        let (up, down) = tally.get();
        let (title, icon) = if !is_shown() || !is_ready {
            (name, None)
        } else if state.connection.is_lost() {
            (texts::live::title_stopped(&name), Some((GREY, STOP)))
        } else if (up, down) == (0, 0) {
            (name, None)
        } else {
            (texts::live::title(&up, &down, &name), face(up, down, state.preferences.palette.get()))
        };
        title::set(&title);
        show(icon);
    });
    on_cleanup(|| show(None));
}

/// The numbers of securities above and below their previous close.
fn count(state: State) -> (usize, usize) {
    let (mut up, mut down) = (0, 0);
    for item in &*state.open_list.items().read() {
        let direction = state.quotes.cell(item.symbol).with(|cell| {
            let quote = cell.quote.as_ref()?;
            Some(Trend::of(quote.price?.change_from(quote.previous_close?).micros))
        });
        match direction {
            Some(Trend::Up) => up += 1,
            Some(Trend::Down) => down += 1,
            _ => {}
        }
    }
    (up, down)
}

/// Colour and shape of the majority; `None` if it is even.
fn face(up: usize, down: usize, palette: Palette) -> Option<(&'static str, &'static str)> {
    let (rise, fall) = match palette {
        Palette::Classic => (GREEN, RED),
        Palette::Distinct => (BLUE, ORANGE),
        Palette::Reversed => (RED, GREEN),
    };
    match up.cmp(&down) {
        std::cmp::Ordering::Greater => Some((rise, RISE)),
        std::cmp::Ordering::Less => Some((fall, FALL)),
        std::cmp::Ordering::Equal => None,
    }
}

/// Sets the icon as a data URL: a file could not be fetched without a network.
fn show(face: Option<(&str, &str)>) {
    let mut address = String::from(ICON);
    if let Some((colour, shape)) = face {
        address = String::from(
            "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='%23",
        );
        address += colour;
        address += "'/><path d='";
        address += shape;
        address +=
            "' fill='none' stroke='%23fff' stroke-width='5' stroke-linecap='round' stroke-linejoin='round'/></svg>";
    }
    if let Some(link) = document().query_selector("link[rel=icon]").ok().flatten()
        && link.get_attribute("href").as_ref() != Some(&address)
    {
        // A plain attribute of an element that is always there.
        let _ = link.set_attribute("href", &address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_icon_goes_with_the_many_and_its_colours_with_the_palette() {
        assert_eq!(face(3, 2, Palette::Classic), Some((GREEN, RISE)));
        assert_eq!(face(2, 3, Palette::Classic), Some((RED, FALL)));
        assert_eq!(face(2, 3, Palette::Distinct), Some((ORANGE, FALL)));
        assert_eq!(face(3, 2, Palette::Reversed), Some((RED, RISE)));
        assert_eq!(face(2, 2, Palette::Classic), None);
    }
}
