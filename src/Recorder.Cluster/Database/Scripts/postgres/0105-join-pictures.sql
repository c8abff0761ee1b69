-- What the pages of sessions showed that could not be entered, for a day.
CREATE TABLE join_pictures (
    session_id bigint PRIMARY KEY,
    taken_at bigint NOT NULL,
    jpeg bytea NOT NULL
);
CREATE INDEX join_pictures_by_age ON join_pictures (taken_at);
