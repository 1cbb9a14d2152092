//! Accounts, sign-in and devices.

use crate::text::DisplayName;
use crate::visible::Hidden;
use crate::{Invalid, SessionId, Stored, UserId, normal, patch, serde_as_str};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;

/// An e-mail address in one spelling: in lower case and NFC, its domain in Unicode; at most 254 bytes, one `@`, something
/// before it and a dotted domain after it. Whether mail arrives there only a mail can tell, so no more is asked of its shape.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = Email, example = "ada@example.com"))]
pub struct Email(Box<str>);

const EMAIL_SHAPE: Invalid = Invalid("an e-mail address looks like name@example.com");

impl Email {
    /// Trims the address and normalises it, so that one mailbox is one account.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const HIDDEN: Invalid = Invalid("an e-mail address has no control and no invisible characters");
        let text = text.trim().to_lowercase();
        let (local, domain) = text.split_once('@').ok_or(EMAIL_SHAPE)?;
        let local = normal::local_part(local).ok_or(HIDDEN)?;
        let domain = normal::domain(domain).ok_or(EMAIL_SHAPE)?;
        // Measured as it is kept: some letters grow.
        Self::from_stored(&format!("{local}@{domain}"))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with its domain in ASCII, as mail is sent there.
    #[cfg(feature = "normalize")]
    pub fn to_ascii_domain(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let ascii = normal::ascii_domain(domain);
        format!("{local}@{}", ascii.as_deref().unwrap_or(domain))
    }

    /// The spellings in which older versions stored this address, where it has more than one.
    #[cfg(feature = "normalize")]
    pub fn former_spellings(&self) -> [String; 2] {
        [self.to_ascii_domain(), normal::decomposed(&self.0)]
    }

    /// How somebody is called who has not said so: the part before the `@`.
    pub fn to_display_name(&self) -> DisplayName {
        let local = self.0.split('@').next().unwrap_or_default();
        DisplayName::from_stored(local).expect("the part before the @ is 1 to 64 bytes without blanks")
    }
}

impl Stored for Email {
    fn from_stored(text: &str) -> Result<Self, Invalid> {
        let (local, domain) = text.split_once('@').ok_or(EMAIL_SHAPE)?;
        let labels_hold = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
        let clean = |c: char| !c.is_control() && !c.is_whitespace() && c != '@';
        if text.len() > 254 || local.is_empty() || local.len() > 64 || !labels_hold {
            return Err(EMAIL_SHAPE);
        }
        if !(local.chars().all(clean) && domain.chars().all(clean)) {
            return Err(EMAIL_SHAPE);
        }
        Ok(Self(text.into()))
    }
}

serde_as_str!(Email);

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A password of 8 to 128 characters. Never printed.
#[derive(Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 128, pattern = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$", example = "correct horse battery staple"))]
pub struct Password(Box<str>);

impl Password {
    /// Normalises and measures a new password (RFC 8265, OpaqueString): whichever keyboard it is typed on, it is the same.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::check_length(text)?;
        let text = normal::password(text).map_err(|hidden| {
            Invalid(match hidden {
                Hidden::Control => "a password has no control characters",
                _ => "a password has no invisible characters",
            })
        })?;
        Self::check_length(&text)?;
        Ok(Self(text.into()))
    }

    fn check_length(text: &str) -> Result<(), Invalid> {
        let is_within = (8..=128).contains(&text.chars().count());
        if is_within { Ok(()) } else { Err(Invalid("a password has 8 to 128 characters")) }
    }

    /// The password as [`Self::parse`] normalises it, where it can be one; else as it was typed.
    pub fn normalised(&self) -> Self {
        normal::password(&self.0).map_or_else(|_| self.clone(), |text| Self(text.into()))
    }

    /// Reads a password to be compared, whatever its length.
    fn of_any_length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Box::deserialize(deserializer)?))
    }

    /// As [`Self::of_any_length`], of a member of a merge patch, which is not taken away.
    fn of_any_length_if_sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::of_any_length(deserializer).map(Some)
    }

    /// As [`Self::of_any_length`], of a member that may be absent.
    fn of_any_length_if_present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(Option::<Box<str>>::deserialize(deserializer)?.map(Self))
    }

    /// The password in clear: for hashing, and for the request that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Serialize for Password {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// How the refresh token travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Transport {
    /// In an HttpOnly cookie that scripts cannot read: for browsers.
    #[default]
    Cookie,
    /// In the body: for programs.
    Body,
}

