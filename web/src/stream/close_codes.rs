//! What the client does after each close code.

use watchtape_shared::stream::close;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Renew the access token and connect at once.
    Renew,
    /// Stop: the session has ended.
    SignIn,
    /// Connect again after a pause.
    Return,
}

/// Maps a close code. A close before the server's `hello` is about the ticket and not the token, so the client waits
/// as after any other failure.
pub(super) fn after(code: u16, greeted: bool) -> Next {
    match code {
        close::SESSION_REVOKED => Next::SignIn,
        close::TOKEN_EXPIRED if greeted => Next::Renew,
        _ => Next::Return,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn only_a_revoked_session_ends_in_signing_in() {
        for code in 1000..5000 {
            assert_eq!(after(code, true) == Next::SignIn, code == 4409, "{code}");
        }
        assert_eq!(after(4409, false), Next::SignIn);
    }

    #[wasm_bindgen_test]
    fn an_expired_token_is_renewed_and_everything_else_returns_after_a_pause() {
        assert_eq!(after(4401, true), Next::Renew);
        for code in [1000, 1001, 1006, 1012, 1013, 4008, 4408, 4429] {
            assert_eq!(after(code, true), Next::Return, "{code}");
        }
        assert_eq!(after(4401, false), Next::Return);
    }
}
