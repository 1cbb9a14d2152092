//! Failures as sentences. The server's own detail is used where there is no text for its code; the request id is shown
//! for reports of unexpected failures.

use crate::api::Failure;
use crate::texts::failure as t;

/// What failed and, where it helps, what to do.
pub(crate) fn sentence(failure: &Failure) -> String {
    let problem = match failure {
        Failure::Unreachable => return t::unreachable().into(),
        Failure::TimedOut => return t::timed_out().into(),
        Failure::SignedOut => return t::signed_out().into(),
        Failure::Unexpected { status, .. } => return t::garbled(status),
        Failure::Refused(problem) => problem,
    };
    match known(&problem.code) {
        Some(sentence) => sentence.into(),
        None if problem.status >= 500 => t::internal().into(),
        None if problem.detail.is_empty() => problem.title.clone(),
        None => problem.detail.clone(),
    }
}

/// The error codes that people meet, with what they can do about them.
pub(crate) fn known(code: &str) -> Option<&'static str> {
    Some(match code {
        "wrong_credentials" => t::wrong_credentials(),
        "wrong_password" => t::wrong_password(),
        "weak_password" => t::weak_password(),
        "email_taken" => t::email_taken(),
        "registration_closed" => t::registration_closed(),
        "invitation_required" => t::invitation_required(),
        "invitation_invalid" => t::invitation_invalid(),
        "already_on_list" => t::already_on_list(),
        "unknown_symbol" => t::unknown_symbol(),
        "list_name_taken" => t::list_name_taken(),
        "too_many_lists" => t::too_many_lists(),
        "too_many_items" => t::too_many_items(),
        "not_on_list" => t::not_on_list(),
        "too_much_text" => t::too_much_text(),
        "too_many_alerts" => t::too_many_alerts(),
        "too_many_destinations" => t::too_many_destinations(),
        "already_met" => t::already_met(),
        "too_little_history" => t::too_little_history(),
        "alert_expired" => t::alert_expired(),
        "too_many_keys" => t::too_many_keys(),
        "forbidden_url" => t::forbidden_url(),
        "invalid_confirmation" => t::invalid_confirmation(),
        "destination_unconfirmed" => t::destination_unconfirmed(),
        "version_mismatch" => t::version_mismatch(),
        "not_found" => t::not_found(),
        "guests_closed" => t::guests_closed(),
        "too_many_guests" => t::too_many_guests(),
        "guest" => t::guest(),
        "invalid_reset_token" => t::invalid_reset_token(),
        "mail_unavailable" => t::mail_unavailable(),
        "too_many_requests" => t::too_many_requests(),
        "unavailable" => t::unavailable(),
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
