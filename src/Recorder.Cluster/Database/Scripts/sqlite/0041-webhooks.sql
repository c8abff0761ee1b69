-- The receivers of events. Times are milliseconds since 1970, UTC. The position is the place in the feed up to which
-- events were taken into the ledger.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    session_id INTEGER NULL,
    url TEXT NOT NULL,
    description TEXT NULL,
    types TEXT NOT NULL,
    secret TEXT NOT NULL,
    earlier_secret TEXT NULL,
    earlier_until INTEGER NULL,
    enabled INTEGER NOT NULL,
    disabled_reason TEXT NULL,
    created_at INTEGER NOT NULL,
    position INTEGER NOT NULL
);

-- What became of each event for each receiver. Of one session and receiver at most one row is pending; later ones wait.
CREATE TABLE webhook_deliveries (
    webhook_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    session_id INTEGER NOT NULL,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NULL,
    updated_at INTEGER NOT NULL,
    status INTEGER NULL,
    error TEXT NULL,
    took_ms INTEGER NULL,
    PRIMARY KEY (webhook_id, position)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (webhook_id, session_id, position)
    WHERE state IN ('pending', 'waiting');
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (position) WHERE state IN ('pending', 'waiting');
