//! Sparklines.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::sparkline::Sparkline;
use watchtape_shared::{Page, Symbol};

impl Api {
    /// The sparklines of up to 100 symbols.
    pub(crate) async fn list_sparklines(self, symbols: &[Symbol]) -> Result<Vec<Sparkline>, Failure> {
        let mut path = "/quotes/sparklines?symbols=".to_owned();
        for (at, symbol) in symbols.iter().enumerate() {
            if at > 0 {
                path.push(',');
            }
            path.push_str(symbol.as_str());
        }
        let page: Page<Sparkline> = self.authorised(Call::get(path)).await?.json()?;
        Ok(page.items)
    }
}
