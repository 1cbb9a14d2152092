//! Countries by the names that catalogues have for them.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Names in use that are not those of ISO 3166-1.
const OTHER_NAMES: [(&str, &str); 22] = [
    ("Bolivia", "BO"),
    ("British Virgin Islands", "VG"),
    ("Czech Republic", "CZ"),
    ("Iran", "IR"),
    ("Ivory Coast", "CI"),
    ("Laos", "LA"),
    ("Macau", "MO"),
    ("Moldova", "MD"),
    ("Netherlands", "NL"),
    ("Palestine", "PS"),
    ("Russia", "RU"),
    ("South Korea", "KR"),
    ("Swaziland", "SZ"),
    ("Syria", "SY"),
    ("Taiwan", "TW"),
    ("Tanzania", "TZ"),
    ("Turkey", "TR"),
    ("United Kingdom", "GB"),
    ("United States", "US"),
    ("Venezuela", "VE"),
    ("Vietnam", "VN"),
    ("Reunion", "RE"),
];

/// The code (ISO 3166-1 alpha-2) of a country by its English name; `None` for a name that is unknown.
pub fn code_of(name: &str) -> Option<&'static str> {
    static BY_NAME: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let official = rust_iso3166::ALL.iter().map(|country| (country.name, country.alpha2));
        official.chain(OTHER_NAMES).collect()
    });
    BY_NAME.get(name).copied()
}

/// Whether this is the code of a country, or one that ISINs have beside those: of the European Union, of securities of no country, and of the Netherlands Antilles, which are no more.
pub fn is_isin_prefix(code: &str) -> bool {
    rust_iso3166::from_alpha2(code).is_some()
        || ["AN", "EU", "XS", "XC", "XD", "XA", "XB", "XF", "XK", "QS", "QT"].contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_the_names_of_the_catalogue() {
        let pairs =
            ["Germany", "United States", "South Korea", "Russian Federation", "Hong Kong", "Atlantis"].map(code_of);
        assert_eq!(pairs, [Some("DE"), Some("US"), Some("KR"), Some("RU"), Some("HK"), None]);
        assert!(is_isin_prefix("XS") && is_isin_prefix("DE") && !is_isin_prefix("ZZ"));
        assert!(OTHER_NAMES.iter().all(|(_, code)| rust_iso3166::from_alpha2(code).is_some()));
    }
}
