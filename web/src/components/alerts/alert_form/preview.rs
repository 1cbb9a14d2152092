//! When the alert would have triggered, in a sentence: "4 times in the last 30 days, known to the minute".

use super::draft::Draft;
use crate::route::{self, Route};
use crate::state::alerts::ShownPreview;
use crate::state::{State, state};
use crate::texts::{self, alert_form as t};
use crate::view::reactive::{dynamic, effect, text};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::alert::{Condition, Preview, PreviewPart, PreviewRequest, Resolution};

/// The pause after the last key.
const DEBOUNCE: Duration = Duration::from_millis(400);
const DAY_S: i64 = 86_400;

/// The sentence, and the way to the marks on the chart.
#[component]
pub(super) fn PreviewSentence(symbol: Symbol, draft: Draft) -> impl IntoView {
    let state = state();
    let sentence = RwSignal::new(String::new());
    // Counts requests: an answer to any but the last is dropped.
    let asked = StoredValue::new(0_u32);
    effect(move || {
        let (condition, session) = (draft.condition(), draft.session());
        asked.update_value(|asked| *asked += 1);
        let number = asked.get_value();
        let Ok(condition) = condition else {
            sentence.set(String::new());
            return untrack(|| state.alerts.show_preview(None));
        };
        let request = PreviewRequest { symbol: symbol.to_string(), condition, session, days: None };
        set_timeout(
            move || {
                if asked.try_get_value() == Some(number) {
                    ask(state, symbol, request, move || asked.try_get_value() == Some(number), sentence);
                }
            },
            DEBOUNCE,
        );
    });
    let has_marks = move || {
        state.alerts.preview().with(|shown| shown.as_ref().is_some_and(|shown| !shown.preview.triggers.is_empty()))
    };
    let show = move |_| {
        state.dialogs.close();
        let is_there = state.location.route().with_untracked(|route| *route == Route::Security(symbol));
        if !is_there {
            state.location.go(&route::security(symbol));
        }
    };
    view! {
        <p class="alert-form-preview" role="status">
            {text(move || sentence.get())}
            {dynamic(move || match has_marks() {
                true => view! {
                    " "
                    <button class="text-button" type="button" on:click=show>
                        {t::show_on_chart()}
                    </button>
                }
                    .into_any(),
                false => ().into_any(),
            })}
        </p>
    }
}

fn ask(
    state: State,
    symbol: Symbol,
    request: PreviewRequest,
    is_current: impl Fn() -> bool + 'static,
    sentence: RwSignal<String>,
) {
    if sentence.with_untracked(String::is_empty) {
        sentence.set(t::trying().to_owned());
    }
    let condition: Condition = request.condition;
    spawn_local(async move {
        let answer = state.api.preview_alert(&request).await;
        if !is_current() {
            return;
        }
        match answer {
            Ok(preview) => {
                sentence.set(said(&preview));
                state.alerts.show_preview(Some(ShownPreview { symbol, condition, preview }));
            }
            // The alert can be set all the same; what is wrong with it is told then.
            Err(_) => {
                sentence.set(String::new());
                state.alerts.show_preview(None);
            }
        }
    });
}

fn said(preview: &Preview) -> String {
    let Some(first) = preview.parts.iter().map(|part| part.from).min() else { return t::nothing_known().into() };
    let last = preview.parts.iter().map(|part| part.to).max().unwrap_or(first);
    let time = days((last - first).num_seconds());
    let what = match preview.count {
        0 => t::never(&time),
        1 => t::once_before(&time),
        count => t::times(&count, &time),
    };
    t::preview(&what, &how(&preview.parts))
}

/// How exactly the past is known.
fn how(parts: &[PreviewPart]) -> String {
    let of = |resolution| parts.iter().filter(move |part| part.resolution == resolution);
    match (of(Resolution::Minute).count(), of(Resolution::Day).count()) {
        (_, 0) => t::to_minute().into(),
        (0, _) => t::to_day().into(),
        _ => {
            let seconds = of(Resolution::Minute).map(|part| (part.to - part.from).num_seconds()).sum();
            t::to_both(&days(seconds))
        }
    }
}

fn days(seconds: i64) -> String {
    let days = seconds.div_euclid(DAY_S) + i64::from(seconds.rem_euclid(DAY_S) > 0);
    texts::count(usize::try_from(days).unwrap_or_default().max(1), t::one_day, t::many_days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use wasm_bindgen_test::wasm_bindgen_test;

    fn part(from: &str, to: &str, resolution: Resolution) -> PreviewPart {
        let at = |text: &str| -> DateTime<Utc> { text.parse().expect("a moment") };
        PreviewPart { from: at(from), to: at(to), resolution }
    }

    #[wasm_bindgen_test]
    fn the_past_is_told_with_how_exactly_it_is_known() {
        let month = part("2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z", Resolution::Minute);
        let preview = |count, parts: &[PreviewPart]| Preview { count, triggers: Vec::new(), parts: parts.to_vec() };
        let expected = "Would have triggered 4 times in the last 30 days, known to the minute.";
        assert_eq!(said(&preview(4, &[month])), expected);
        let older = part("2026-09-01T00:00:00Z", "2026-10-29T00:00:00Z", Resolution::Day);
        let newer = part("2026-10-29T00:00:00Z", "2026-10-31T00:00:00Z", Resolution::Minute);
        let expected = "Would have triggered once in the last 60 days, known to the minute for the last 2 days, to the day \
                        before that.";
        assert_eq!(said(&preview(1, &[older, newer])), expected);
        assert_eq!(said(&preview(0, &[older])), "Would not have triggered in the last 58 days, known to the day.");
        assert_eq!(said(&preview(0, &[])), t::nothing_known());
    }
}
