//! List files as people have them: every delimiter, encoding and line end, and the exports of other products by the columns
//! that they have. Each line comes in as a person would expect, or is named.

use super::products;
use crate::support::{Account, Backend, TestServer};
use reqwest::Method;
use serde_json::Value;

pub(super) const CSV: &str = "text/csv";
pub(super) const TXT: &str = "text/plain";
pub(super) const JSON: &str = "application/json";

/// A file, and what is to become of it.
pub(super) struct File {
    pub(super) name: &'static str,
    pub(super) media_type: &'static str,
    pub(super) bytes: Vec<u8>,
    /// Each item: its symbol, then its section, flag and note where it has one, between bars.
    pub(super) items: &'static [&'static str],
    /// Each line that is named, with the code.
    pub(super) named: &'static [(u64, &'static str)],
}

pub(super) fn file(
    name: &'static str,
    media_type: &'static str,
    bytes: impl AsRef<[u8]>,
    items: &'static [&'static str],
    named: &'static [(u64, &'static str)],
) -> File {
    File { name, media_type, bytes: bytes.as_ref().to_vec(), items, named }
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect()
}

const TABLE: &str = "Symbol,Section,Flag,Note\nAAPL,Täglich,red,\"gut, schön\"\nMSFT,,,\n";
const READ: &[&str] = &["AAPL|Täglich|red|gut, schön", "MSFT"];

/// The same table, in every way in which programs write tables.
fn tables() -> Vec<File> {
    let semicolons = "Symbol;Section;Flag;Note\nAAPL;Täglich;red;gut, schön\nMSFT;;;\n";
    let tabs = "Symbol\tSection\tFlag\tNote\nAAPL\tTäglich\tred\tgut, schön\nMSFT\t\t\t\n";
    let json = "{\"items\":[{\"symbol\":\"AAPL\",\"section\":\"Täglich\",\"flag\":\"red\",\"note\":\"gut, schön\"},{\"symbol\":\"MSFT\"}]}";
    vec![
        file("commas", CSV, TABLE, READ, &[]),
        file("semicolons", CSV, semicolons, READ, &[]),
        file("tabs", CSV, tabs, READ, &[]),
        file("CR LF", CSV, TABLE.replace('\n', "\r\n"), READ, &[]),
        file("CR", CSV, TABLE.replace('\n', "\r"), READ, &[]),
        file("UTF-8 with its mark", CSV, format!("\u{feff}{TABLE}"), READ, &[]),
        file("UTF-16, little end first", CSV, utf16(tabs, u16::to_le_bytes), READ, &[]),
        file("UTF-16, big end first", CSV, utf16(&semicolons.replace('\n', "\r"), u16::to_be_bytes), READ, &[]),
        file("JSON with a mark", JSON, format!("\u{feff}{json}"), READ, &[]),
        file("JSON in UTF-16", JSON, utf16(json, u16::to_le_bytes), READ, &[]),
        file("blanks around quotes", CSV, TABLE.replace(",\"gut, schön\"", ", \"gut, schön\" "), READ, &[]),
        file("a blank line first", CSV, format!("\r\n\n{}", semicolons.replace('\n', "\r\n")), READ, &[]),
        file("titles", CSV, format!("My list, by Ada\nas of 27.11.2026\n\n{TABLE}"), READ, &[]),
        file("a delimiter named", CSV, format!("sep=;\n{semicolons}"), READ, &[]),
        file("trailing delimiters", CSV, TABLE.replace('\n', ",,,\n"), READ, &[]),
        file(
            "trailing delimiters of rows",
            CSV,
            TABLE.replace("schön\"", "schön\",,").replace("MSFT,,,", "MSFT,,,,,"),
            READ,
            &[],
        ),
        file(
            "a header of quoted delimiters",
            CSV,
            "symbol;\"note\";\"Section, with, commas\"\nAAPL;x;1\n",
            &["AAPL|||x"],
            &[],
        ),
        file(
            "lines within a note",
            CSV,
            "symbol,note\rAAPL,\"one\rtwo\"\r\nNOPE!,\n",
            &["AAPL|||one\ntwo"],
            &[(4, "invalid_symbol")],
        ),
        file("a column alone", CSV, "ticker\nAAPL\nBRK-B\n", &["AAPL", "BRK.B"], &[]),
        file("only trailing delimiters", CSV, "symbol\nAAPL;\nMSFT;\n", &["AAPL", "MSFT"], &[]),
    ]
}

