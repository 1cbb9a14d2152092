//! The URL table. It generates both the routes and the list of operations in the OpenAPI document, so that neither has an
//! entry that the other lacks.

use super::error_codes::Error;
use super::handlers::{
    account, account_export, alert_events, alert_previews, alerts, api_keys, audit_events, bars, destinations, devices,
    guests, health, items, login, logout, market, metrics, openapi, password_reset, quotes, refresh, registration,
    sparklines, stream, tickers, watchlist_files, watchlists,
};
use actix_web::web::{self, PathConfig, ServiceConfig};
use utoipa::OpenApi;

macro_rules! routes {
    ($($path:literal { $($method:ident $module:ident::$handler:ident,)+ })+) => {
        /// Every operation, from the handlers' annotations.
        #[derive(OpenApi)]
        #[openapi(paths($($($module::$handler,)+)+))]
        pub(crate) struct Operations;

        /// Every path with its methods, in lower case.
        pub const TABLE: &[(&str, &[&str])] = &[$(($path, &[$(stringify!($method),)+]),)+];

        /// Routes requests to handlers. A method that a path does not have is a 405 with `Allow`.
        pub fn configure(config: &mut ServiceConfig) {
            config.app_data(PathConfig::default().error_handler(|_, _| Error::not_found("resource").into()));
            $(config.service(web::resource($path)$(.route(route!($method, $module::$handler)))+);)+
        }
    };
}

macro_rules! route {
    // A GET route also answers HEAD; the framework omits the body.
    (get, $($handler:tt)+) => {
        web::route().guard(actix_web::guard::Any(actix_web::guard::Get()).or(actix_web::guard::Head())).to($($handler)+)
    };
    ($method:ident, $($handler:tt)+) => { web::$method().to($($handler)+) };
}

routes! {
    "/api/v1/auth/register"                  { post   registration::register, }
    "/api/v1/auth/guest"                     { get    guests::get_guest_availability,
                                               post   guests::begin_as_guest, }
    "/api/v1/auth/login"                     { post   login::login, }
    "/api/v1/auth/refresh"                   { post   refresh::refresh, }
    "/api/v1/auth/logout"                    { post   logout::logout, }
    "/api/v1/auth/forgot"                    { post   password_reset::request_password_reset, }
    "/api/v1/auth/reset"                     { post   password_reset::reset_password, }
    "/api/v1/auth/logout-all"                { post   logout::logout_all, }

    "/api/v1/me"                             { get    account::get_me,
                                               patch  account::update_me,
                                               delete account::delete_me, }
    "/api/v1/me/keep"                        { post   guests::keep_account, }
    "/api/v1/me/password"                    { put    account::change_password, }
    "/api/v1/me/export"                      { get    account_export::export_account, }
    "/api/v1/me/sessions"                    { get    devices::list_sessions, }
    "/api/v1/me/sessions/{id}"               { delete devices::revoke_session, }
    "/api/v1/me/api-keys"                    { get    api_keys::list_api_keys,
                                               post   api_keys::create_api_key, }
    "/api/v1/me/api-keys/{id}"               { get    api_keys::get_api_key,
                                               delete api_keys::revoke_api_key, }
    "/api/v1/me/audit-events"                { get    audit_events::list_audit_events, }

    "/api/v1/me/destinations"                { get    destinations::list_destinations,
                                               post   destinations::create_destination, }
    "/api/v1/me/destinations/{id}"           { get    destinations::get_destination,
                                               patch  destinations::update_destination,
                                               delete destinations::delete_destination, }
    "/api/v1/me/destinations/{id}/test"      { post   destinations::test_destination, }
    "/api/v1/me/destinations/{id}/rotate-secret"
                                             { post   destinations::rotate_destination_secret, }
    "/api/v1/me/destinations/{id}/deliveries"
                                             { get    destinations::list_deliveries, }
    "/api/v1/me/push-key"                    { get    destinations::get_push_key, }
    "/api/v1/destinations/confirm"           { post   destinations::confirm_destination, }
    "/api/v1/destinations/{key}/pause"       { post   destinations::pause_destination_by_mail, }

    "/api/v1/tickers"                        { get    tickers::search_tickers, }
    "/api/v1/tickers/{symbol}"               { get    tickers::get_ticker, }
    "/api/v1/tickers/{symbol}/listings"      { get    tickers::list_listings, }
    "/api/v1/tickers/{symbol}/watchlists"    { get    tickers::list_watchlists_of_ticker, }
    "/api/v1/quotes"                         { get    quotes::list_quotes, }
    "/api/v1/quotes/sparklines"              { get    sparklines::list_sparklines, }
    "/api/v1/quotes/{symbol}/bars"           { get    bars::list_bars, }
    "/api/v1/market"                         { get    market::get_market, }

    "/api/v1/watchlists"                     { get    watchlists::list_watchlists,
                                               post   watchlists::create_watchlist, }
    "/api/v1/watchlists/{id}"                { get    watchlists::get_watchlist,
                                               patch  watchlists::update_watchlist,
                                               delete watchlists::delete_watchlist, }
    "/api/v1/watchlists/{id}/items"          { post   items::add_item, }
    "/api/v1/watchlists/{id}/items/bulk"     { post   items::add_items, }
    "/api/v1/watchlists/{id}/items/move"     { post   items::move_items, }
    "/api/v1/watchlists/{id}/items/{symbol}" { get    items::get_item,
                                               patch  items::update_item,
                                               delete items::remove_item, }
    "/api/v1/watchlists/{id}/order"          { put    watchlists::set_watchlist_order, }
    "/api/v1/watchlists/{id}/import"         { post   watchlist_files::import_watchlist, }
    "/api/v1/watchlists/{id}/export"         { get    watchlist_files::export_watchlist, }

    "/api/v1/alerts"                         { get    alerts::list_alerts,
                                               post   alerts::create_alert, }
    "/api/v1/alerts/bulk"                    { post   alerts::change_alerts, }
    "/api/v1/alerts/preview"                 { post   alert_previews::preview_alert, }
    "/api/v1/alerts/{id}"                    { get    alerts::get_alert,
                                               patch  alerts::update_alert,
                                               delete alerts::delete_alert, }
    "/api/v1/alerts/{id}/pause"              { post   alerts::pause_alert, }
    "/api/v1/alerts/{id}/resume"             { post   alerts::resume_alert, }
    "/api/v1/alert-events"                   { get    alert_events::list_alert_events, }

    "/api/v1/stream/tickets"                 { post   stream::create_stream_ticket, }
    "/api/v1/stream"                         { get    stream::open_stream, }

    "/api/v1/openapi.json"                   { get    openapi::get_openapi, }
    "/livez"                                 { get    health::get_liveness, }
    "/readyz"                                { get    health::get_readiness, }
    "/metrics"                               { get    metrics::get_metrics, }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Paths are written both here and at the handlers, and must agree.
    #[test]
    fn the_table_and_the_descriptions_agree() {
        let document = serde_json::to_value(Operations::openapi()).expect("the document is JSON");
        let mut described = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().expect("paths") {
            for method in methods.as_object().expect("methods").keys() {
                described.insert((path.clone(), method.clone()));
            }
        }
        let mut routed = BTreeSet::new();
        for (path, methods) in TABLE {
            routed.extend(methods.iter().map(|method| ((*path).to_owned(), (*method).to_owned())));
        }
        assert_eq!(described, routed);
    }
}
