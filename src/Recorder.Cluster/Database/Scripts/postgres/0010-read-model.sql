-- The read model: what lists and answers about sessions are made from. Filled by the projection of the journal.
-- Times are milliseconds since 1970, UTC; bodies are JSON.
CREATE TABLE sessions (
    id bigint PRIMARY KEY,
    sequence_nr bigint NOT NULL,
    phase text NOT NULL,
    ended boolean NOT NULL,
    settled boolean NOT NULL,
    ever_recorded boolean NOT NULL,
    node text NOT NULL,
    accepted_at bigint NULL,
    ended_at bigint NULL,
    journal_deleted_at bigint NULL,
    body text NOT NULL
);
CREATE INDEX sessions_by_phase ON sessions (phase, id);
CREATE INDEX sessions_with_journal ON sessions (ended_at) WHERE journal_deleted_at IS NULL;
CREATE INDEX sessions_to_sweep ON sessions (id) WHERE sequence_nr = 0;

CREATE TABLE records (
    session_id bigint NOT NULL,
    position integer NOT NULL,
    path text NOT NULL,
    finished boolean NOT NULL,
    node text NULL,
    opened_at bigint NULL,
    duration_ms bigint NULL,
    bytes bigint NULL,
    body text NOT NULL,
    PRIMARY KEY (session_id, position)
);

CREATE TABLE gaps (
    session_id bigint NOT NULL,
    position integer NOT NULL,
    from_at bigint NOT NULL,
    to_at bigint NULL,
    code text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (session_id, position)
);

CREATE TABLE faults (
    session_id bigint NOT NULL,
    position integer NOT NULL,
    at bigint NOT NULL,
    node text NOT NULL,
    code text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (session_id, position)
);

-- How far a projection has read the journal, with the event there: another event there means another journal.
CREATE TABLE projections (
    name text PRIMARY KEY,
    ordering bigint NOT NULL,
    persistence_id text NULL,
    sequence_nr bigint NULL
);
