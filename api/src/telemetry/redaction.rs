//! Error texts of drivers without what they quote of a URL with a password: a driver that cannot parse a URL prints the part
//! that it stumbled over, which may be the password or a piece of it.

/// The text with each quoted part left out that is a part of the URL, apart from its user, host, port and database.
pub fn without_secrets_of(url: &str, text: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    // Whatever stands before the last @ may be the password, slashes and question marks too.
    let (credentials, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    let user = credentials.split(':').next().unwrap_or_default();
    let place = place.split('?').next().unwrap_or_default();
    let is_public =
        |part: &str| part == user || place.split(['/', ':', ',']).any(|public| public == part) || !url.contains(part);
    let mut kept = String::with_capacity(text.len());
    for (at, part) in text.split('"').enumerate() {
        let is_quoted = at % 2 == 1;
        if at > 0 {
            kept.push('"');
        }
        kept.push_str(if is_quoted && !is_public(part) { "…" } else { part });
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_driver_may_name_the_place_and_not_the_password() {
        for (url, text, kept) in [
            (
                "postgres://u:hunter%zzsecret@db/x",
                "invalid percent-encoded token: \"hunter%zzsecret\"",
                "invalid percent-encoded token: \"…\"",
            ),
            (
                "postgres://u:hunter@2secret@db:1/x",
                "could not translate host name \"2secret@db\" to address",
                "could not translate host name \"…\" to address",
            ),
            ("postgres://u:hunt/er2@db/x", "invalid value \"hunt\" for \"port\"", "invalid value \"…\" for \"port\""),
            (
                "postgres://u:p@db/x",
                "password authentication failed for user \"u\"",
                "password authentication failed for user \"u\"",
            ),
            ("postgres://u@db/x?password=p1", "option \"password=p1\"", "option \"…\""),
            ("postgres://u:p@db/x", "database \"x\" at \"db\"", "database \"x\" at \"db\""),
        ] {
            assert_eq!(without_secrets_of(url, text), kept);
        }
    }

    proptest! {
        #[test]
        fn no_piece_of_a_password_is_quoted(password in "[a-z%@:/?]{6,20}", from in 0usize..3, len in 3usize..6) {
            let piece = &password[from..(from + len).min(password.len())];
            prop_assume!(!"db.example.org 5432 watchtape user".contains(piece));
            let url = format!("postgres://user:{password}@db.example.org:5432/watchtape");
            let kept = without_secrets_of(&url, &format!("cannot read \"{piece}\""));
            prop_assert_eq!(kept, "cannot read \"…\"");
        }
    }
}
