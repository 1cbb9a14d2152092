//! Texts that many rows have, each once in memory.

use std::collections::HashSet;
use std::sync::Arc;

/// Exchanges, countries, sectors and indices of a catalogue.
#[derive(Default)]
pub struct TextPool {
    texts: HashSet<Arc<str>>,
    lists: HashSet<Arc<[Arc<str>]>>,
}

impl TextPool {
    /// The shared copy of a text.
    pub fn text(&mut self, text: &str) -> Arc<str> {
        match self.texts.get(text) {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<str> = text.into();
                self.texts.insert(Arc::clone(&new));
                new
            }
        }
    }

    /// The shared copy of the texts between bars.
    pub fn list(&mut self, texts: &str) -> Arc<[Arc<str>]> {
        let list: Vec<Arc<str>> =
            texts.split('|').filter(|text| !text.is_empty()).map(|text| self.text(text)).collect();
        match self.lists.get(list.as_slice()) {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<[Arc<str>]> = list.into();
                self.lists.insert(Arc::clone(&new));
                new
            }
        }
    }
}
