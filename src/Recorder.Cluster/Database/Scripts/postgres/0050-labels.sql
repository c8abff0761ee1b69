-- The labels of sessions, by which lists are filtered.
CREATE TABLE labels (
    session_id bigint NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (session_id, key)
);
CREATE INDEX labels_by_key ON labels (key, value, session_id);

-- The number of a record within its session, which is a part of the record's id.
ALTER TABLE records ADD COLUMN number integer NOT NULL DEFAULT 0;
UPDATE records SET number = position + 1;
CREATE INDEX records_by_number ON records (session_id, number);
