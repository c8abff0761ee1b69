-- The form of this database, in one row. A build reads least_reader first and refuses what it does not understand.
CREATE TABLE database_schema (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    least_reader INTEGER NOT NULL,
    build TEXT NOT NULL
);
