//! The value of a field, validated by the rules of the server; a violation is shown at the field.

use crate::api::Failure;
use crate::i18n::failure::of_field;
use crate::texts;
use leptos::prelude::*;
use watchtape_shared::account::{Email, Password};
use watchtape_shared::text::DisplayName;
use watchtape_shared::visible::find_hidden;

/// A field's text and its error.
#[derive(Clone, Copy)]
pub(crate) struct FieldValue {
    pub(crate) value: RwSignal<String>,
    pub(crate) error: RwSignal<Option<String>>,
}

impl FieldValue {
    pub(crate) fn new() -> Self {
        Self::with(String::new())
    }

    /// A field with an initial text.
    pub(crate) fn with(text: String) -> Self {
        Self { value: RwSignal::new(text), error: RwSignal::new(None) }
    }

    pub(crate) fn text(self) -> String {
        self.value.get_untracked()
    }

    pub(crate) fn clear(self) {
        self.value.try_set(String::new());
    }

    pub(crate) fn refuse(self, why: impl Into<String>) {
        self.error.try_set(Some(why.into()));
    }

    /// Shows the server's error at the field. Returns whether there was one for it.
    pub(crate) fn note(self, failure: &Failure, pointer: &str) -> bool {
        let why = of_field(failure, pointer);
        let is_here = why.is_some();
        if let Some(why) = why {
            self.refuse(why);
        }
        is_here
    }

    pub(crate) fn email(self) -> Option<Email> {
        self.read_visible(Email::parse(&self.text()).ok(), texts::failure::email_shape)
    }

    pub(crate) fn password(self) -> Option<Password> {
        self.read(Password::parse(&self.text()).ok(), texts::failure::password_length)
    }

    pub(crate) fn name(self) -> Option<DisplayName> {
        self.read_visible(DisplayName::parse(&self.text()).ok(), texts::failure::name_length)
    }

    /// An optional name.
    pub(crate) fn optional_name(self) -> Option<Option<DisplayName>> {
        if self.text().trim().is_empty() { Some(None) } else { self.name().map(Some) }
    }

    /// Reads a text that people see; the server refuses what nobody does.
    fn read_visible<T>(self, parsed: Option<T>, rule: fn() -> &'static str) -> Option<T> {
        match find_hidden(&self.text(), false) {
            Some(_) => self.read(None, texts::failure::hidden_characters),
            None => self.read(parsed, rule),
        }
    }

    fn read<T>(self, parsed: Option<T>, rule: fn() -> &'static str) -> Option<T> {
        self.error.set(parsed.is_none().then(|| rule().into()));
        parsed
    }
}
