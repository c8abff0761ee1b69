-- Schedules, and the times of schedules that have come. Times are milliseconds since 1970, UTC. The latest time that is
-- settled is in settled_at: whoever raises settled_at to a time settles that time. The start of a time is kept until
-- its session has ended. The next session of a schedule is started at due_at, which is null when there is none.
CREATE TABLE schedules (
    id TEXT PRIMARY KEY,
    owner TEXT NULL,
    definition TEXT NOT NULL,
    revision INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    due_at INTEGER NULL,
    once_at INTEGER NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX schedules_by_due ON schedules (due_at);
CREATE INDEX schedules_by_once ON schedules (once_at);
CREATE TABLE schedule_occurrences (
    schedule_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    start TEXT NULL,
    session_id INTEGER NULL,
    code TEXT NULL,
    reason TEXT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (schedule_id, at)
);
CREATE INDEX schedule_occurrences_open ON schedule_occurrences (at) WHERE start IS NOT NULL;
CREATE INDEX schedule_occurrences_by_age ON schedule_occurrences (changed_at);
