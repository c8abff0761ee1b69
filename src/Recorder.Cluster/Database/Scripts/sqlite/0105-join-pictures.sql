-- What the pages of sessions showed that could not be entered, for a day.
CREATE TABLE join_pictures (
    session_id INTEGER PRIMARY KEY,
    taken_at INTEGER NOT NULL,
    jpeg BLOB NOT NULL
);
CREATE INDEX join_pictures_by_age ON join_pictures (taken_at);
