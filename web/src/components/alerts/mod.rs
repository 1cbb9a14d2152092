//! Price alerts: the bell of a security, and the form.

pub(crate) mod alert_form;
pub(crate) mod bell;
