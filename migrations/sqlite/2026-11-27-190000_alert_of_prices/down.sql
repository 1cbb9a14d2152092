DROP TABLE deliveries;
DROP TABLE alert_destinations;
DROP TABLE destinations;
DROP TABLE alert_events;
DROP TABLE alert_evaluation;
DROP TABLE alert_values;
DROP TABLE alert_changes;
DROP TABLE alerts;
