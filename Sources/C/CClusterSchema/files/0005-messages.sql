-- Notifications and what the console keeps, as with SQLite.
CREATE TABLE il.outbox (
    day date NOT NULL,
    id text NOT NULL,
    channel text NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 262144),
    node text NOT NULL,
    -- The sender, and when it claimed the row: for 10 s the row is its own.
    claimed text,
    since timestamptz,
    tries integer NOT NULL DEFAULT 0,
    done boolean NOT NULL DEFAULT false,
    PRIMARY KEY (id, channel, day)
) PARTITION BY RANGE (day);
CREATE INDEX outbox_open ON il.outbox (day) WHERE NOT done;

CREATE TABLE il.item (
    kind text NOT NULL,
    id text NOT NULL CHECK (octet_length(id) BETWEEN 1 AND 200),
    ver integer NOT NULL CHECK (ver > 0),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends timestamptz,
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 1048576),
    change bytea NOT NULL,
    node text NOT NULL,
    PRIMARY KEY (kind, id)
) PARTITION BY LIST (kind);
CREATE TABLE il.alert PARTITION OF il.item FOR VALUES IN ('alert');
CREATE TABLE il.incident PARTITION OF il.item FOR VALUES IN ('incident');
CREATE TABLE il.probe PARTITION OF il.item FOR VALUES IN ('probe');
CREATE TABLE il.baseline PARTITION OF il.item FOR VALUES IN ('baseline');
CREATE TABLE il.sighting PARTITION OF il.item FOR VALUES IN ('sighting');
CREATE TABLE il.recipient PARTITION OF il.item FOR VALUES IN ('recipient');
CREATE TABLE il.told PARTITION OF il.item FOR VALUES IN ('told');
CREATE TABLE il.denial_link PARTITION OF il.item FOR VALUES IN ('denial-link');
CREATE INDEX item_ends ON il.item (ends) WHERE ends IS NOT NULL;
