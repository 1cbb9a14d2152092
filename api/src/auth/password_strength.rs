//! Strength of new passwords. No composition rules: a password must not be among the most used ones
//! (`api/data/common_passwords.txt`, OWASP ASVS 5 6.2.4), must not contain the account's own words (6.2.11), and must
//! need enough guesses (zxcvbn).

use super::Error;
use std::sync::LazyLock;
use watchtape_shared::account::Password;
use zxcvbn::{Score, zxcvbn};

/// At least a million guesses: a week at the rate that an account allows. `Three` would refuse every password of 8
/// characters, random ones too.
const MIN_SCORE: Score = Score::Two;
/// Characters that zxcvbn sees of a long password: its cost grows faster than the length.
const MAX_ESTIMATED_CHARS: usize = 64;
/// Shorter words occur in many passwords by accident.
const MIN_WORD_CHARS: usize = 4;
/// The name of the service counts as a word of every account.
const SERVICE: &str = "watchtape";

/// In lower case, sorted by bytes.
static COMMON: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("../../data/common_passwords.txt").lines().collect());

/// [`Error::WeakPassword`] for a new password that is too weak. `words` are the account's own: its address and its
/// name. Takes up to a few milliseconds: see [`hash_new`](super::password_hashing::PasswordHasher::hash_new).
pub fn check(password: &Password, words: &[&str]) -> Result<(), Error> {
    let folded = password.expose().to_lowercase();
    if COMMON.binary_search(&folded.as_str()).is_ok() {
        return Err(weak("This is one of the most used passwords."));
    }
    let words = parts_of(words);
    if let Some(word) = words.iter().find(|word| folded.contains(*word)) {
        return Err(weak(format!("Whoever knows the account would try \"{word}\" first: leave it out.")));
    }
    let start: String = password.expose().chars().take(MAX_ESTIMATED_CHARS).collect();
    if zxcvbn(&start, &[]).score() < MIN_SCORE {
        return Err(weak("This password would be guessed soon. A few unrelated words are hard to guess."));
    }
    Ok(())
}

fn weak(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::WeakPassword(detail.into())
}

/// The parts of these words: each side of an `@`, whole and without punctuation, and what lies between punctuation.
fn parts_of(words: &[&str]) -> Vec<String> {
    let mut parts = vec![SERVICE.to_owned()];
    for word in words {
        let word = word.to_lowercase();
        for side in word.split('@') {
            parts.push(side.to_owned());
            parts.push(side.chars().filter(|c| c.is_alphanumeric()).collect());
            parts.extend(side.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
        }
    }
    parts.retain(|part| part.chars().count() >= MIN_WORD_CHARS);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verdict(text: &str) -> Result<(), Error> {
        check(&Password::parse(text).expect("a password"), &["ada.king@lovelace.example.com", "Ada L."])
    }

    #[test]
    fn each_of_the_most_used_passwords_is_refused_however_it_is_capitalised() {
        assert!(COMMON.is_sorted() && COMMON.len() > 3000, "ASVS asks for 3,000: {}", COMMON.len());
        for common in COMMON.iter() {
            for text in [(*common).to_owned(), common.to_uppercase()] {
                // Upper case is longer in some scripts, and does not always lead back.
                if text.to_lowercase() == **common {
                    assert!(matches!(verdict(&text), Err(Error::WeakPassword(_))), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_is_guessed_soon_is_refused_and_what_is_not_is_taken() {
        for weak in ["aaaaaaaaaaaa", "abcdefgh12", "qwertzuiop", "P@ssw0rd!", "2026-11-22", "monkeymonkey", "19841984"]
        {
            assert!(verdict(weak).is_err(), "{weak}");
        }
        for own in
            ["lovelace-1843-notes", "my Watchtape key 7", "ada.king.1815.x", "adaking analytical", "EXAMPLE of it 9"]
        {
            let detail = verdict(own).expect_err(own).to_string();
            assert!(detail.contains("leave it out"), "{own}: {detail}");
        }
        for strong in
            ["correct horse battery", "xkqjzwvb", "Tr0ub4dor&3", "ünïcödé ist schön", "8f!kQz2_", "ada tunes pianos"]
        {
            assert!(verdict(strong).is_ok(), "{strong}: {:?}", verdict(strong));
        }
    }

    proptest! {
        #[test]
        fn any_password_gets_a_verdict(text in "\\PC{8,128}", word in "\\PC{0,40}") {
            if let Ok(password) = Password::parse(&text) {
                let _ = check(&password, &[&word]);
            }
        }
    }
}
