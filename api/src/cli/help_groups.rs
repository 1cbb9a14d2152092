//! The settings in the groups by which `--help` lists them.

use clap::Command;

/// The groups with their settings, by the names of their flags. Help lists a group where its first setting is declared.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Server",
        &[
            "config",
            "listen",
            "metrics_listen",
            "data_dir",
            "web_dir",
            "workers",
            "drain_seconds",
            "public_origin",
            "trusted_proxies",
            "cors_origins",
        ],
    ),
    (
        "Database and Redis",
        &["database_url", "database_url_file", "database_pool", "redis_url", "redis_url_file", "redis_ca_file"],
    ),
    ("Secrets", &["secret", "secret_file", "other_secret", "other_secret_file"]),
    ("Accounts", &["registration", "guests", "audit_retention_days"]),
    (
        "Limits",
        &[
            "stream_per_account",
            "stream_per_address",
            "stream_unknown",
            "connections_per_address",
            "api_per_minute",
            "anon_per_minute",
            "login_per_minute",
            "guests_per_hour",
            "registrations_per_hour",
            "alerts_per_account",
        ],
    ),
    ("Prices", &["feed", "sim_interval_ms", "sim_seed", "replay_speed", "bars_retention_days"]),
    (
        "Vendors",
        &[
            "albert_key",
            "albert_key_file",
            "finnhub_key",
            "finnhub_key_file",
            "alpaca_key_id",
            "alpaca_key_id_file",
            "alpaca_secret",
            "alpaca_secret_file",
            "albert_url",
            "finnhub_url",
            "finnhub_stream_url",
            "alpaca_url",
            "alpaca_stream_url",
            "vendor_per_second",
            "vendor_per_minute",
            "vendor_per_day",
        ],
    ),
    ("Mail and destinations of alerts", &["smtp_url", "smtp_url_file", "mail_from", "notify_allow"]),
    ("Logs", &["log", "log_file", "log_format", "log_sample"]),
    ("Traces", &["otlp_endpoint", "otlp_headers", "otlp_headers_file", "otlp_sample"]),
];

/// The heading of a setting that has no group.
const OTHERS: &str = "Other settings";

/// The command, with its settings in their groups.
pub(super) fn with_groups(command: Command) -> Command {
    command.mut_args(|arg| {
        // A setting is what a variable stands for.
        if arg.get_env().is_none() {
            return arg;
        }
        let group = GROUPS.iter().position(|(_, settings)| settings.contains(&arg.get_id().as_str()));
        let heading = group.map_or(OTHERS, |group| GROUPS[group].0);
        arg.help_heading(heading)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::full_command;

    #[test]
    fn every_setting_has_a_group_and_nothing_else_has() {
        let command = full_command();
        for setting in GROUPS.iter().flat_map(|(_, settings)| *settings) {
            assert!(command.get_arguments().any(|arg| arg.get_id() == setting), "{setting}");
        }
        let settings: Vec<_> = command.get_arguments().filter(|arg| arg.get_env().is_some()).collect();
        assert!(settings.len() > 40);
        for setting in settings {
            assert_ne!(setting.get_help_heading(), Some(OTHERS), "{}", setting.get_id());
        }
    }
}
