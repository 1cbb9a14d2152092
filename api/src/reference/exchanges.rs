//! The exchanges of the catalogue: their codes, names and places, and how symbols are written there.
//!
//! Facts of ISO 10383 (names, cities, countries), the IANA time zone database, and the suffixes and prefixes that vendors
//! document. Deliberately absent: hours and holidays, which are `market/calendar`'s.

use watchtape_shared::Symbol;

/// An exchange of the catalogue.
#[derive(Debug)]
pub struct Exchange {
    /// Its market identifier code (ISO 10383), as the catalogue has it.
    pub mic: &'static str,
    /// Its name in English.
    pub name: &'static str,
    /// Its city in English.
    pub city: &'static str,
    /// Its country's code (ISO 3166-1 alpha-2).
    pub country: &'static str,
    /// Its time zone (IANA).
    pub timezone: &'static str,
    /// The suffix of the catalogue's symbols there, empty in the United States.
    pub suffix: &'static str,
    /// TradingView's separator of share classes, for the catalogue's `-`.
    pub class_separator: &'static str,
    /// TradingView's prefixes, of which the first is written, then the prefixes and names of Google Finance, Yahoo Finance and
    /// Investing.com. All are read.
    pub names: &'static [&'static str],
}

/// Exchanges where shares are traded whose main market is another one of the same country.
const SECONDARY: [&str; 14] =
    ["AQXE", "BATS", "NEOE", "OTCM", "XBER", "XBOM", "XDUS", "XFKA", "XFRA", "XHAM", "XHAN", "XMUN", "XSAP", "XSTU"];

impl Exchange {
    /// Whether shares that are traded here have their main market elsewhere in the country.
    pub fn is_secondary(&self) -> bool {
        SECONDARY.contains(&self.mic)
    }

    /// Whether a symbol of the catalogue may be of a security there, by its suffix.
    pub fn has(&self, symbol: Symbol) -> bool {
        let has_suffix = |suffix: &str| !suffix.is_empty() && symbol.as_str().ends_with(suffix);
        if self.suffix.is_empty() {
            !EXCHANGES.iter().any(|known| has_suffix(known.suffix))
        } else {
            has_suffix(self.suffix)
        }
    }
}

const fn exchange(
    mic: &'static str,
    name: &'static str,
    [city, country]: [&'static str; 2],
    timezone: &'static str,
    suffix: &'static str,
    names: &'static [&'static str],
) -> Exchange {
    Exchange { mic, name, city, country, timezone, suffix, class_separator: ".", names }
}

const fn nordic(
    mic: &'static str,
    name: &'static str,
    place: [&'static str; 2],
    timezone: &'static str,
    suffix: &'static str,
    names: &'static [&'static str],
) -> Exchange {
    Exchange { class_separator: "_", ..exchange(mic, name, place, timezone, suffix, names) }
}

