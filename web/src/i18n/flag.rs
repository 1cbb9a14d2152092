//! The names of the flag colours.

use crate::texts;
use watchtape_shared::watchlist::Flag;

/// The colour in the words of the reader.
pub(crate) fn name(flag: Flag) -> &'static str {
    match flag {
        Flag::Red => texts::changes::red(),
        Flag::Orange => texts::changes::orange(),
        Flag::Yellow => texts::changes::yellow(),
        Flag::Green => texts::changes::green(),
        Flag::Blue => texts::changes::blue(),
        Flag::Purple => texts::changes::purple(),
    }
}
