-- Addresses that open one record without a key. Of an address only the SHA-256 of its secret is kept. Times are
-- milliseconds since 1970, UTC. Without a limit, the number of downloads is null.
CREATE TABLE record_links (
    id text PRIMARY KEY,
    session_id bigint NOT NULL,
    number bigint NOT NULL,
    secret_hash text NOT NULL UNIQUE,
    inline integer NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    downloads bigint NULL,
    downloaded bigint NOT NULL,
    last_used_at bigint NULL,
    revoked_at bigint NULL
);
CREATE INDEX record_links_by_record ON record_links (session_id, number, created_at);
CREATE INDEX record_links_by_expiry ON record_links (expires_at);
