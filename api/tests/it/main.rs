//! The one integration binary: real HTTP and sockets, real SQLite and PostgreSQL, and the real process where it matters.
//! Every test has a server, a database and a folder of its own. `routes` mirrors the URLs.

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

mod support;

mod administration;
mod alerts;
mod ambiguity;
mod app_files;
mod backups;
mod catalog;
mod cluster;
mod command_line;
mod crash;
mod database_tls;
mod deadlines;
mod defences;
mod ended_access;
mod exhaustion;
mod failures;
mod fan_out;
mod first_week;
mod layers;
mod limits;
mod live;
mod logging;
mod metrics;
mod nemesis;
mod notify;
mod openapi;
mod operators;
mod ownership;
mod parsers;
mod pooler;
mod proxies;
mod refusals;
mod replay;
mod request_ids;
mod routes;
mod scopes;
mod secrecy;
mod security_docs;
mod settings;
mod storage;
mod sweep;
mod tracing;
mod upgrade;
mod vendors;
