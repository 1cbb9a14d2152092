//! Importing an exported list gives the same items in every format, and no file makes a reader panic.

use super::{read, write};
use crate::catalog;
use crate::search::TickerIndex;
use chrono::DateTime;
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};
use watchtape_shared::WatchlistId;
use watchtape_shared::text::{ListName, Note, Section};
use watchtape_shared::transfer::{Format, RejectionCode};
use watchtape_shared::watchlist::{AddItem, Flag, Watchlist, WatchlistItem, WatchlistSummary};

static CATALOGUE: LazyLock<TickerIndex> =
    LazyLock::new(|| TickerIndex::new(catalog::embedded().expect("it parses").into_iter().map(Arc::new).collect()));

/// Texts with the syntax of each format in them.
const HOSTILE_TEXT: &str = "(###|# note: |# flag: red|%2C|%25|👩\u{200D}💻|\r\n|[,;\t\n'\"=+@%#:{}\\\\-]|[a-zA-Z0-9 ]|[éß漢🙂\u{2028}\u{a0}]){1,30}";

/// A position in the catalogue, and the item's note, flag and section.
type Item = (usize, Option<Note>, Option<Flag>, Option<Section>);

fn item() -> impl Strategy<Value = Item> {
    let note = HOSTILE_TEXT.prop_map(|text| Note::parse(&text.replace("\r\n", "\n")).ok());
    let section = prop_oneof![Just("A, B"), Just("50% off"), Just("###"), Just("="), Just("'"), Just("# flag: red")]
        .prop_map(str::to_owned)
        .boxed()
        .prop_union(HOSTILE_TEXT.boxed())
        .prop_map(|text| Section::parse(&text).ok());
    let flag = proptest::option::of(proptest::sample::select(Flag::ALL.to_vec()));
    (0..CATALOGUE.len(), note, flag, proptest::option::weighted(0.7, section).prop_map(Option::flatten))
}

fn list_of(items: &[Item]) -> Watchlist {
    let at = DateTime::UNIX_EPOCH;
    let mut seen = std::collections::HashSet::new();
    let items: Vec<WatchlistItem> = items
        .iter()
        .filter_map(|(position, note, flag, section)| {
            let ticker = CATALOGUE.iter().nth(*position).expect("a position in the catalogue");
            let (note, flag, section) = (note.clone(), *flag, section.clone());
            seen.insert(ticker.symbol)
                .then(|| imported(AddItem { note, flag, section, ..AddItem::at_end(ticker.symbol) }))
        })
        .collect();
    let summary = WatchlistSummary {
        id: WatchlistId::parse("wl_01kaq2f8s5e8rvm0r2j5c4n6xt").expect("an id"),
        name: ListName::parse("Tech").expect("a name"),
        position: 0,
        version: 1,
        item_count: items.len() as u32,
        created_at: at,
        updated_at: at,
    };
    Watchlist { summary, items }
}

fn is_same(item: &WatchlistItem, read: &AddItem) -> bool {
    (item.symbol, &item.note, item.flag, &item.section) == (read.symbol, &read.note, read.flag, &read.section)
}

/// An item of a list, of one that was read.
fn imported(item: AddItem) -> WatchlistItem {
    let ticker = CATALOGUE.get(&item.symbol).expect("a security of the catalogue");
    WatchlistItem {
        symbol: ticker.symbol,
        name: ticker.name.to_string(),
        mic: ticker.mic.as_deref().map(str::to_owned),
        delisted: ticker.delisted,
        currency: ticker.currency,
        position: 0,
        note: item.note,
        flag: item.flag,
        section: item.section,
        added_at: DateTime::UNIX_EPOCH,
        quote: None,
        alert_count: None,
    }
}

proptest! {
    #[test]
    fn importing_an_export_gives_the_same_items(items in proptest::collection::vec(item(), 0..20)) {
        let list = list_of(&items);
        for format in Format::ALL {
            let file = write(format, &list, &CATALOGUE).expect("a file");
            let lines = read(format, file.as_bytes(), &CATALOGUE).expect("a file of ours");
            prop_assert_eq!(lines.len(), list.items.len(), "{:?}: {}", format, &file);
            for (item, line) in list.items.iter().zip(&lines) {
                let same = line.item.as_ref().is_ok_and(|read| is_same(item, read));
                prop_assert!(same, "{:?}: {:?} came back as {:?} from {}", format, item, line.item, file);
            }
        }
    }

    #[test]
    fn an_export_that_is_imported_and_exported_again_is_the_same_bytes(items in proptest::collection::vec(item(), 0..20)) {
        let list = list_of(&items);
        for format in Format::ALL {
            let file = write(format, &list, &CATALOGUE).expect("a file");
            let lines = read(format, file.as_bytes(), &CATALOGUE).expect("a file of ours");
            let items = lines.into_iter().map(|line| line.item.expect("an item of ours")).map(imported).collect();
            let again = write(format, &Watchlist { items, ..list.clone() }, &CATALOGUE).expect("a file");
            prop_assert_eq!(again, file);
        }
    }

    #[test]
    fn no_cell_is_a_formula(items in proptest::collection::vec(item(), 1..5)) {
        let file = write(Format::Csv, &list_of(&items), &CATALOGUE).expect("a file");
        let mut reader = csv::Reader::from_reader(file.as_bytes());
        for record in reader.records() {
            for cell in &record.expect("a record") {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            }
        }
        // Nor to a spreadsheet that separates cells otherwise, and so takes no quote for one.
        for cell in file.split([';', '\t', '\n']) {
            let cell = cell.trim_start_matches([' ', '\u{a0}', '"', '\r']);
            prop_assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell:?} in {file}");
        }
    }

    #[test]
    fn any_file_is_read_or_refused_without_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        head in prop_oneof![Just(""), Just("symbol;note\n"), Just("note,symbol\n"), Just("{\"items\":[")],
        text in HOSTILE_TEXT,
    ) {
        for format in Format::ALL {
            let _ = read(format, &bytes, &CATALOGUE);
            let _ = read(format, format!("{head}{text}").as_bytes(), &CATALOGUE);
        }
    }
}

