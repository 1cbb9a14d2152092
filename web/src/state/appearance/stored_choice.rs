//! One preference: a signal, an entry of the local storage and an attribute of the page, which style sheets read.

use super::choices::Choice;
use crate::state::local_storage;
use leptos::prelude::*;

/// The choice that was made of one preference.
#[derive(Clone, Copy)]
pub(crate) struct Preference<C: Choice> {
    choice: RwSignal<C>,
}

impl<C: Choice> Preference<C> {
    pub(super) fn load() -> Self {
        let stored = local_storage::read(&key::<C>());
        let known = C::ALL.iter().find(|(_, name)| stored.as_deref() == Some(*name)).unwrap_or(&C::ALL[0]);
        set_attribute::<C>(known.1);
        Self { choice: RwSignal::new(known.0) }
    }

    pub(crate) fn get(self) -> C {
        self.choice.get()
    }

    pub(crate) fn set(self, choice: C) {
        let name = name_of(choice);
        local_storage::write(&key::<C>(), name);
        set_attribute::<C>(name);
        self.choice.set(choice);
    }

    /// The choice by the name it is stored under.
    pub(crate) fn name(self) -> &'static str {
        name_of(self.get())
    }

    /// Chooses by name. An unknown name changes nothing.
    pub(crate) fn set_name(self, name: &str) {
        if let Some((choice, _)) = C::ALL.iter().find(|(_, known)| *known == name) {
            self.set(*choice);
        }
    }

    /// Chooses the next one, the first after the last.
    pub(crate) fn next(self) {
        let current = self.choice.get_untracked();
        let at = C::ALL.iter().position(|(choice, _)| *choice == current).unwrap_or(0);
        self.set(C::ALL[(at + 1) % C::ALL.len()].0);
    }
}

fn key<C: Choice>() -> String {
    format!("watchtape.{}", C::NAME)
}

fn name_of<C: Choice>(choice: C) -> &'static str {
    C::ALL.iter().find(|(known, _)| *known == choice).map_or("", |(_, name)| name)
}

fn set_attribute<C: Choice>(name: &str) {
    if let Some(page) = document().document_element() {
        // The name is a plain word, which every attribute takes.
        let _ = page.set_attribute(&format!("data-{}", C::NAME), name);
    }
}
