//! The sparkline of a row. The figures beside it say the same in text.

use crate::format::change::Trend;
use crate::format::sparkline_path::{self, Drawing, HEIGHT, WIDTH};
use crate::state::prices::quotes::Cell;
use crate::state::state;
use crate::view::reactive::{attribute, memo, text};
use leptos::prelude::*;
use watchtape_shared::{Price, Symbol};

/// The line, with the previous close dashed; nothing without data.
#[component]
pub(crate) fn Spark(symbol: Symbol, cell: ArcRwSignal<Cell>) -> impl IntoView {
    let (sparks, clock) = (state().sparklines, state().clock);
    let course = sparks.signal(symbol);
    // Drawn once a second, not with every tick: at this size there is no visible difference.
    let drawn = memo(move |_| {
        clock.now_ms();
        let course = course.get()?;
        let (last, close) = cell.with_untracked(ends);
        let points: Vec<Option<i64>> = course.points.iter().map(|point| point.map(Price::micros)).collect();
        let end = last.or_else(|| points.iter().rev().copied().flatten().next());
        let start = close.or_else(|| points.iter().copied().flatten().next());
        let direction = end.zip(start).map_or(Trend::Flat, |(end, start)| Trend::of(end - start));
        Some((sparkline_path::draw(&points, last, close)?, direction))
    });
    let class = move || {
        let mut class = "sparkline ".to_owned();
        class.push_str(drawn.with(|drawn| drawn.as_ref().map_or("flat", |drawn| drawn.1.class())));
        class
    };
    let line = move || drawn.with(|drawn| drawn.as_ref().map(|drawn| drawn.0.line.clone()));
    let close = move || drawn.with(|drawn| drawn.as_ref().and_then(|drawn| close_of(&drawn.0)));
    let mut view_box = "0 0 ".to_owned();
    view_box.push_str(&WIDTH.to_string());
    view_box.push(' ');
    view_box.push_str(&HEIGHT.to_string());
    view! {
        <svg class=text(class) viewBox=view_box preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <path class="spark-close" d=attribute(close) />
            <path class="spark-line" d=attribute(line) />
        </svg>
    }
}

/// The last price and the previous close, in millionths.
fn ends(cell: &Cell) -> (Option<i64>, Option<i64>) {
    cell.quote
        .as_ref()
        .map_or((None, None), |quote| (quote.price.map(Price::micros), quote.previous_close.map(Price::micros)))
}

fn close_of(drawing: &Drawing) -> Option<String> {
    let mut path = "M0 ".to_owned();
    path.push_str(&drawing.close?.to_string());
    path.push('H');
    path.push_str(&WIDTH.to_string());
    Some(path)
}
