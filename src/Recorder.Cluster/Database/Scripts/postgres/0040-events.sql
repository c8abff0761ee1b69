-- What people are told, in one order. Filled with the read model, in the same transactions. Times are milliseconds since
-- 1970, UTC; a body is the event's text, which never changes. Session 0 is the farm.
CREATE TABLE events (
    position bigint PRIMARY KEY,
    id text NOT NULL UNIQUE,
    session_id bigint NOT NULL,
    seq bigint NOT NULL,
    sequence_nr bigint NOT NULL,
    type text NOT NULL,
    at bigint NOT NULL,
    node text NOT NULL,
    body text NOT NULL,
    UNIQUE (session_id, seq)
);

-- The last place that was given, and the last place of the events that were deleted for their age. Whoever gives places
-- holds this row to the end of the transaction, so that no reader passes over a place that comes later.
CREATE TABLE event_feed (
    one integer PRIMARY KEY CHECK (one = 1),
    position bigint NOT NULL,
    deleted_to bigint NOT NULL
);
INSERT INTO event_feed (one, position, deleted_to) VALUES (1, 0, 0);

-- How far a session's journal has been told, and the number of its last event. Kept when old events are deleted.
CREATE TABLE event_streams (
    session_id bigint PRIMARY KEY,
    sequence_nr bigint NOT NULL,
    seq bigint NOT NULL
);
