DROP TABLE feed_terms;
