//! Exports of other products: their columns and their ways with titles, quotes and endings, around rows of our own.

use super::corpus::{CSV, File, TXT, file};

pub(super) fn files() -> Vec<File> {
    [trading_view(), portfolios(), brokers(), european_brokers()].into_iter().flatten().collect()
}

fn trading_view() -> Vec<File> {
    vec![
        file(
            "TradingView, in one line",
            TXT,
            "###TECH,NASDAQ:AAPL,NYSE:BRK.B,###EUROPE,LSE:UU,OMXSTO:VOLV_B,BINANCE:BTCUSDT,",
            &["AAPL|TECH", "BRK.B|TECH", "UU.L|EUROPE", "VOLV-B.ST|EUROPE"],
            &[(1, "unknown_symbol")],
        ),
        file(
            "TradingView, in many lines",
            TXT,
            "\u{feff}###TECH\r\nNASDAQ:AAPL\r\nNASDAQ:MSFT\r\n\r\n###RATIOS\r\nNASDAQ:AAPL/NASDAQ:MSFT\r\nTVC:GOLD\r\n",
            &["AAPL|TECH", "MSFT|TECH"],
            &[(6, "invalid_symbol"), (7, "wrong_exchange")],
        ),
        file("TradingView, with CR", TXT, "###TECH\rNASDAQ:AAPL\rNASDAQ:MSFT", &["AAPL|TECH", "MSFT|TECH"], &[]),
        file(
            "TradingView's screener",
            CSV,
            "Symbol,Description,Price,Price - Currency,Change %,Volume\nAAPL,Apple Inc.,189.23,USD,1.2,1000\n",
            &["AAPL"],
            &[],
        ),
    ]
}

fn portfolios() -> Vec<File> {
    vec![
        file(
            "Yahoo Finance, a portfolio",
            CSV,
            "Symbol,Current Price,Date,Time,Change,Open,High,Low,Volume,Trade Date,Purchase Price,Quantity,Commission,High Limit,Low Limit,Comment,Transaction Type\n\
             AAPL,189.23,2026/11/27,16:00 EST,1.2,188,190,187,1000,20250102,150.5,10,,,,\"for, long\",BUY\n\
             BRK-B,480.1,2026/11/27,16:00 EST,-0.3,481,482,479,1000,,,,,,,,\n\
             BTC-USD,97000,2026/11/27,16:00 UTC,1,1,1,1,1,,,,,,,,\n\
             ^GSPC,6000,2026/11/27,16:00 EST,1,1,1,1,1,,,,,,,,\n",
            &["AAPL|||for, long", "BRK.B"],
            &[(4, "unknown_symbol"), (5, "invalid_symbol")],
        ),
        file(
            "Google Sheets, with GOOGLEFINANCE",
            CSV,
            "Ticker,Name,Price,Shares\r\nNASDAQ:AAPL,Apple Inc,\"189,23\",10\r\nNYSE:BRK.B,Berkshire,480.1,1\r\nLON:UU,United Utilities,#N/A,\r\nTYO:7203,Toyota,#N/A,",
            &["AAPL", "BRK.B", "UU.L", "7203.T"],
            &[],
        ),
        file(
            "Seeking Alpha, a portfolio",
            CSV,
            "Symbol,Price,Change,Change %,Volume,Avg. Vol,Prev Close,Open,Shares,Cost,Notes\nAAPL,189.23,1.2,0.64%,52M,55M,188,188,10,150.5,\nBRK.B,480.1,-0.3,-0.06%,3M,4M,480.4,481,1,300,core\n",
            &["AAPL", "BRK.B|||core"],
            &[],
        ),
        file(
            "Investing.com, a watchlist",
            CSV,
            "\u{feff}\"Name\",\"Symbol\",\"Exchange\",\"Last\",\"Open\",\"High\",\"Low\",\"Chg.\",\"Chg. %\",\"Vol.\",\"Time\"\n\
             \"Apple\",\"AAPL\",\"NASDAQ\",\"189.23\",\"188\",\"190\",\"187\",\"+1.20\",\"+0.64%\",\"52M\",\"27/11\"\n\
             \"United Utilities\",\"UU\",\"London\",\"1,052.0\",\"1,050\",\"1,060\",\"1,049\",\"+2\",\"+0.19%\",\"1M\",\"27/11\"\n\
             \"Apple CDR\",\"AAPL\",\"London\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"27/11\"\n",
            &["AAPL", "UU.L"],
            &[(4, "wrong_exchange")],
        ),
    ]
}

