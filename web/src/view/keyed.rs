//! Keyed lists of elements, which keep their elements as they move: rows, tabs, toasts. Keys are strings and views are
//! type-erased, so that the machinery is compiled once.
//!
//! In place of the framework's `For`, whose owners outlive their rows: each leaves an entry with its parent, and a row
//! that is dropped leaves its subscriptions behind (`reactive.rs`). Here a row's owner is cleaned up before the row is
//! dropped, and then serves another row: a list has as many owners as it ever had rows at one time.

use super::reactive::{Reactive, unsubscribe_on_cleanup};
use leptos::prelude::*;
use leptos::reactive::owner::Owner;
use leptos::tachys::reactive_graph::OwnedView;
use leptos::tachys::view::keyed::keyed;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

type Make = Arc<dyn Fn(String) -> AnyView + Send + Sync>;

/// One view for each key, in the order of the keys.
#[component]
pub(crate) fn Keyed(names: Reactive<Vec<String>>, make: Make) -> impl IntoView {
    let names = StoredValue::new_local(names);
    let owners = Owners::new();
    move || {
        unsubscribe_on_cleanup();
        let names = names.try_update_value(|names| names()).unwrap_or_default();
        owners.retain(&names);
        let make = Arc::clone(&make);
        keyed(names, String::clone, move |_, name| {
            let owner = owners.take(&name);
            let view = owner.with(|| make(name));
            (drop::<usize> as fn(usize), OwnedView::new_with_owner(view, owner))
        })
    }
}

/// The owners of the rows, by key, and those that no row has any more.
#[derive(Clone, Copy)]
struct Owners {
    parent: StoredValue<Option<Owner>>,
    held: StoredValue<HashMap<String, Owner>>,
    spare: StoredValue<Vec<Owner>>,
}

impl Owners {
    fn new() -> Self {
        Self { parent: StoredValue::new(Owner::current()), held: StoredValue::default(), spare: StoredValue::default() }
    }

    /// Cleans up what was made for other keys than these.
    fn retain(self, names: &[String]) {
        let names: HashSet<&String> = names.iter().collect();
        let gone = self.held.try_update_value(|held| {
            let gone: Vec<String> = held.keys().filter(|name| !names.contains(name)).cloned().collect();
            gone.iter().filter_map(|name| held.remove(name)).collect::<Vec<Owner>>()
        });
        for owner in gone.into_iter().flatten() {
            owner.cleanup();
            self.spare.update_value(|spare| spare.push(owner));
        }
    }

    /// The owner for a new row.
    fn take(self, name: &str) -> Owner {
        let spare = self.spare.try_update_value(Vec::pop).flatten();
        let owner = spare.unwrap_or_else(|| match self.parent.get_value() {
            Some(parent) => parent.child(),
            None => Owner::new(),
        });
        self.held.update_value(|held| {
            held.insert(name.to_owned(), owner.clone());
        });
        owner
    }
}

/// The keys, reactive.
pub(crate) fn names(read: impl FnMut() -> Vec<String> + Send + 'static) -> Reactive<Vec<String>> {
    Box::new(read)
}

/// Makes the view of a key.
pub(crate) fn make(make: impl Fn(String) -> AnyView + Send + Sync + 'static) -> Make {
    Arc::new(make)
}
