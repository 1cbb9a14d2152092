//! The lists that contain a security, each with a checkbox, and the note and flag on one of them.

use crate::state::drafts::{Draft, Place};
use crate::state::lists::lists_containing::{ListsContaining, Membership};
use crate::state::lists::watchlists::ListsState;
use crate::state::state;
use crate::view::keyed::{Keyed, make, names};
use crate::view::reactive::{dynamic, effect, flag, memo, text};
use crate::{route, texts};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::text::Note;
use watchtape_shared::visible::find_hidden;
use watchtape_shared::watchlist::{Flag, WatchlistItem};
use watchtape_shared::{Symbol, WatchlistId};

/// The account's lists with a checkbox each.
#[component]
pub(crate) fn SymbolLists(symbol: Symbol) -> impl IntoView {
    let state = state();
    let lists_containing = ListsContaining::open(state, symbol);
    let entry = move |id: String| match WatchlistId::parse(&id) {
        Ok(id) => view! { <Entry id lists_containing symbol /> }.into_any(),
        Err(_) => ().into_any(),
    };
    // Only another note or flag renders the form again, so that typing is not disturbed.
    let noted = memo(move |_| lists_containing.item().map(|(id, item)| (id, item.note, item.flag)));
    let item = move || noted.get().and_then(|_| untrack(|| lists_containing.item()));
    let loading = move || state.lists.state().with(|lists| matches!(lists, ListsState::Loading));
    view! {
        <section class="security-card symbol-lists" aria-labelledby="symbol-lists">
            <h2 id="symbol-lists">{texts::security::lists()}</h2>
            <p class="muted">{texts::security::lists_about(&symbol)}</p>
            <p class="bone" role="status" aria-label=texts::security::lists_loading() hidden=flag(move || !loading())></p>
            <div class="symbol-list-entries">
                <Keyed names=names(move || lists_containing.ids()) make=make(entry) />
            </div>
            {dynamic(move || item().map(|(id, item)| view! { <NoteForm id item lists_containing /> }).into_any())}
        </section>
    }
}

#[component]
fn Entry(id: WatchlistId, lists_containing: ListsContaining, symbol: Symbol) -> impl IntoView {
    let (held, busy, name, open, toggled) = (id.clone(), id.clone(), id.clone(), id.clone(), id.clone());
    let is_held =
        move || lists_containing.find(&held).is_some_and(|one| matches!(one.membership, Membership::OnList(_)));
    let is_busy =
        move || lists_containing.find(&busy).is_none_or(|one| one.busy || one.membership == Membership::Unknown);
    view! {
        <div class="symbol-list-entry">
            <label>
                <input
                    type="checkbox"
                    prop:checked=flag(is_held)
                    disabled=flag(is_busy)
                    aria-label=text(move || texts::security::on_list(&symbol, &lists_containing.name(&name)))
                    on:change=move |_| lists_containing.toggle(toggled.clone())
                />
                <span dir="auto">{text(move || lists_containing.name(&id))}</span>
            </label>
            <a href=route::list(&open) aria-label=text(move || texts::security::open_list(&lists_containing.name(&open)))>
                <span aria-hidden="true">"→"</span>
            </a>
        </div>
    }
}

/// The note and the flag on one list.
#[component]
fn NoteForm(id: WatchlistId, item: WatchlistItem, lists_containing: ListsContaining) -> impl IntoView {
    let kept = item.note.as_ref().map_or_else(String::new, |note| note.as_str().to_owned());
    let place = Place::Page(id.clone(), item.symbol);
    let drafts = state().drafts;
    let held = drafts.find(&place);
    let (note, colour) = match &held {
        Some(draft) => (RwSignal::new(draft.note.clone()), RwSignal::new(draft.flag)),
        None => (RwSignal::new(kept.clone()), RwSignal::new(item.flag)),
    };
    let problem = RwSignal::new("");
    let busy = RwSignal::new(false);
    let kept_flag = item.flag;
    let is_same = memo(move |_| note.with(|note| note.trim() == kept) && colour.get() == kept_flag);
    effect({
        let place = place.clone();
        move || {
            let draft = Draft { note: note.get(), section: String::new(), flag: colour.get() };
            drafts.keep(&place, (!is_same.get()).then_some(draft));
        }
    });
    let name = lists_containing.name(&id);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let written = note.get_untracked();
        if find_hidden(&written, true).is_some() {
            return problem.set(texts::failure::hidden_characters());
        }
        let parsed = match written.trim().is_empty() {
            true => None,
            false => match Note::parse(&written) {
                Ok(note) => Some(note),
                Err(_) => return problem.set(texts::security::note_long()),
            },
        };
        problem.set("");
        busy.set(true);
        let (id, colour, place) = (id.clone(), colour.get_untracked(), place.clone());
        spawn_local(async move {
            if lists_containing.annotate(id, parsed, colour).await {
                // Unless more was written meanwhile.
                if note.try_get_untracked().is_none_or(|now| now == written) {
                    drafts.keep(&place, None);
                }
                lists_containing.show_toast(texts::security::saved());
            }
            busy.try_set(false);
        });
    };
    let flags = std::iter::once(None).chain(Flag::ALL.map(Some));
    view! {
        <form class="symbol-note" on:submit=on_submit>
            <label for="symbol-note">{texts::security::note_on(&name)}</label>
            <textarea
                id="symbol-note"
                dir="auto"
                rows="3"
                maxlength="2000"
                placeholder=texts::security::note_hint()
                aria-describedby="symbol-note-problem"
                prop:value=text(move || note.get())
                on:input=move |event| note.set(event_target_value(&event))
            ></textarea>
            <p id="symbol-note-problem" class="field-error" role="alert" hidden=flag(move || problem.get().is_empty())>
                {text(move || problem.get())}
            </p>
            <fieldset class="note-flags">
                <legend class="visually-hidden">{texts::security::flag()}</legend>
                {flags.map(|one| flag_choice(one, colour)).collect_view()}
            </fieldset>
            <button class="button" type="submit" disabled=flag(move || busy.get() || is_same.get())>
                {texts::security::save()}
            </button>
        </form>
    }
}

fn flag_choice(one: Option<Flag>, colour: RwSignal<Option<Flag>>) -> AnyView {
    let name = one.map_or(texts::security::no_flag(), flag_name);
    let class = one.map_or("none", Flag::as_str);
    view! {
        <label class="note-flag" data-flag=class title=name>
            <input
                type="radio"
                name="flag"
                value=class
                aria-label=name
                prop:checked=flag(move || colour.get() == one)
                on:change=move |_| colour.set(one)
            />
        </label>
    }
    .into_any()
}

fn flag_name(flag: Flag) -> &'static str {
    match flag {
        Flag::Red => texts::security::red(),
        Flag::Orange => texts::security::orange(),
        Flag::Yellow => texts::security::yellow(),
        Flag::Green => texts::security::green(),
        Flag::Blue => texts::security::blue(),
        Flag::Purple => texts::security::purple(),
    }
}
