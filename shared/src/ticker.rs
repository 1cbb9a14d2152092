//! Securities, and search results.

use crate::{Currency, Symbol};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What kind of a security it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SecurityClass {
    /// A share of a company, or a receipt of one.
    #[default]
    Equity,
    /// A fund that is traded at an exchange.
    Etf,
    /// Another fund.
    Fund,
    /// An index.
    Index,
    /// A pair of currencies.
    Fx,
    /// A pair with a cryptocurrency.
    Crypto,
}

impl SecurityClass {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Equity, Self::Etf, Self::Fund, Self::Index, Self::Fx, Self::Crypto];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equity => "equity",
            Self::Etf => "etf",
            Self::Fund => "fund",
            Self::Index => "index",
            Self::Fx => "fx",
            Self::Crypto => "crypto",
        }
    }

    /// The class with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// One security of the catalogue, as it is listed at one exchange.
///
/// Its texts are shared: many securities have the same exchange, country and sector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ticker {
    /// Its ticker symbol.
    pub symbol: Symbol,
    /// Its name.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Apple Inc."))]
    pub name: Arc<str>,
    /// The market identifier code (ISO 10383) of its exchange; null where unknown.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "XNAS"))]
    pub mic: Option<Arc<str>>,
    /// What its prices are counted in.
    pub currency: Currency,
    /// The country of the issuer; null where unknown.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "United States"))]
    pub country: Option<Arc<str>>,
    /// Its ISIN (ISO 6166); null where unknown.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "US0378331005"))]
    pub isin: Option<Arc<str>>,
    /// Its line of business; null where unknown.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "Information technology"))]
    pub sector: Option<Arc<str>>,
    /// The indices it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["DOW JONES", "NASDAQ 100"])))]
    pub indices: Arc<[Arc<str>]>,
    /// Its place by market value, roughly; 1 is the largest.
    #[cfg_attr(feature = "openapi", schema(example = 4))]
    pub rank: u32,
    /// What kind of a security it is.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub class: SecurityClass,
    /// Whether it is no longer in the catalogue: it stays on lists, and is not found by a search.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub delisted: bool,
}

impl Ticker {
    /// A share with these in dollars, of which nothing else is known.
    pub fn new(symbol: Symbol, name: &str, rank: u32) -> Self {
        Self {
            symbol,
            name: name.into(),
            mic: None,
            currency: Currency::USD,
            country: None,
            isin: None,
            sector: None,
            indices: Arc::default(),
            rank,
            class: SecurityClass::Equity,
            delisted: false,
        }
    }
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
