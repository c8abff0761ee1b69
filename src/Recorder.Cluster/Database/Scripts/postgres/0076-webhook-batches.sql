-- The labels that the sessions of a receiver must have, as JSON. A receiver of one session whose start is not carried
-- out yet has no session and is not enabled.
ALTER TABLE webhooks ADD COLUMN labels text NOT NULL DEFAULT '[]';

-- When an event came into the ledger; 0 where an earlier build has written the row. The tries of an event end a while
-- after that, so that the events behind one that failed for long are not held up for as long again.
ALTER TABLE webhook_deliveries ADD COLUMN added_at bigint NOT NULL DEFAULT 0;
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook_id, session_id) WHERE state = 'pending';