fn brokers() -> Vec<File> {
    vec![
        file(
            "Interactive Brokers, a statement",
            CSV,
            "Statement,Header,Field Name,Field Value\nStatement,Data,Title,Activity Statement\n\
             Open Positions,Header,DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Mult,Cost Price\n\
             Open Positions,Data,Summary,Stocks,USD,AAPL,10,1,150.5\n\
             Open Positions,Data,Summary,Stocks,USD,BRK B,1,1,300\n\
             Open Positions,Total,,Stocks,USD,,,,1805\n",
            &["AAPL", "BRK.B"],
            &[(6, "invalid_symbol")],
        ),
        file(
            "Interactive Brokers, a Flex query",
            CSV,
            "\"ClientAccountID\",\"CurrencyPrimary\",\"AssetClass\",\"Symbol\",\"Description\",\"ISIN\",\"ListingExchange\",\"Quantity\"\r\n\
             \"U1\",\"USD\",\"STK\",\"AAPL\",\"APPLE INC\",\"US0378331005\",\"NASDAQ\",\"10\"\r\n\
             \"U1\",\"GBP\",\"STK\",\"BT.A\",\"BT GROUP\",\"GB0030913577\",\"LSE\",\"5\"\r\n",
            &["AAPL", "BT-A.L"],
            &[],
        ),
        file(
            "Schwab, positions",
            CSV,
            "\"Positions for account Individual ...001 as of 02:35 PM ET, 2026/11/27\"\r\n\r\n\
             \"Symbol\",\"Description\",\"Qty (Quantity)\",\"Price\",\"Mkt Val (Market Value)\",\"Asset Type\",\r\n\
             \"AAPL\",\"APPLE INC\",\"10\",\"189.23\",\"$1,892.30\",\"Equity\",\r\n\
             \"BRK/B\",\"BERKSHIRE HATHAWAY CLASS B\",\"1\",\"480.10\",\"$480.10\",\"Equity\",\r\n\
             \"Cash & Cash Investments\",\"--\",\"--\",\"--\",\"$100.00\",\"Cash and Money Market\",\r\n\
             \"Account Total\",\"--\",\"--\",\"--\",\"$2,472.40\",\"--\",\r\n",
            &["AAPL", "BRK.B"],
            &[(6, "invalid_symbol"), (7, "invalid_symbol")],
        ),
        file(
            "Fidelity, positions",
            CSV,
            "\u{feff}Account Number,Account Name,Symbol,Description,Quantity,Last Price,Current Value,Type\r\n\
             Z1,INDIVIDUAL,SPAXX**,HELD IN MONEY MARKET,,,$100.00,Cash,\r\n\
             Z1,INDIVIDUAL,AAPL,APPLE INC,10,$189.23,$1892.30,Cash,\r\n\
             \r\n\"Brokerage services are provided by others, and so on.\"\r\n\r\nDate downloaded 11/27/2026 2:35 PM ET\r\n",
            &["AAPL"],
            &[(2, "invalid_symbol"), (5, "invalid_symbol"), (7, "invalid_symbol")],
        ),
    ]
}

fn european_brokers() -> Vec<File> {
    vec![
        file(
            "DEGIRO, a portfolio",
            CSV,
            "Product,Symbol/ISIN,Amount,Closing,Local value,Value in EUR\nCASH & CASH FUND & FTX CASH (EUR),,,,EUR 100.00,\"100,00\"\nAPPLE INC,US0378331005,10,\"189,23\",USD 1892.30,\"1700,00\"\n",
            &["AAPL"],
            &[(2, "invalid_symbol")],
        ),
        file(
            "Trading 212, a history",
            CSV,
            "Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Total,Notes\n\
             Deposit,2026-01-02 10:00:00,,,,,,,100.00,\"Transaction ID: 1\"\n\
             Market buy,2026-01-02 10:01:00,US0378331005,AAPL,\"Apple\",1.5,189.23,USD,283.85,\n\
             Market buy,2026-01-03 10:01:00,GB0030913577,BTA,\"BT Group\",3,150,GBX,4.5,\n\
             Market sell,2026-01-04 10:01:00,US0378331005,AAPL,\"Apple\",0.5,190,USD,95,\n",
            &["AAPL", "BT-A.L"],
            &[(2, "invalid_symbol"), (5, "already_on_list")],
        ),
    ]
}
