-- Who started a session: the owner of the API key. Null when not known; such sessions are told to keys of the scope Admin
-- only. An index of its own makes the lists of one owner as cheap as the lists of a small farm.
ALTER TABLE sessions ADD COLUMN owner TEXT NULL;
CREATE INDEX sessions_by_owner ON sessions (owner, id) WHERE owner IS NOT NULL;
ALTER TABLE events ADD COLUMN owner TEXT NULL;
