-- Deliveries that have failed for good are looked for among many records, and are few.
CREATE INDEX records_with_failed_deliveries ON records (session_id, number)
    WHERE strpos(body, '"state":"given_up"') > 0;
