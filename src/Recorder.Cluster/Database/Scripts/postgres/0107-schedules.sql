-- Schedules, and the times of schedules that have come. Times are milliseconds since 1970, UTC. The latest time that is
-- settled is in settled_at: whoever raises settled_at to a time settles that time. The start of a time is kept until
-- its session has ended. The next session of a schedule is started at due_at, which is null when there is none.
CREATE TABLE schedules (
    id text PRIMARY KEY,
    owner text NULL,
    definition text NOT NULL,
    revision bigint NOT NULL,
    settled_at bigint NOT NULL,
    due_at bigint NULL,
    once_at bigint NULL,
    created_at bigint NOT NULL
);
CREATE INDEX schedules_by_due ON schedules (due_at);
CREATE INDEX schedules_by_once ON schedules (once_at);
CREATE TABLE schedule_occurrences (
    schedule_id text NOT NULL,
    at bigint NOT NULL,
    state text NOT NULL,
    start text NULL,
    session_id bigint NULL,
    code text NULL,
    reason text NULL,
    changed_at bigint NOT NULL,
    PRIMARY KEY (schedule_id, at)
);
CREATE INDEX schedule_occurrences_open ON schedule_occurrences (at) WHERE start IS NOT NULL;
CREATE INDEX schedule_occurrences_by_age ON schedule_occurrences (changed_at);
