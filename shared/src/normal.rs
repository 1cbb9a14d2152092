//! One spelling for each text: names, passwords and addresses as they are stored and compared.
//!
//! With the feature `normalize`, which the server has. The app does without: the tables of Unicode are larger than all of
//! its own code for accounts, and what the server answers is normalised.

use crate::visible::Hidden;
use std::borrow::Cow;

#[cfg(feature = "normalize")]
mod tables {
    use super::{Cow, Hidden};
    use crate::visible::{self, find_hidden};
    use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
    use unicode_normalization::char::canonical_combining_class;
    use unicode_normalization::{UnicodeNormalization, is_nfc};
    use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

    /// The canonical combining class of signs that join two consonants.
    const VIRAMA: u8 = 9;
    const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';
    const ZERO_WIDTH_JOINER: char = '\u{200D}';

    pub(crate) fn name(text: &str, has_lines: bool) -> Result<Cow<'_, str>, Hidden> {
        match find_hidden(text, has_lines) {
            Some(hidden) => Err(hidden),
            None => Ok(composed(text)),
        }
    }

    pub(crate) fn password(text: &str) -> Result<Cow<'_, str>, Hidden> {
        let is_space = |c: char| c != ' ' && c.general_category() == GeneralCategory::SpaceSeparator;
        let text = match text.contains(is_space) {
            true => Cow::Owned(composed(&text.replace(is_space, " ")).into_owned()),
            false => composed(text),
        };
        let mut before = None;
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            if visible::is_control(c) {
                return Err(Hidden::Control);
            }
            if !is_freeform(c) && !before.is_some_and(|before| is_joined(before, c, rest.clone().next())) {
                return Err(Hidden::Invisible);
            }
            before = Some(c);
        }
        Ok(text)
    }

    /// Whether the class of RFC 8264 (4.3) has it wherever it is.
    fn is_freeform(c: char) -> bool {
        use GeneralCategoryGroup as Group;
        let is_old_hangul = matches!(c, '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97C}' | '\u{D7B0}'..='\u{D7FB}');
        let group = c.general_category_group();
        let has_shape =
            matches!(group, Group::Letter | Group::Mark | Group::Number | Group::Punctuation | Group::Symbol);
        (has_shape || c == ' ') && !visible::is_shapeless(c) && !is_old_hangul
    }

    /// Whether a joiner stands where RFC 5892 (A.1, A.2) has it: behind a virama, or between letters that join. Of the second
    /// all letters of such scripts are taken for joining.
    fn is_joined(before: char, c: char, after: Option<char>) -> bool {
        let is_behind_virama = canonical_combining_class(before) == VIRAMA;
        match c {
            ZERO_WIDTH_JOINER => is_behind_virama,
            ZERO_WIDTH_NON_JOINER => {
                is_behind_virama
                    || (visible::is_of_joining_script(before) && after.is_some_and(visible::is_of_joining_script))
            }
            _ => false,
        }
    }

    pub(crate) fn local_part(text: &str) -> Option<Cow<'_, str>> {
        let shapeless = |c: char| visible::is_control(c) || visible::is_shapeless(c);
        (!text.contains(shapeless)).then(|| composed(text))
    }

    pub(crate) fn domain(text: &str) -> Option<Cow<'_, str>> {
        let idna = Uts46::new();
        let ascii = idna.to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore).ok()?;
        let (unicode, valid) = idna.to_unicode(ascii.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
        valid.ok()?;
        Some(Cow::Owned(unicode.into_owned()))
    }

    pub(crate) fn ascii_domain(text: &str) -> Option<Cow<'_, str>> {
        Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore).ok()
    }

    pub(crate) fn decomposed(text: &str) -> String {
        text.nfd().collect()
    }

    fn composed(text: &str) -> Cow<'_, str> {
        if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
    }
}

#[cfg(not(feature = "normalize"))]
mod tables {
    use super::{Cow, Hidden};

    // What is stored may be older than the rules, and the app reads it: it refuses no more than that.
    pub(crate) fn name(text: &str, _has_lines: bool) -> Result<Cow<'_, str>, Hidden> {
        Ok(Cow::Borrowed(text))
    }

    pub(crate) fn password(text: &str) -> Result<Cow<'_, str>, Hidden> {
        Ok(Cow::Borrowed(text))
    }

    pub(crate) fn local_part(text: &str) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(text))
    }

    pub(crate) fn domain(text: &str) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(text))
    }
}

/// A domain in lower case and Unicode, whichever form it came in: two are the same where their ASCII forms are (UTS 46, as
/// browsers do). `None` for one that has no ASCII form.
pub(crate) use tables::domain;
/// The part of an address before the `@`, in NFC. `None` with a hidden character.
pub(crate) use tables::local_part;
/// A name or a note in NFC. Refused with a hidden character.
pub(crate) use tables::name;
/// A password by RFC 8265's profile OpaqueString: spaces are U+0020, and all is in NFC. Refused with what its class of
/// characters has not. Its rules for some visible characters (RFC 5892, A.3 to A.9) are left out: they are for identifiers,
/// which people compare.
pub(crate) use tables::password;
#[cfg(feature = "normalize")]
pub(crate) use tables::{ascii_domain, decomposed};
