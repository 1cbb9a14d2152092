//! The table of examples in docs/alerts.md, line by line.

use super::evaluator::{Evaluator, Trigger, Value};
use crate::db::alert::phase;
use crate::db::alert_watch::WatchedAlert;
use crate::ids;
use chrono::{DateTime, TimeDelta, Utc};
use watchtape_shared::alert::{AlertSession, Condition, DEFAULT_REARM, Frequency, MIN_COOLDOWN_S};
use watchtape_shared::quote::Mode;
use watchtape_shared::stream::Source;
use watchtape_shared::{Price, Symbol};

const DOCS: &str = include_str!("../../../docs/alerts.md");

struct Example {
    condition: Condition,
    frequency: Frequency,
    /// Each price, and whether it triggers.
    prices: Vec<(Price, bool)>,
}

fn examples() -> Vec<Example> {
    let table = DOCS.split_once("## Examples").expect("the section").1;
    let rows = table.lines().filter(|line| line.starts_with("| `{"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let price = |text: &str| (Price::parse(text.trim().trim_matches('*')).expect(row), text.contains("**"));
        Example {
            condition: serde_json::from_str(cells[0]).expect(row),
            frequency: serde_json::from_value(cells[1].into()).expect(row),
            prices: cells[2].split(',').map(price).collect(),
        }
    })
    .collect()
}

#[test]
fn every_line_of_the_examples_is_true() {
    let examples = examples();
    assert!(examples.len() >= 12, "{} examples", examples.len());
    for Example { condition, frequency, prices } in examples {
        let start: DateTime<Utc> = "2026-03-02T15:00:00Z".parse().expect("a time");
        let symbol = Symbol::parse("AAPL").expect("a symbol");
        let source = Source { source: "test".to_owned(), mode: Mode::Live };
        let (mut evaluator, mut triggers) = (Evaluator::new(source, start, None), Vec::new());
        let alert = WatchedAlert {
            id: ids::alert(),
            symbol,
            condition,
            frequency,
            cooldown_s: if frequency == Frequency::EveryTime { MIN_COOLDOWN_S } else { 0 },
            rearm: DEFAULT_REARM,
            session: AlertSession::Regular,
            expires_at: None,
            version: 1,
            arming: 1,
            phase: phase::FRESH,
            armed_at: start,
            last_trigger_day: None,
            last_trigger_as_of: None,
        };
        evaluator.insert(&alert, &mut triggers);
        for (minute, (price, triggers_here)) in (1..).zip(prices) {
            let as_of = start + TimeDelta::minutes(minute);
            let value = Value {
                symbol,
                price,
                previous_close: Price::parse("100").ok(),
                as_of,
                seen_at: as_of,
                day: start.date_naive(),
                is_extended: false,
                is_known: false,
                mode: Mode::Live,
                source: "test".into(),
            };
            evaluator.apply(&value, &mut triggers);
            let met: Vec<Trigger> = std::mem::take(&mut triggers);
            assert_eq!(met.len(), usize::from(triggers_here), "{condition:?} {frequency:?} at {price}");
            for Trigger { symbol, key, arming, .. } in met {
                evaluator.settle(symbol, key, arming, arming + 1);
            }
        }
    }
}
