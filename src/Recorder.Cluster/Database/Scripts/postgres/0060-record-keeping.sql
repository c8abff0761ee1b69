-- What the sweeper of a node looks for. holder is the id of the records folder, or the address of the node where no
-- folder is known. expires_at is what the start of the session said; erase_state is 0 for a record that is kept, 1
-- while it is erased, and 2 for a record that is erased.
ALTER TABLE records ADD COLUMN holder text NULL;
ALTER TABLE records ADD COLUMN closed_at bigint NULL;
ALTER TABLE records ADD COLUMN expires_at bigint NULL;
ALTER TABLE records ADD COLUMN erase_state integer NOT NULL DEFAULT 0;
UPDATE records SET holder = COALESCE(body::json ->> 'folder', node), closed_at = opened_at + duration_ms;
CREATE INDEX records_by_holder ON records ((COALESCE(holder, node)), closed_at);
