-- Up to which event of an ended session its stream keys and the queries of its addresses are erased.
ALTER TABLE sessions ADD COLUMN secrets_erased_nr INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_with_secrets ON sessions (ended_at) WHERE settled AND sequence_nr > secrets_erased_nr;
