-- The farm of this database, in one row, and a lease for each node. Times are milliseconds since 1970 by the
-- database's clock.
CREATE TABLE farm (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    holder TEXT NULL,
    epoch INTEGER NOT NULL,
    began_at INTEGER NULL
);

CREATE TABLE node (
    id TEXT PRIMARY KEY,
    address TEXT NULL UNIQUE,
    epoch INTEGER NOT NULL,
    life TEXT NOT NULL,
    place TEXT NOT NULL,
    incarnation INTEGER NULL,
    in_farm INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    renewals INTEGER NOT NULL,
    build TEXT NOT NULL
);
