//! The epoch that prices arrive in: within one a price is never older than the one before, from one to the next it may be.

/// The epoch of the last message that named one.
#[derive(Default)]
pub(super) struct Epoch {
    name: String,
    term: u64,
}

/// What a message says of the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is of the known epoch.
    Within,
    /// It begins another: what is held may be replaced by what is dated earlier.
    Begins,
    /// It is of an earlier epoch, and says nothing any more.
    Before,
}

impl Epoch {
    /// A connection begins: what its server says is taken, even where the term is lower. The server may have been restored from a
    /// backup; one that is behind says that it is cut off.
    pub(super) fn greet(&mut self, name: &str, term: u64) -> Place {
        let is_known = self.name.is_empty() || name == self.name;
        (self.name, self.term) = (name.to_owned(), term);
        if is_known { Place::Within } else { Place::Begins }
    }

    /// Places a message by the epoch and term that it names.
    pub(super) fn place(&mut self, name: &str, term: u64) -> Place {
        if name.is_empty() || name == self.name {
            self.term = self.term.max(term);
            return Place::Within;
        }
        if term != 0 && term < self.term {
            return Place::Before;
        }
        let is_first = self.name.is_empty();
        (self.name, self.term) = (name.to_owned(), term);
        if is_first { Place::Within } else { Place::Begins }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn an_epoch_of_a_later_term_begins_and_one_of_an_earlier_is_over() {
        let mut epoch = Epoch::default();
        let mut place = |name, term| epoch.place(name, term);
        assert_eq!(place("a", 3), Place::Within, "the first");
        assert_eq!(place("a", 4), Place::Within, "another node goes on");
        assert_eq!(place("b", 5), Place::Begins);
        assert_eq!(place("a", 4), Place::Before);
        assert_eq!(place("b", 5), Place::Within);
        assert_eq!(place("", 0), Place::Within, "a server that names none");
        assert_eq!(place("c", 0), Place::Begins, "a server that counts no terms");
    }

    #[wasm_bindgen_test]
    fn a_new_connection_is_believed() {
        let mut epoch = Epoch::default();
        assert_eq!(epoch.greet("a", 9), Place::Within);
        assert_eq!(epoch.greet("a", 9), Place::Within);
        assert_eq!(epoch.greet("b", 3), Place::Begins, "restored from a backup");
        assert_eq!(epoch.place("b", 3), Place::Within);
        assert_eq!(epoch.place("a", 2), Place::Before);
    }
}
