-- Who changed what, or was refused: one line for each such call. Times are milliseconds since 1970, UTC. A line has no
-- query, no body and no key.
CREATE TABLE audit (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    node text NOT NULL,
    who text NOT NULL,
    address text NOT NULL,
    action text NOT NULL,
    call text NOT NULL,
    session_id bigint NULL,
    status integer NOT NULL,
    code text NULL,
    detail text NULL
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_who ON audit (who, number);
CREATE INDEX audit_by_session ON audit (session_id, number) WHERE session_id IS NOT NULL;
