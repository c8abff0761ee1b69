-- The keys under which callers may repeat a call, each for a day with the call's answer. A row without a status is a
-- call that is under way. Times are milliseconds since 1970, UTC.
CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    mark TEXT NOT NULL,
    claim TEXT NOT NULL,
    until INTEGER NOT NULL,
    status INTEGER NULL,
    location TEXT NULL,
    body TEXT NULL,
    PRIMARY KEY (caller, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_until ON idempotency_keys (until);