/// Lines that cannot be read as they are: each is named, and costs no other one.
fn damaged() -> Vec<File> {
    vec![
        file("a quote that is not closed", CSV, "symbol,note\nAAPL,\"x\nMSFT,y\n", &["MSFT|||y"], &[(2, "malformed")]),
        file("text behind a quote", CSV, "symbol,note\nAAPL,\"x\"y\nMSFT,\"z\"\n", &["MSFT|||z"], &[(2, "malformed")]),
        file("inches", CSV, "symbol,note\nAAPL,27\" screen\n", &["AAPL|||27\" screen"], &[]),
        file("more cells than columns", CSV, "symbol,note\nAAPL,x, y\nMSFT,\n", &["MSFT"], &[(2, "malformed")]),
        file("items before the header", CSV, "AAPL,x\nsymbol,note\nMSFT,\n", &["MSFT"], &[(1, "malformed")]),
        file(
            "a second header",
            CSV,
            "symbol,note\nAAPL,\nsymbol,note\nMSFT,\n",
            &["AAPL", "MSFT"],
            &[(3, "unknown_symbol")],
        ),
        file(
            "exchanges of others",
            TXT,
            "BINANCE:WHK\nCOMEX:DRIL,FOREXCOM:XXC\nNYSE:WHK\n",
            &["WHK"],
            &[(1, "wrong_exchange"), (2, "wrong_exchange"), (2, "wrong_exchange")],
        ),
    ]
}

async fn read_back(account: &Account, file: &File) -> (Vec<String>, Vec<(u64, String)>, Vec<String>) {
    let list = account.new_list(file.name).await;
    let answer = account.import(&list, file.media_type, file.bytes.clone()).await.expect(200);
    let rejected = answer["rejected"].as_array().expect("lines").iter();
    let named =
        rejected.map(|line| (line["line"].as_u64().unwrap_or(0), line["code"].as_str().unwrap_or("").to_owned()));
    let symbols = answer["symbols"].as_array().expect("symbols").iter();
    let symbols = symbols.map(|symbol| symbol.as_str().expect("a symbol").to_owned()).collect();
    let content = account.client.get(&list).await.expect(200);
    let text = |item: &Value, member: &str| item[member].as_str().unwrap_or_default().to_owned();
    let item = |item: &Value| {
        let texts = ["symbol", "section", "flag", "note"].map(|member| text(item, member));
        texts.join("|").trim_end_matches('|').to_owned()
    };
    let items = content["items"].as_array().expect("items").iter().map(item).collect();
    account.client.send(account.client.request(Method::DELETE, &list)).await.expect(204);
    (items, named.collect(), symbols)
}

#[actix_web::test]
async fn every_file_comes_in_as_a_person_would_expect_or_is_named_line_by_line() {
    let server = TestServer::with_whole_catalogue(Backend::Sqlite).await;
    let account = server.client().register().await;
    for file in tables().into_iter().chain(damaged()).chain(products::files()) {
        let (items, named, symbols) = read_back(&account, &file).await;
        let named: Vec<_> = named.iter().map(|(line, code)| (*line, code.as_str())).collect();
        let items: Vec<_> = items.iter().map(String::as_str).collect();
        assert_eq!((items.as_slice(), named.as_slice()), (file.items, file.named), "{}", file.name);
        let expected: Vec<_> = file.items.iter().map(|item| item.split('|').next().unwrap_or_default()).collect();
        assert_eq!(symbols, expected, "{}", file.name);
    }
}

#[actix_web::test]
async fn a_file_in_another_encoding_is_refused_by_its_line() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    for (media_type, bytes) in [
        (CSV, b"symbol;note\r\nAAPL;x\r\nMSFT;sch\xF6n\r\n".to_vec()),
        (TXT, b"AAPL\r# a comment\rsch\xF6n\r".to_vec()),
        (JSON, b"{\"items\":[\n{\"symbol\":\"AAPL\"},\n{\"symbol\":\"MSFT\",\"note\":\"sch\xF6n\"}]}".to_vec()),
        (CSV, [utf16("symbol\nAAPL\nM", u16::to_le_bytes), vec![b'x']].concat()),
    ] {
        let code = if media_type == JSON { "malformed_json" } else { "bad_request" };
        let problem = account.import(&list, media_type, bytes).await.refused(400, code);
        let detail = problem["detail"].as_str().expect("a text");
        assert!(detail.contains("Line 3") && detail.contains("UTF-8"), "{detail}");
    }
    assert!(account.symbols(&list).await.is_empty());
}
