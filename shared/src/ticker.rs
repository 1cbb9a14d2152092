//! Securities, and search results.

use crate::{Currency, Symbol};
use serde::{Deserialize, Serialize};

/// One security of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ticker {
    /// Its ticker symbol.
    pub symbol: Symbol,
    /// Its name.
    #[cfg_attr(feature = "openapi", schema(example = "Apple Inc."))]
    pub name: String,
    /// The market identifier code (ISO 10383) of its exchange; null where unknown.
    #[cfg_attr(feature = "openapi", schema(example = "XNAS"))]
    pub mic: Option<String>,
    /// What its prices are counted in.
    pub currency: Currency,
    /// The country of the issuer; null where unknown.
    #[cfg_attr(feature = "openapi", schema(example = "United States"))]
    pub country: Option<String>,
    /// Its ISIN (ISO 6166); null where unknown.
    #[cfg_attr(feature = "openapi", schema(example = "US0378331005"))]
    pub isin: Option<String>,
    /// Its line of business; null where unknown.
    #[cfg_attr(feature = "openapi", schema(example = "Information technology"))]
    pub sector: Option<String>,
    /// The indices it is in.
    #[cfg_attr(feature = "openapi", schema(example = json!(["DOW JONES", "NASDAQ 100"])))]
    pub indices: Vec<String>,
    /// Its place by market value, roughly; 1 is the largest.
    #[cfg_attr(feature = "openapi", schema(example = 4))]
    pub rank: u32,
}

/// Where a query was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MatchedField {
    /// In the symbol.
    Symbol,
    /// In the name.
    Name,
    /// In the ISIN, which has no place in the row to mark.
    Isin,
}

/// What of a security a query matched, for the app to mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Matched {
    /// Which field.
    pub field: MatchedField,
    /// Half-open ranges of Unicode characters in that field, in order.
    #[cfg_attr(feature = "openapi", schema(example = json!([[0, 2]])))]
    pub ranges: Vec<[u32; 2]>,
    /// Whether a typing error was forgiven.
    pub fuzzy: bool,
}

/// One result of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TickerMatch {
    /// The security.
    #[serde(flatten)]
    pub ticker: Ticker,
    /// What matched; null where there was no query.
    pub matched: Option<Matched>,
}