/// Opens an account and signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Register {
    /// The account's address; must not have an account yet.
    pub email: Email,
    /// The new password.
    pub password: Password,
    /// How the person wants to be called; the part before the `@` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<DisplayName>,
    /// What an invitation's link has after its `#`, where the server asks for one; else it means nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "d3hkT3Z0b0J5c1VWVFo1YlVKNGFITmhZMUU"))]
    pub invitation: Option<String>,
    /// How the refresh token is to travel.
    #[serde(default)]
    pub transport: Transport,
}

/// Signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Login {
    /// The account's address.
    pub email: Email,
    /// The account's password. Of any length: one that no account can have is a wrong one, and gets the same answer.
    #[serde(deserialize_with = "Password::of_any_length")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, example = "correct horse battery staple"))]
    pub password: Password,
    /// How the refresh token is to travel.
    #[serde(default)]
    pub transport: Transport,
}

/// Begins as a guest: an account without an address and a password.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestSignIn {
    /// How the refresh token is to travel.
    #[serde(default)]
    pub transport: Transport,
}

/// Whether a server takes guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuestAvailability {
    /// Whether there is room for one now.
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub available: bool,
    /// Who may open an account.
    #[serde(default)]
    pub registration: RegistrationPolicy,
}

/// Who may open an account on a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RegistrationPolicy {
    /// Anybody.
    #[default]
    Open,
    /// Who has an invitation of the operator's.
    Invite,
    /// Nobody.
    Closed,
}

impl FromStr for RegistrationPolicy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "open" => Ok(Self::Open),
            "invite" => Ok(Self::Invite),
            "closed" => Ok(Self::Closed),
            _ => Err("registration is open, invite or closed"),
        }
    }
}

/// Keeps a guest's account, by giving it an address and a password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeepAccount {
    /// The account's address from now on; must not have an account yet.
    pub email: Email,
    /// The account's password from now on.
    pub password: Password,
    /// How the person wants to be called; by default as so far, and who is called Guest still by the part before the `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<DisplayName>,
    /// What an invitation's link has after its `#`, where the server asks for one; else it means nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "d3hkT3Z0b0J5c1VWVFo1YlVKNGFITmhZMUU"))]
    pub invitation: Option<String>,
}

/// Presents a refresh token by body; a browser sends its cookie and no body at all.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshToken {
    /// The token of the last answer.
    #[cfg_attr(feature = "openapi", schema(example = "VTZ5bUJ4aHNhY1E.d3hkT3Z0b0J5c1U"))]
    pub refresh_token: String,
}

/// The answer to signing in and to a refresh.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// A JWT for the `Authorization: Bearer` header.
    #[cfg_attr(feature = "openapi", schema(example = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3IifQ.c2lnbmF0dXJl"))]
    pub access_token: String,
    /// Seconds until the access token is refused.
    #[cfg_attr(feature = "openapi", schema(example = 600))]
    pub expires_in: u64,
    /// Always `Bearer`.
    #[cfg_attr(feature = "openapi", schema(example = "Bearer"))]
    pub token_type: String,
    /// The next refresh token, where `transport` is `body`.
    #[cfg_attr(feature = "openapi", schema(example = "VTZ5bUJ4aHNhY1E.d3hkT3Z0b0J5c1U"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Who signed in.
    pub user: User,
}

/// An account, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Names the account.
    pub id: UserId,
    /// The account's address; null for a guest.
    pub email: Option<Email>,
    /// How the person wants to be called.
    pub display_name: DisplayName,
    /// Whether it is a guest's: without a password, and forgotten after seven days without use unless it is kept.
    #[cfg_attr(feature = "openapi", schema(example = false))]
    pub guest: bool,
    /// When the account was opened.
    pub created_at: DateTime<Utc>,
}

/// Changes an account (JSON merge patch).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPatch {
    /// How the person wants to be called from now on.
    #[serde(default, deserialize_with = "patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = DisplayName, required = false))]
    pub display_name: Option<DisplayName>,
    /// A new address; must not have an account. Needs `current_password`.
    #[serde(default, deserialize_with = "patch::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Email, required = false))]
    pub email: Option<Email>,
    /// The account's password, to change its address. Of any length, as where one signs in.
    #[serde(default, deserialize_with = "Password::of_any_length_if_sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, required = false, example = "correct horse battery staple"))]
    pub current_password: Option<Password>,
}

/// Changes the password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    /// The password so far. Of any length, as where one signs in.
    #[serde(deserialize_with = "Password::of_any_length")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, example = "correct horse battery staple"))]
    pub current_password: Password,
    /// The password from now on.
    pub new_password: Password,
}

