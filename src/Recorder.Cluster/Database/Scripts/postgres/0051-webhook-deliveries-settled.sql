-- What has been settled is forgotten after a time, oldest first.
CREATE INDEX webhook_deliveries_settled ON webhook_deliveries (updated_at) WHERE state IN ('delivered', 'dead');
