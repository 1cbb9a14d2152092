//! Characters that nobody sees: controls, those that turn the direction of text, and those without a shape.
//!
//! By them two names that look the same are two, and a text reads as another one. Where writing needs them they hold:
//! joiners within the scripts that have them and within emoji, the selectors of an emoji's, a Han or a Mongolian letter's form,
//! and the letters of a flag. The ranges are Unicode's `Default_Ignorable_Code_Point`, and what else has no shape.

/// What kind of character was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// A control character (`Cc`), or a separator of lines in what is one line.
    Control,
    /// A character that turns the direction of what follows it (`Bidi_Control`).
    Direction,
    /// A character without a shape, where nothing needs it.
    Invisible,
}

const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';
const ZERO_WIDTH_JOINER: char = '\u{200D}';
const BLACK_FLAG: char = '\u{1F3F4}';
const CANCEL_TAG: char = '\u{E007F}';
const KEYCAP: char = '\u{20E3}';

/// The first hidden character of a text, of one line or of several.
pub fn find_hidden(text: &str, has_lines: bool) -> Option<Hidden> {
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let after = rest.clone().next();
        let is_line_end = matches!(c, '\n' | '\t' | '\u{2028}' | '\u{2029}');
        if is_control(c) && !(is_line_end && has_lines) {
            return Some(Hidden::Control);
        }
        if is_direction(c) {
            return Some(Hidden::Direction);
        }
        if is_tag(c) && before == Some(BLACK_FLAG) {
            // The letters of a flag, to their end.
            let last = rest.by_ref().find(|c| !is_tag(*c) || *c == CANCEL_TAG);
            if last != Some(CANCEL_TAG) {
                return Some(Hidden::Invisible);
            }
            before = last;
            continue;
        }
        if is_shapeless(c) && !before.is_some_and(|before| is_needed(before, c, after)) {
            return Some(Hidden::Invisible);
        }
        before = Some(c);
    }
    None
}

/// Whether a character without a shape changes how its neighbours are written.
fn is_needed(before: char, c: char, after: Option<char>) -> bool {
    match c {
        ZERO_WIDTH_NON_JOINER => is_of_joining_script(before) && after.is_some_and(is_of_joining_script),
        ZERO_WIDTH_JOINER => is_of_joining_script(before) || (ends_emoji(before) && after.is_some_and(is_emoji)),
        '\u{FE0E}' | '\u{FE0F}' => {
            let is_key = matches!(before, '0'..='9' | '#' | '*') && after == Some(KEYCAP);
            is_emoji(before) || is_key
        }
        '\u{180B}'..='\u{180D}' | '\u{180F}' => matches!(before, '\u{1820}'..='\u{18AA}'),
        '\u{E0100}'..='\u{E01EF}' => is_han(before),
        _ => false,
    }
}

/// Whether a control character, or one that separates lines or paragraphs.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0020}'..=CANCEL_TAG)
}

/// Whether a character has no shape of its own: `Default_Ignorable_Code_Point`, the blank of Braille, and the marks of
/// annotations.
pub(crate) fn is_shapeless(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a letter or a mark of a script whose letters join or stack: Arabic and its kin, Mongolian, and the scripts of
/// South and South-East Asia.
pub(crate) fn is_of_joining_script(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{8FF}' | '\u{900}'..='\u{109F}' | '\u{1780}'..='\u{17D3}' | '\u{1820}'..='\u{18AA}'
        | '\u{1A20}'..='\u{1AAD}' | '\u{1B00}'..='\u{1BF3}' | '\u{A800}'..='\u{A82C}' | '\u{A840}'..='\u{A8FF}'
        | '\u{A980}'..='\u{A9DF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10D00}'..='\u{10D39}'
        | '\u{11000}'..='\u{11FFF}' | '\u{1E900}'..='\u{1E95F}')
        && !is_shapeless(c)
}

/// Whether an emoji may begin so: the blocks that `Extended_Pictographic` is spread over.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21FF}'
        | '\u{2300}'..='\u{23FF}' | '\u{24C2}' | '\u{25A0}'..='\u{27BF}' | '\u{2900}'..='\u{297F}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Whether an emoji may end so: also with the selector of its form, or the end of a flag.
fn ends_emoji(c: char) -> bool {
    is_emoji(c) || matches!(c, '\u{FE0F}' | CANCEL_TAG)
}

fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_found() {
        for (text, found) in [
            ("a\u{0}b", Hidden::Control),
            ("a\u{85}", Hidden::Control),
            ("a\nb", Hidden::Control),
            ("a\u{2028}b", Hidden::Control),
            ("abc\u{202E}fdp.exe", Hidden::Direction),
            ("\u{2067}a\u{2069}", Hidden::Direction),
            ("a\u{200F}", Hidden::Direction),
            ("Te\u{200B}ch", Hidden::Invisible),
            ("Te\u{AD}ch", Hidden::Invisible),
            ("\u{FEFF}Tech", Hidden::Invisible),
            ("Te\u{200D}ch", Hidden::Invisible),
            ("Te\u{200C}ch", Hidden::Invisible),
            ("Tech\u{FE0F}", Hidden::Invisible),
            ("1\u{FE0F}", Hidden::Invisible),
            ("🙂\u{200D}", Hidden::Invisible),
            ("🙂\u{200D}\u{200D}🙂", Hidden::Invisible),
            ("\u{3164}", Hidden::Invisible),
            ("\u{2800}", Hidden::Invisible),
            ("Tech\u{E0041}\u{E007F}", Hidden::Invisible),
            ("\u{1F3F4}\u{E0067}\u{E0062}", Hidden::Invisible),
            ("漢\u{E0100}\u{E0100}", Hidden::Invisible),
        ] {
            assert_eq!(find_hidden(text, false), Some(found), "{}", text.escape_unicode());
        }
    }

    #[test]
    fn writing_keeps_what_it_needs() {
        for text in [
            "Täglich",
            "می\u{200C}خواهم",
            "क्\u{200D}ष",
            "ശ്രീ",
            "ה\u{5B8}",
            "👨\u{200D}👩\u{200D}👧\u{200D}👦",
            "❤\u{FE0F}\u{200D}🔥",
            "👩🏽\u{200D}💻",
            "🏳\u{FE0F}\u{200D}🌈",
            "1\u{FE0F}\u{20E3}",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F} and more",
            "葛\u{E0100}城",
            "ᠬᠠᠭᠠᠨ\u{180B}",
            "a b",
        ] {
            assert_eq!(find_hidden(text, false), None, "{}", text.escape_unicode());
        }
        assert_eq!(find_hidden("one\n\ttwo\u{2028}three", true), None);
        assert_eq!(find_hidden("one\r\ntwo", true), Some(Hidden::Control));
    }
}
