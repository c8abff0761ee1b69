-- Addresses that open one record without a key. Of an address only the SHA-256 of its secret is kept. Times are
-- milliseconds since 1970, UTC. Without a limit, the number of downloads is null.
CREATE TABLE record_links (
    id TEXT PRIMARY KEY,
    session_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    inline INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    downloads INTEGER NULL,
    downloaded INTEGER NOT NULL,
    last_used_at INTEGER NULL,
    revoked_at INTEGER NULL
);
CREATE INDEX record_links_by_record ON record_links (session_id, number, created_at);
CREATE INDEX record_links_by_expiry ON record_links (expires_at);
