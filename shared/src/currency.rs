//! The currency of a price.

use crate::{Invalid, serde_as_str};
use std::fmt;

/// Three capital letters: an ISO 4217 code, or the market's own `GBX` (a hundredth of `GBP`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "USD", pattern = "^[A-Z]{3}$"))]
pub struct Currency([u8; 3]);

impl Currency {
    /// The United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// Parses three capital letters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| Invalid("a currency has three letters"))?;
        if !bytes.iter().all(u8::is_ascii_uppercase) {
            return Err(Invalid("a currency has three capital letters"));
        }
        Ok(Self(bytes))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

serde_as_str!(Currency);

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
