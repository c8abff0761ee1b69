-- Since when the configuration does not have a webhook of the configuration, in milliseconds; NULL: it has the webhook.
ALTER TABLE webhooks ADD COLUMN absent_since bigint NULL;
