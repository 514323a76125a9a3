-- Requests for approval and their votes. `body` is sealed and signed by its node; the store reads none of it.
CREATE TABLE il.approval (
    id text PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 200),
    rev integer NOT NULL CHECK (rev > 0),
    ver integer NOT NULL CHECK (ver > 0),
    state text NOT NULL CHECK (
        state IN ('pending', 'approved', 'used', 'denied', 'expired', 'withdrawn', 'void')),
    uses integer NOT NULL CHECK (uses > 0),
    used integer NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND uses),
    agent text NOT NULL,
    run text NOT NULL,
    ends timestamptz NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 1048576),
    -- The digest of the last change, by which a repeated one is known.
    change bytea NOT NULL,
    node text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The transaction of the last change; heartbeats ask for what is not older than their horizon.
    seen xid8 NOT NULL DEFAULT pg_current_xact_id()
) WITH (fillfactor = 70);
CREATE INDEX approval_seen ON il.approval (seen);
CREATE INDEX approval_open ON il.approval (ends) WHERE state IN ('pending', 'approved');

CREATE TABLE il.vote (
    id text NOT NULL,
    rev integer NOT NULL,
    person text NOT NULL,
    proof bytea NOT NULL CHECK (octet_length(proof) BETWEEN 1 AND 65536),
    -- The record of the vote: the log and the index in it.
    origin text NOT NULL,
    leaf bigint NOT NULL CHECK (leaf >= 0),
    node text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (id, rev, person)
);

-- Nonces of signed statements. The end is part of what was signed, so one statement has one row, in one partition.
CREATE TABLE il.nonce (
    nonce text NOT NULL CHECK (octet_length(nonce) BETWEEN 1 AND 200),
    ends timestamptz NOT NULL,
    -- The id of the attempt that consumed it, chosen by the node.
    attempt text NOT NULL CHECK (octet_length(attempt) BETWEEN 1 AND 200),
    node text NOT NULL,
    PRIMARY KEY (nonce, ends)
) PARTITION BY RANGE (ends);
