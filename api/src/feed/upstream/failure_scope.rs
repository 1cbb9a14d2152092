//! Whose failure it is when calls fail: that of the symbols that were requested, or the vendor's.
//!
//! A failure puts the vendor in doubt. Where it has priced a watched symbol before, that one is requested next, the control:
//! the vendor fails if the control does. Where it has priced none yet, it fails when calls for different symbols have failed
//! without a success between them.

use std::collections::HashSet;
use watchtape_shared::Symbol;

/// How many different failing calls are the vendor's failure where there is no control.
const DIFFERENT_CALLS: usize = 2;
/// How many symbols are tried in quick succession once the vendor fails.
const QUICK_PROBES: usize = 64;

/// The failed calls since the last success.
#[derive(Debug, Default)]
pub(super) struct FailureScope {
    /// Disjoint, [`DIFFERENT_CALLS`] at most.
    calls: Vec<Vec<Symbol>>,
    /// The symbols that failed by themselves.
    tried: HashSet<Symbol>,
    control: Option<Symbol>,
}

impl FailureScope {
    pub(super) fn record_success(&mut self) {
        *self = Self::default();
    }

    /// Whether a call has failed since the last success, and no control is under way.
    pub(super) fn needs_control(&self) -> bool {
        !self.calls.is_empty() && self.control.is_none()
    }

    /// Records that this symbol is requested as the control.
    pub(super) fn record_control(&mut self, symbol: Symbol) {
        self.control = Some(symbol);
    }

    /// Records a failed call, and returns whether it is the vendor that fails. One for a symbol that `failed_before` says
    /// nothing of the vendor. `has_control`: the vendor has priced another watched symbol before.
    pub(super) fn record_failure(&mut self, symbols: &[Symbol], failed_before: bool, has_control: bool) -> bool {
        let was_control = self.control.take_if(|control| symbols == [*control]).is_some();
        if let [symbol] = symbols {
            self.tried.insert(*symbol);
        }
        if was_control {
            return true;
        }
        if failed_before {
            return false;
        }
        let is_part = |known: &Vec<Symbol>| symbols.iter().all(|symbol| known.contains(symbol));
        if let Some(known) = self.calls.iter_mut().find(|known| is_part(known)) {
            // A part of a batch that failed: the same failure, seen more closely.
            *known = symbols.to_vec();
        } else if !self.calls.iter().flatten().any(|symbol| symbols.contains(symbol)) {
            self.calls.truncate(DIFFERENT_CALLS - 1);
            self.calls.push(symbols.to_vec());
        }
        !has_control && self.calls.len() >= DIFFERENT_CALLS
    }

    /// Whether the symbol failed by itself since the last success, or so many have that no other is tried in a hurry.
    pub(super) fn is_tried(&self, symbol: &Symbol) -> bool {
        self.tried.len() >= QUICK_PROBES || self.tried.contains(symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(texts: &str) -> Vec<Symbol> {
        texts.split(' ').map(|text| Symbol::parse(text).expect("a symbol")).collect()
    }

    fn is_vendor(has_control: bool, calls: &[&str]) -> bool {
        let mut scope = FailureScope::default();
        calls.iter().any(|call| scope.record_failure(&symbols(call), false, has_control))
    }

    #[test]
    fn one_symbol_is_not_the_vendor_however_often_it_fails() {
        for has_control in [false, true] {
            assert!(!is_vendor(has_control, &["A"]));
            assert!(!is_vendor(has_control, &["A", "A", "A"]));
            assert!(!is_vendor(has_control, &["A B C D", "A B", "B"]), "a batch, and the part of it that fails");
            assert!(!is_vendor(has_control, &["B", "A B"]), "what failed before fails in a batch too");
        }
    }

    #[test]
    fn different_symbols_are_the_vendor_where_there_is_no_control() {
        assert!(is_vendor(false, &["A", "B"]));
        assert!(is_vendor(false, &["A B C D", "A B", "C D"]), "both halves");
        assert!(!is_vendor(true, &["A", "B", "C", "D"]));
        let mut scope = FailureScope::default();
        scope.record_failure(&symbols("A"), false, false);
        scope.record_success();
        assert!(!scope.record_failure(&symbols("B"), false, false));
        assert!(!scope.record_failure(&symbols("C"), true, false), "C failed before");
        assert!(scope.is_tried(&symbols("B")[0]) && !scope.is_tried(&symbols("A")[0]));
    }

    #[test]
    fn the_vendor_fails_where_its_control_does() {
        let mut scope = FailureScope::default();
        assert!(!scope.needs_control());
        scope.record_failure(&symbols("A"), false, true);
        assert!(scope.needs_control());
        scope.record_control(symbols("C")[0]);
        assert!(!scope.needs_control(), "one at a time");
        assert!(!scope.record_failure(&symbols("B"), false, true));
        assert!(scope.record_failure(&symbols("C"), false, true));
    }
}
