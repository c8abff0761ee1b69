-- The host and port of a receiver, so that the calls of one host are bounded; NULL where an earlier build has written the
-- row, whose calls are bounded by themselves.
ALTER TABLE webhooks ADD COLUMN host TEXT NULL;
