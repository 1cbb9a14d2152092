DROP TABLE clock_trust;
