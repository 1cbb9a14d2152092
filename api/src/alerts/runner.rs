//! The task that evaluates alerts, on the node that runs the feed: for each term it loads them, and goes on where the node before
//! stopped.

use super::engine::AlertEngine;
use super::loading::load_until_through;
use super::term::Term;

/// Evaluates while this node runs the feed. Never returns.
pub async fn run(engine: &AlertEngine) {
    let mut terms = engine.inbox.term();
    let mut is_first = true;
    loop {
        let Some(term) = *terms.borrow_and_update() else {
            // The sender lives as long as the inbox.
            let _ = terms.changed().await;
            is_first = false;
            continue;
        };
        let work = async {
            if is_first {
                // The run before this one may have ended in the middle of the term, with what it had taken.
                engine.inbox.take_known_again(&engine.node);
            }
            let evaluator = load_until_through(&engine.db, &engine.node.last_values.source).await;
            Term::new(engine, evaluator).run().await;
        };
        tokio::select! {
            () = work => {}
            _ = terms.wait_for(|now| *now != Some(term)) => {}
        }
        is_first = false;
    }
}
