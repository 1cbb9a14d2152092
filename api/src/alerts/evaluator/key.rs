//! An alert's id as 16 bytes instead of 30 characters; keys order as the ids do.

use watchtape_shared::AlertId;

/// The digits of a TypeID's suffix: Crockford's base 32.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LEN: u32 = 26;

/// The UUID of an alert's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertKey([u8; 16]);

impl From<u128> for AlertKey {
    fn from(number: u128) -> Self {
        Self(number.to_be_bytes())
    }
}

impl From<&AlertId> for AlertKey {
    fn from(id: &AlertId) -> Self {
        let suffix = &id.as_str().as_bytes()[AlertId::PREFIX.len() + 1..];
        let digit = |byte: &u8| DIGITS.binary_search(byte).unwrap_or_default() as u128;
        Self(suffix.iter().fold(0, |number, byte| (number << 5) | digit(byte)).to_be_bytes())
    }
}

impl From<AlertKey> for AlertId {
    fn from(key: AlertKey) -> Self {
        let number = u128::from_be_bytes(key.0);
        let digit = |place| char::from(DIGITS[(number >> (5 * place)) as usize & 31]);
        let suffix: String = (0..SUFFIX_LEN).rev().map(digit).collect();
        Self::parse(&format!("{}_{suffix}", Self::PREFIX)).expect("26 digits of 128 bits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_is_its_id_and_orders_as_it(one: u128, other: u128) {
            let ids = [one, other].map(|number| AlertId::from(AlertKey(number.to_be_bytes())));
            let keys = ids.each_ref().map(AlertKey::from);
            prop_assert_eq!(keys, [one, other].map(|number| AlertKey(number.to_be_bytes())));
            prop_assert_eq!(keys[0].cmp(&keys[1]), ids[0].cmp(&ids[1]));
        }
    }
}
