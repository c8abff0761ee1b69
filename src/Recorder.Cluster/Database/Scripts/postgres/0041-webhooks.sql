-- The receivers of events. Times are milliseconds since 1970, UTC. The position is the place in the feed up to which
-- events were taken into the ledger.
CREATE TABLE webhooks (
    id text PRIMARY KEY,
    source text NOT NULL,
    session_id bigint NULL,
    url text NOT NULL,
    description text NULL,
    types text NOT NULL,
    secret text NOT NULL,
    earlier_secret text NULL,
    earlier_until bigint NULL,
    enabled integer NOT NULL,
    disabled_reason text NULL,
    created_at bigint NOT NULL,
    position bigint NOT NULL
);

-- What became of each event for each receiver. Of one session and receiver at most one row is pending; later ones wait.
CREATE TABLE webhook_deliveries (
    webhook_id text NOT NULL,
    position bigint NOT NULL,
    event_id text NOT NULL,
    session_id bigint NOT NULL,
    type text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    next_at bigint NULL,
    updated_at bigint NOT NULL,
    status integer NULL,
    error text NULL,
    took_ms bigint NULL,
    PRIMARY KEY (webhook_id, position)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (webhook_id, session_id, position)
    WHERE state IN ('pending', 'waiting');
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (position) WHERE state IN ('pending', 'waiting');
