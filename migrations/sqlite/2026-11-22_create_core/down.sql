DROP TABLE watchlist_items;
DROP TABLE watchlists;
DROP TABLE securities;
DROP TABLE sessions;
DROP TABLE users;
