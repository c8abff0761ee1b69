-- The farm of this database, in one row, and a lease for each node. Times are milliseconds since 1970 by the
-- database's clock.
CREATE TABLE farm (
    one integer PRIMARY KEY CHECK (one = 1),
    id text NOT NULL,
    holder text NULL,
    epoch bigint NOT NULL,
    began_at bigint NULL
);

CREATE TABLE node (
    id text PRIMARY KEY,
    address text NULL UNIQUE,
    epoch bigint NOT NULL,
    life text NOT NULL,
    place text NOT NULL,
    incarnation bigint NULL,
    in_farm integer NOT NULL,
    lease_until bigint NOT NULL,
    renewals bigint NOT NULL,
    build text NOT NULL
);

-- The journal as Akka.Persistence.Sql makes it, so that the trigger has a table to stand on.
CREATE TABLE IF NOT EXISTS journal (
    ordering bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT "PK_journal" PRIMARY KEY,
    created bigint NOT NULL,
    deleted boolean NOT NULL,
    persistence_id text NOT NULL,
    sequence_number bigint NOT NULL,
    message bytea NOT NULL,
    manifest text NULL,
    identifier integer NULL,
    writer_uuid text NULL,
    CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number)
);

-- A node that was given up writes no event any more, of whichever session. The connections of a node's journal carry
-- the node's id and epoch. Whoever writes without them is no node of this version. A node without a row, or with an
-- older one, was not given up: a standby without the last writes took over.
CREATE FUNCTION refuse_node_given_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lease text := current_setting('recorder.lease', true);
BEGIN
    IF lease <> '' AND EXISTS (
        SELECT 1 FROM node
        WHERE id = split_part(lease, ':', 1) AND epoch > split_part(lease, ':', 2)::bigint
    ) THEN
        RAISE EXCEPTION 'The farm has given this node up; its events are refused.' USING ERRCODE = 'RX001';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER node_given_up BEFORE INSERT ON journal
FOR EACH STATEMENT EXECUTE FUNCTION refuse_node_given_up();
