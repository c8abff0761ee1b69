-- Who changed what, or was refused: one line for each such call. Times are milliseconds since 1970, UTC. A line has no
-- query, no body and no key.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    node TEXT NOT NULL,
    who TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    call TEXT NOT NULL,
    session_id INTEGER NULL,
    status INTEGER NOT NULL,
    code TEXT NULL,
    detail TEXT NULL
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_who ON audit (who, number);
CREATE INDEX audit_by_session ON audit (session_id, number) WHERE session_id IS NOT NULL;
