//! The cells of a row.

use crate::components::prices::change_figure::ChangeFigure;
use crate::components::prices::day_range::DayRange;
use crate::components::prices::price_age::PriceAge;
use crate::components::prices::price_figure::{PreviousClose, PriceFigure};
use crate::components::prices::sparkline::Spark;
use crate::format::volume;
use crate::state::appearance::column::Column;
use crate::state::prices::quotes::Cell;
use crate::view::reactive::text;
use leptos::prelude::*;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Currency, Symbol};

/// The cell of a column.
pub(super) fn view(
    column: Column,
    symbol: Symbol,
    cell: &ArcRwSignal<Cell>,
    item: Memo<Option<WatchlistItem>>,
    currency: Currency,
) -> AnyView {
    let mut class = "column-".to_owned();
    class.push_str(column.name());
    let cell = cell.clone();
    let content = match column {
        Column::Price => view! { <PriceFigure cell currency /> }.into_any(),
        Column::Change => view! { <ChangeFigure cell /> }.into_any(),
        Column::Spark => view! { <Spark symbol cell /> }.into_any(),
        Column::Range => view! { <DayRange cell /> }.into_any(),
        Column::Volume => {
            text(move || cell.with(|cell| shares(cell).map_or_else(|| "–".into(), volume::short))).into_any()
        }
        Column::Age => view! { <PriceAge cell /> }.into_any(),
        Column::Close => view! { <PreviousClose cell /> }.into_any(),
        Column::Note => view! { <bdi>{text(move || note(item))}</bdi> }.into_any(),
    };
    view! {
        <div role="gridcell" class=class>
            {content}
        </div>
    }
    .into_any()
}

fn shares(cell: &Cell) -> Option<u64> {
    cell.quote.as_ref()?.volume
}

fn note(item: Memo<Option<WatchlistItem>>) -> String {
    item.with(|item| item.as_ref()?.note.as_ref().map(ToString::to_string)).unwrap_or_default()
}
