//! Who searches, and for what.

use watchtape_shared::ticker::SecurityClass;

/// What somebody looks for beside the query.
#[derive(Clone, Debug, Default)]
pub struct SearchScope {
    /// Securities of this class alone.
    pub class: Option<SecurityClass>,
    /// The market identifier codes of exchanges that they use: what is listed there comes before an equally good result.
    pub exchanges: Vec<String>,
}
