-- The keys under which callers may repeat a call, each for a day with the call's answer. A row without a status is a
-- call that is under way. Times are milliseconds since 1970, UTC.
CREATE TABLE idempotency_keys (
    caller text NOT NULL,
    key text NOT NULL,
    mark text NOT NULL,
    claim text NOT NULL,
    until bigint NOT NULL,
    status integer NULL,
    location text NULL,
    body text NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_until ON idempotency_keys (until);
