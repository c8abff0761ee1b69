-- The read model: what lists and answers about sessions are made from. Filled by the projection of the journal.
-- Times are milliseconds since 1970, UTC; bodies are JSON.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    sequence_nr INTEGER NOT NULL,
    phase TEXT NOT NULL,
    ended INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    ever_recorded INTEGER NOT NULL,
    node TEXT NOT NULL,
    accepted_at INTEGER NULL,
    ended_at INTEGER NULL,
    journal_deleted_at INTEGER NULL,
    body TEXT NOT NULL
);
CREATE INDEX sessions_by_phase ON sessions (phase, id);
CREATE INDEX sessions_with_journal ON sessions (ended_at) WHERE journal_deleted_at IS NULL;
CREATE INDEX sessions_to_sweep ON sessions (id) WHERE sequence_nr = 0;

CREATE TABLE records (
    session_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    path TEXT NOT NULL,
    finished INTEGER NOT NULL,
    node TEXT NULL,
    opened_at INTEGER NULL,
    duration_ms INTEGER NULL,
    bytes INTEGER NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, position)
) WITHOUT ROWID;

CREATE TABLE gaps (
    session_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NULL,
    code TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, position)
) WITHOUT ROWID;

CREATE TABLE faults (
    session_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    node TEXT NOT NULL,
    code TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, position)
) WITHOUT ROWID;

-- How far a projection has read the journal, with the event there: another event there means another journal.
CREATE TABLE projections (
    name TEXT PRIMARY KEY,
    ordering INTEGER NOT NULL,
    persistence_id TEXT NULL,
    sequence_nr INTEGER NULL
);
