DROP TABLE upstream_days;
