-- What people are told, in one order. Filled with the read model, in the same transactions. Times are milliseconds since
-- 1970, UTC; a body is the event's text, which never changes. Session 0 is the farm.
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    sequence_nr INTEGER NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    node TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (session_id, seq)
);

-- The last place that was given, and the last place of the events that were deleted for their age. Whoever gives places
-- holds this row to the end of the transaction, so that no reader passes over a place that comes later.
CREATE TABLE event_feed (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL,
    deleted_to INTEGER NOT NULL
);
INSERT INTO event_feed (one, position, deleted_to) VALUES (1, 0, 0);

-- How far a session's journal has been told, and the number of its last event. Kept when old events are deleted.
CREATE TABLE event_streams (
    session_id INTEGER PRIMARY KEY,
    sequence_nr INTEGER NOT NULL,
    seq INTEGER NOT NULL
);