/// Each security of the catalogue, written in TradingView's format and read back.
#[test]
fn every_security_survives_tradingviews_format() {
    let all: Vec<_> = (0..CATALOGUE.len()).map(|position| (position, None, None, None)).collect();
    for part in all.chunks(5000) {
        let list = list_of(part);
        let file = write(Format::Txt, &list, &CATALOGUE).expect("a file");
        let lines = read(Format::Txt, file.as_bytes(), &CATALOGUE).expect("a file of ours");
        for (item, line) in list.items.iter().zip(&lines) {
            assert!(line.item.as_ref().is_ok_and(|read| is_same(item, read)), "{}: {line:?}", item.symbol);
        }
    }
}

/// The symbols of a file, and the number and the code of each rejected line.
fn read_all(format: Format, file: &str) -> (Vec<String>, Vec<(u32, RejectionCode)>) {
    let (mut symbols, mut rejected) = (Vec::new(), Vec::new());
    for line in read(format, file.as_bytes(), &CATALOGUE).expect("a file") {
        match line.item {
            Ok(item) => symbols.push(item.symbol.to_string()),
            Err(rejection) => rejected.push((line.position.number, rejection.code)),
        }
    }
    (symbols, rejected)
}

#[test]
fn lines_of_csv_are_counted_as_an_editor_does() {
    let file = "\u{feff}Note;SYMBOL;Flag\r\n\"two\r\nlines\";AAPL;\r\n\r\n;NOPE!;\r\n;MSFT;pink\r\n;;\r\n1;2;3;4\r\n;BRK-B;RED\r\n";
    let (symbols, rejected) = read_all(Format::Csv, file);
    assert_eq!(symbols, ["AAPL", "BRK.B"]);
    assert_eq!(
        rejected,
        [(5, RejectionCode::InvalidSymbol), (6, RejectionCode::InvalidFlag), (8, RejectionCode::Malformed)]
    );
    assert!(read(Format::Csv, b"name,note\nAAPL,x\n", &CATALOGUE).is_err());
    assert!(read(Format::Csv, b"symbol\n\xff\n", &CATALOGUE).is_err());
}

#[test]
fn text_is_read_as_tradingview_writes_it() {
    let file =
        "###US tech,NASDAQ:AAPL,NYSE:AAPL,###Banks 50%\nNYSE:JPM\n# a comment\n# flag: pink\n# note: x\n\nNOPE!\n";
    let (symbols, rejected) = read_all(Format::Txt, file);
    assert_eq!(symbols, ["AAPL", "JPM"]);
    let reasons = [
        RejectionCode::WrongExchange,
        RejectionCode::InvalidFlag,
        RejectionCode::Malformed,
        RejectionCode::InvalidSymbol,
    ];
    assert_eq!(rejected, [1, 4, 5, 7].into_iter().zip(reasons).collect::<Vec<_>>());
    let lines = read(Format::Txt, file.as_bytes(), &CATALOGUE).expect("a file");
    let section = |line: usize| lines[line].item.as_ref().expect("an item").section.as_ref().map(Section::as_str);
    assert_eq!((section(0), section(2)), (Some("US tech"), Some("Banks 50%")));
}

#[test]
fn an_invalid_json_item_is_rejected_without_the_others() {
    let file =
        r#"{"items":[{"symbol":"AAPL"},{"symbol":"MSFT","price":1},7,{"symbol":"JPM","section":null,"flag":"x"}]}"#;
    let (symbols, rejected) = read_all(Format::Json, file);
    assert_eq!(symbols, ["AAPL"]);
    assert_eq!(
        rejected,
        [(2, RejectionCode::Malformed), (3, RejectionCode::Malformed), (4, RejectionCode::InvalidFlag)]
    );
    for file in ["{}", "[]", "{", r#"{"items":[],"more":1}"#, &format!(r#"{{"items":[{}0]}}"#, "0,".repeat(10_000))] {
        assert!(read(Format::Json, file.as_bytes(), &CATALOGUE).is_err(), "{file:.40}");
    }
}
