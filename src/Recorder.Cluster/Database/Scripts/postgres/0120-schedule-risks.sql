-- Times of schedules for which no room was foreseen, each told once. Whether that is so at present is in present (1 or 0).
CREATE TABLE schedule_risks (
    schedule_id text NOT NULL,
    at bigint NOT NULL,
    present bigint NOT NULL,
    PRIMARY KEY (schedule_id, at)
);
CREATE INDEX schedule_risks_by_time ON schedule_risks (at);