/// Asks for an account to be deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deletion {
    /// The account's password; a guest has none to send. Of any length, as where one signs in.
    #[serde(default, deserialize_with = "Password::of_any_length_if_present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Password, example = "correct horse battery staple"))]
    pub password: Option<Password>,
}

/// Asks for a link by which to set a new password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetRequest {
    /// The account's address.
    pub email: Email,
}

/// Sets a new password by the token of a link.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordReset {
    /// What the link has after its `#`.
    #[cfg_attr(feature = "openapi", schema(example = "d3hkT3Z0b0J5c1VWVFo1YlVKNGFITmhZMUU"))]
    pub token: String,
    /// The password from now on.
    pub new_password: Password,
}

/// A device that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// Names its session.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// When it signed in.
    pub created_at: DateTime<Utc>,
    /// When it last got an access token, which a used device does every ten minutes.
    pub last_seen_at: DateTime<Utc>,
    /// When it is signed out unless it is used before.
    pub expires_at: DateTime<Utc>,
    /// What its program calls itself, at most 200 characters.
    #[cfg_attr(feature = "openapi", schema(example = "Mozilla/5.0 (X11; Linux x86_64)"))]
    pub user_agent: Option<String>,
    /// The address that it was last seen at.
    #[cfg_attr(feature = "openapi", schema(example = "203.0.113.7"))]
    pub address: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_and_checked() {
        assert_eq!(Email::parse(" Ada@Example.COM ").expect("an address").as_str(), "ada@example.com");
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "a b@example.com",
            "ada@exa@mple.com",
            "ada@.com",
            "a\n@b.c",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_address_is_measured_as_it_is_kept() {
        let address = |letters: usize| Email::parse(&format!("{}@example.com", "İ".repeat(letters)));
        let kept = address(21).expect("63 bytes in lower case");
        assert_eq!(Email::parse(kept.as_str()), Ok(kept));
        assert!(address(22).is_err(), "44 bytes, and 66 in lower case");
    }

    #[cfg(feature = "normalize")]
    #[test]
    fn a_mailbox_has_one_spelling() {
        let one = |text: &str| Email::parse(text).expect(text);
        for text in
            ["ADA@BÜCHER.example", "ada@bu\u{308}cher.example", "ada@xn--bcher-kva.example", "ada@bücher．example"]
        {
            assert_eq!(one(text).as_str(), "ada@bücher.example", "{text}");
        }
        assert_eq!(one("ada@bücher.example").to_ascii_domain(), "ada@xn--bcher-kva.example");
        assert_eq!(one("A\u{30A}sa@example.com"), one("åsa@example.com"));
        for text in ["a\u{200B}da@example.com", "ada\u{202E}@example.com", "ada@exa\u{202E}mple.com", "ada@xn--a.com"] {
            assert!(Email::parse(text).is_err(), "{}", text.escape_unicode());
        }
    }

    #[cfg(feature = "normalize")]
    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        let one = |text: &str| Password::parse(text).expect(text).expose().to_owned();
        assert_eq!(one("pa\u{308}sse\u{3000}im\u{A0}Wald"), "pässe im Wald");
        assert_eq!(one("Jack of \u{2666}s, ＡＢ"), "Jack of \u{2666}s, ＡＢ");
        assert_eq!(one("\u{1112}\u{1161}\u{11AB}한한한한한한한"), "한한한한한한한한");
        assert_eq!(one("می\u{200C}خواهم خوب"), "می\u{200C}خواهم خوب");
        let why = |text: &str| Password::parse(text).expect_err("refused").0;
        for text in ["my cat is a \tby", "line\nline line", "line\u{2028}line line"] {
            assert_eq!(why(text), "a password has no control characters");
        }
        for text in [
            "correct\u{200B}horse",
            "correct\u{AD}horse",
            "correct\u{202E}horse",
            "correct\u{200D}horse",
            "correct\u{E000}horse",
        ] {
            assert_eq!(why(text), "a password has no invisible characters", "{}", text.escape_unicode());
        }
        assert_eq!(why("e\u{301}e\u{301}e\u{301}e\u{301}"), "a password has 8 to 128 characters");
    }

    #[test]
    fn a_password_is_measured_in_characters_and_never_printed() {
        assert!(Password::parse("1234567").is_err());
        assert!(Password::parse(&"é".repeat(128)).is_ok());
        assert!(Password::parse(&"é".repeat(129)).is_err());
        assert!(!format!("{:?}", Password::parse("swordfish").expect("long enough")).contains("swordfish"));
    }
}
