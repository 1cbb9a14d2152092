//! Failures as sentences. The server's own detail is used where there is no text for its code; the request id is shown
//! for reports of unexpected failures.

use crate::api::Failure;
use crate::texts::failure as say;

/// What failed and, where it helps, what to do.
pub(crate) fn sentence(failure: &Failure) -> String {
    let problem = match failure {
        Failure::Unreachable => return say::unreachable().into(),
        Failure::TimedOut => return say::timed_out().into(),
        Failure::SignedOut => return say::signed_out().into(),
        Failure::Unexpected { status, .. } => return say::garbled(status),
        Failure::Refused(problem) => problem,
    };
    match known(&problem.code) {
        Some(sentence) => sentence.into(),
        None if problem.status >= 500 => say::internal().into(),
        None if problem.detail.is_empty() => problem.title.clone(),
        None => problem.detail.clone(),
    }
}

/// The error codes that people meet, with what they can do about them.
fn known(code: &str) -> Option<&'static str> {
    Some(match code {
        "wrong_credentials" => say::wrong_credentials(),
        "wrong_password" => say::wrong_password(),
        "weak_password" => say::weak_password(),
        "email_taken" => say::email_taken(),
        "already_on_list" => say::already_on_list(),
        "unknown_symbol" => say::unknown_symbol(),
        "list_name_taken" => say::list_name_taken(),
        "too_many_lists" => say::too_many_lists(),
        "too_many_items" => say::too_many_items(),
        "too_many_keys" => say::too_many_keys(),
        "version_mismatch" => say::version_mismatch(),
        "not_found" => say::not_found(),
        "guests_closed" => say::guests_closed(),
        "too_many_guests" => say::too_many_guests(),
        "guest" => say::guest(),
        "invalid_reset_token" => say::invalid_reset_token(),
        "mail_unavailable" => say::mail_unavailable(),
        "too_many_requests" => say::too_many_requests(),
        "unavailable" => say::unavailable(),
        _ => return None,
    })
}

/// The request id to quote in a report; `None` for expected failures.
pub(crate) fn reference(failure: &Failure) -> Option<String> {
    let id = match failure {
        Failure::Refused(problem) if problem.status < 500 && known(&problem.code).is_some() => None,
        Failure::Refused(problem) => Some(problem.request_id.clone()),
        Failure::Unexpected { request_id, .. } => request_id.clone(),
        Failure::Unreachable | Failure::TimedOut | Failure::SignedOut => None,
    };
    id.filter(|id| !id.is_empty())
}

/// The error of one field of a form, if the problem document has one.
pub(crate) fn of_field(failure: &Failure, pointer: &str) -> Option<String> {
    let Failure::Refused(problem) = failure else { return None };
    let found = problem.errors.iter().find(|error| error.pointer == pointer)?;
    Some(known(&problem.code).map_or_else(|| capitalised(&found.detail), Into::into))
}

/// A message of the shared rules as a sentence of its own: `a password has …` becomes `A password has ….`
pub(crate) fn capitalised(text: &str) -> String {
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    let mut sentence = format!("{text}{stop}");
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::Problem;
    use watchtape_shared::problem::FieldError;

    fn refused(status: u16, code: &str, detail: &str) -> Failure {
        Failure::Refused(Problem {
            r#type: format!("urn:watchtape:problem:{code}"),
            title: "Title".into(),
            status,
            detail: detail.into(),
            code: code.into(),
            request_id: "req-1".into(),
            errors: vec![FieldError { pointer: "/email".into(), detail: "an address".into() }],
        })
    }

    #[wasm_bindgen_test]
    fn the_servers_own_words_are_shown_where_they_are_about_the_request() {
        assert_eq!(sentence(&refused(422, "something_new", "No more than 50 lists.")), "No more than 50 lists.");
        assert_eq!(sentence(&refused(422, "something_new", "")), "Title");
    }

    #[wasm_bindgen_test]
    fn a_server_error_is_not_explained_by_its_internals_and_keeps_its_reference() {
        let failure = refused(500, "internal", "pool timed out");
        assert!(!sentence(&failure).contains("pool"));
        assert_eq!(reference(&failure).as_deref(), Some("req-1"));
        assert_eq!(reference(&Failure::Unreachable), None);
        assert_eq!(reference(&refused(401, "wrong_credentials", "No.")), None);
    }

    #[wasm_bindgen_test]
    fn a_field_error_is_found_by_its_pointer() {
        let failure = refused(422, "invalid", "Invalid.");
        assert_eq!(of_field(&failure, "/email").as_deref(), Some("An address."));
        assert_eq!(of_field(&failure, "/password"), None);
    }
}