/// `XNYS` is the embedded catalogue's code for all exchanges of the NYSE group.
const EXCHANGES: [Exchange; 73] = [
    exchange(
        "XNAS",
        "Nasdaq",
        ["New York", "US"],
        "America/New_York",
        "",
        &["NASDAQ", "NasdaqGS", "NasdaqGM", "NasdaqCM"],
    ),
    exchange(
        "XNYS",
        "New York Stock Exchange",
        ["New York", "US"],
        "America/New_York",
        "",
        &["NYSE", "AMEX", "ARCA", "NYSEARCA", "NYSEAMERICAN", "NYSE American", "NYSE Arca"],
    ),
    exchange(
        "XASE",
        "NYSE American",
        ["New York", "US"],
        "America/New_York",
        "",
        &["AMEX", "NYSEAMERICAN", "NYSE American"],
    ),
    exchange(
        "ARCX",
        "NYSE Arca",
        ["New York", "US"],
        "America/New_York",
        "",
        &["ARCA", "NYSEARCA", "AMEX", "NYSE Arca"],
    ),
    exchange("BATS", "Cboe BZX", ["Chicago", "US"], "America/Chicago", "", &["CBOE", "BATS"]),
    exchange("OTCM", "OTC Markets", ["New York", "US"], "America/New_York", "", &["OTC", "OTCMKTS"]),
    exchange("XTSE", "Toronto Stock Exchange", ["Toronto", "CA"], "America/Toronto", ".TO", &["TSX", "TSE", "Toronto"]),
    exchange("XTSX", "TSX Venture Exchange", ["Toronto", "CA"], "America/Toronto", ".V", &["TSXV", "CVE"]),
    exchange("XCNQ", "Canadian Securities Exchange", ["Toronto", "CA"], "America/Toronto", ".CN", &["CSE", "CNSX"]),
    exchange("NEOE", "Cboe Canada", ["Toronto", "CA"], "America/Toronto", ".NE", &["NEO"]),
    exchange("BVMF", "B3", ["São Paulo", "BR"], "America/Sao_Paulo", ".SA", &["BMFBOVESPA", "BVMF", "B3", "Bovespa"]),
    exchange("XMEX", "Mexican Stock Exchange", ["Mexico City", "MX"], "America/Mexico_City", ".MX", &["BMV", "Mexico"]),
    exchange(
        "XBUE",
        "Buenos Aires Stock Exchange",
        ["Buenos Aires", "AR"],
        "America/Argentina/Buenos_Aires",
        ".BA",
        &["BCBA", "BYMA"],
    ),
    exchange("XSGO", "Santiago Stock Exchange", ["Santiago", "CL"], "America/Santiago", ".SN", &["BCS"]),
    exchange("XBOG", "Colombia Stock Exchange", ["Bogotá", "CO"], "America/Bogota", ".CL", &["BVC"]),
    exchange("XCOL", "Colombo Stock Exchange", ["Colombo", "LK"], "Asia/Colombo", ".CM", &["CSELK"]),
    exchange("BVCA", "Caracas Stock Exchange", ["Caracas", "VE"], "America/Caracas", ".CR", &["BVCV"]),
    exchange("XLON", "London Stock Exchange", ["London", "GB"], "Europe/London", ".L", &["LSE", "LON", "London"]),
    exchange("AQXE", "Aquis Exchange", ["London", "GB"], "Europe/London", ".AQ", &["AQUIS", "AQSE"]),
    exchange("XETR", "Xetra", ["Frankfurt", "DE"], "Europe/Berlin", ".DE", &["XETR", "ETR", "Xetra"]),
    exchange("XFRA", "Frankfurt Stock Exchange", ["Frankfurt", "DE"], "Europe/Berlin", ".F", &["FWB", "FRA"]),
    exchange("XSTU", "Stuttgart Stock Exchange", ["Stuttgart", "DE"], "Europe/Berlin", ".SG", &["SWB", "STU"]),
    exchange("XMUN", "Munich Stock Exchange", ["Munich", "DE"], "Europe/Berlin", ".MU", &["MUN"]),
    exchange("XBER", "Berlin Stock Exchange", ["Berlin", "DE"], "Europe/Berlin", ".BE", &["BER"]),
    exchange("XDUS", "Düsseldorf Stock Exchange", ["Düsseldorf", "DE"], "Europe/Berlin", ".DU", &["DUS"]),
    exchange("XHAM", "Hamburg Stock Exchange", ["Hamburg", "DE"], "Europe/Berlin", ".HM", &["HAM"]),
    exchange("XHAN", "Hanover Stock Exchange", ["Hanover", "DE"], "Europe/Berlin", ".HA", &["HAN"]),
    exchange("XPAR", "Euronext Paris", ["Paris", "FR"], "Europe/Paris", ".PA", &["EURONEXT", "EPA", "Paris"]),
    exchange(
        "XAMS",
        "Euronext Amsterdam",
        ["Amsterdam", "NL"],
        "Europe/Amsterdam",
        ".AS",
        &["EURONEXT", "AMS", "Amsterdam"],
    ),
    exchange(
        "XBRU",
        "Euronext Brussels",
        ["Brussels", "BE"],
        "Europe/Brussels",
        ".BR",
        &["EURONEXT", "EBR", "Brussels"],
    ),
    exchange("XLIS", "Euronext Lisbon", ["Lisbon", "PT"], "Europe/Lisbon", ".LS", &["EURONEXT", "ELI", "Lisbon"]),
    exchange("XDUB", "Euronext Dublin", ["Dublin", "IE"], "Europe/Dublin", ".IR", &["EURONEXT", "ISE", "Dublin"]),
    exchange("XOSL", "Oslo Børs", ["Oslo", "NO"], "Europe/Oslo", ".OL", &["OSL", "EURONEXT", "Oslo"]),
    exchange("XMIL", "Borsa Italiana", ["Milan", "IT"], "Europe/Rome", ".MI", &["MIL", "BIT", "Milan"]),
    exchange("XMAD", "Madrid Stock Exchange", ["Madrid", "ES"], "Europe/Madrid", ".MC", &["BME", "Madrid"]),
    exchange("XSWX", "SIX Swiss Exchange", ["Zurich", "CH"], "Europe/Zurich", ".SW", &["SIX", "SWX", "Switzerland"]),
    exchange("XWBO", "Vienna Stock Exchange", ["Vienna", "AT"], "Europe/Vienna", ".VI", &["VIE", "Vienna"]),
    nordic("XSTO", "Nasdaq Stockholm", ["Stockholm", "SE"], "Europe/Stockholm", ".ST", &["OMXSTO", "STO", "Stockholm"]),
    nordic("XHEL", "Nasdaq Helsinki", ["Helsinki", "FI"], "Europe/Helsinki", ".HE", &["OMXHEX", "HEL", "Helsinki"]),
    nordic(
        "XCSE",
        "Nasdaq Copenhagen",
        ["Copenhagen", "DK"],
        "Europe/Copenhagen",
        ".CO",
        &["OMXCOP", "CPH", "Copenhagen"],
    ),
    nordic("XICE", "Nasdaq Iceland", ["Reykjavík", "IS"], "Atlantic/Reykjavik", ".IC", &["OMXICE", "ICE"]),
    nordic("XTAL", "Nasdaq Tallinn", ["Tallinn", "EE"], "Europe/Tallinn", ".TL", &["OMXTSE", "TAL"]),
    nordic("XRIS", "Nasdaq Riga", ["Riga", "LV"], "Europe/Riga", ".RG", &["OMXRSE", "RSE"]),
    nordic("XLIT", "Nasdaq Vilnius", ["Vilnius", "LT"], "Europe/Vilnius", ".VS", &["OMXVSE", "VSE"]),
    exchange("XBUD", "Budapest Stock Exchange", ["Budapest", "HU"], "Europe/Budapest", ".BD", &["BET", "BUD"]),
    exchange("XPRA", "Prague Stock Exchange", ["Prague", "CZ"], "Europe/Prague", ".PR", &["PSECZ", "PRG"]),
    exchange("XWAR", "Warsaw Stock Exchange", ["Warsaw", "PL"], "Europe/Warsaw", ".WA", &["GPW", "WSE"]),
    exchange("ASEX", "Athens Stock Exchange", ["Athens", "GR"], "Europe/Athens", ".AT", &["ATHEX", "ATH"]),
    exchange("XIST", "Borsa Istanbul", ["Istanbul", "TR"], "Europe/Istanbul", ".IS", &["BIST", "IST"]),
    exchange("MISX", "Moscow Exchange", ["Moscow", "RU"], "Europe/Moscow", ".ME", &["MOEX", "MCX"]),
    exchange("XTKS", "Tokyo Stock Exchange", ["Tokyo", "JP"], "Asia/Tokyo", ".T", &["TSE", "TYO", "Tokyo"]),
    exchange("XJPX", "Japan Exchange Group", ["Tokyo", "JP"], "Asia/Tokyo", ".T", &["JPX", "TSE", "TYO"]),
    exchange("XFKA", "Fukuoka Stock Exchange", ["Fukuoka", "JP"], "Asia/Tokyo", ".F", &["FSE"]),
    exchange("XSAP", "Sapporo Securities Exchange", ["Sapporo", "JP"], "Asia/Tokyo", ".S", &["SAPSE"]),
    exchange("XHKG", "Hong Kong Exchanges", ["Hong Kong", "HK"], "Asia/Hong_Kong", ".HK", &["HKEX", "HKG"]),
    exchange("XSHG", "Shanghai Stock Exchange", ["Shanghai", "CN"], "Asia/Shanghai", ".SS", &["SSE", "SHA"]),
    exchange("XSHE", "Shenzhen Stock Exchange", ["Shenzhen", "CN"], "Asia/Shanghai", ".SZ", &["SZSE", "SHE"]),
    exchange("XTAI", "Taiwan Stock Exchange", ["Taipei", "TW"], "Asia/Taipei", ".TW", &["TWSE", "TPE"]),
    exchange("ROCO", "Taipei Exchange", ["Taipei", "TW"], "Asia/Taipei", ".TWO", &["TPEX"]),
    exchange("XKRX", "Korea Exchange", ["Seoul", "KR"], "Asia/Seoul", ".KS", &["KRX"]),
    exchange("XKOS", "KOSDAQ", ["Seoul", "KR"], "Asia/Seoul", ".KQ", &["KRX", "KOSDAQ"]),
    exchange("XBOM", "BSE", ["Mumbai", "IN"], "Asia/Kolkata", ".BO", &["BSE", "BOM", "Bombay"]),
    exchange("XNSE", "National Stock Exchange of India", ["Mumbai", "IN"], "Asia/Kolkata", ".NS", &["NSE", "NSI"]),
    exchange("XSES", "Singapore Exchange", ["Singapore", "SG"], "Asia/Singapore", ".SI", &["SGX"]),
    exchange("XKLS", "Bursa Malaysia", ["Kuala Lumpur", "MY"], "Asia/Kuala_Lumpur", ".KL", &["MYX", "KLSE"]),
    exchange("XIDX", "Indonesia Stock Exchange", ["Jakarta", "ID"], "Asia/Jakarta", ".JK", &["IDX", "JKT"]),
    exchange("XBKK", "Stock Exchange of Thailand", ["Bangkok", "TH"], "Asia/Bangkok", ".BK", &["SET", "BKK"]),
    exchange("XTAE", "Tel Aviv Stock Exchange", ["Tel Aviv", "IL"], "Asia/Jerusalem", ".TA", &["TASE", "TLV"]),
    exchange("XSAU", "Saudi Exchange", ["Riyadh", "SA"], "Asia/Riyadh", ".SR", &["TADAWUL"]),
    exchange("DSMD", "Qatar Stock Exchange", ["Doha", "QA"], "Asia/Qatar", ".QA", &["QSE"]),
    exchange("XASX", "Australian Securities Exchange", ["Sydney", "AU"], "Australia/Sydney", ".AX", &["ASX"]),
    exchange("XNZE", "New Zealand Exchange", ["Wellington", "NZ"], "Pacific/Auckland", ".NZ", &["NZX", "NZE"]),
    exchange("XJSE", "Johannesburg Stock Exchange", ["Johannesburg", "ZA"], "Africa/Johannesburg", ".JO", &["JSE"]),
];

/// All of them.
pub fn all() -> &'static [Exchange] {
    &EXCHANGES
}

/// A small number for an exchange, the same for as long as this process runs; the same one for all that are not in the table.
pub fn number_of(mic: Option<&str>) -> u8 {
    let known = mic.and_then(|mic| EXCHANGES.iter().position(|exchange| exchange.mic == mic));
    known.map_or(u8::MAX, |at| at as u8)
}

/// The exchange with a market identifier code.
pub fn find_by_mic(mic: &str) -> Option<&'static Exchange> {
    EXCHANGES.iter().find(|exchange| exchange.mic == mic)
}

/// The exchanges with this name (`EURONEXT` has several), or with this market identifier code.
pub fn find_by_name(name: &str) -> Vec<&'static Exchange> {
    let matches = |exchange: &&Exchange| {
        exchange.mic.eq_ignore_ascii_case(name) || exchange.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    EXCHANGES.iter().filter(matches).collect()
}
