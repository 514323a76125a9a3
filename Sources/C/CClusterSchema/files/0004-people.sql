-- What people have not decided yet, and their sessions (docs/specs/cluster.md, sections 3 and 9). The decided is an entry.
CREATE TABLE il.undecided (
    kind text NOT NULL,
    id text NOT NULL CHECK (octet_length(id) BETWEEN 1 AND 200),
    ver integer NOT NULL CHECK (ver > 0),
    state text NOT NULL CHECK (state IN ('waiting', 'complete', 'ended')),
    ends timestamptz NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 262144),
    change bytea NOT NULL,
    node text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (kind, id)
) PARTITION BY LIST (kind);
CREATE TABLE il.elevation PARTITION OF il.undecided FOR VALUES IN ('elevation');
CREATE TABLE il.enrolment PARTITION OF il.undecided FOR VALUES IN ('enrolment');
CREATE TABLE il.role PARTITION OF il.undecided FOR VALUES IN ('role');
CREATE TABLE il.revision PARTITION OF il.undecided FOR VALUES IN ('revision');
CREATE INDEX undecided_seen ON il.undecided (seen);

CREATE TABLE il.challenge (
    id text PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 200),
    ends timestamptz NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 65536),
    node text NOT NULL,
    -- The id of the answer that consumed it.
    taken text
);
CREATE INDEX challenge_ends ON il.challenge (ends);

-- Sessions by the hash of their cookie, signed by the node that verified the passkey.
CREATE TABLE il.session (
    id text PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 200),
    person text NOT NULL,
    ends timestamptz NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 65536),
    node text NOT NULL,
    ended boolean NOT NULL DEFAULT false
);
CREATE INDEX session_ends ON il.session (ends);

-- Signature counters of passkeys. Zero stays zero: such an authenticator does not count.
CREATE TABLE il.counter (
    id text PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 1400),
    c bigint NOT NULL CHECK (c BETWEEN 0 AND 4294967295),
    -- The id of the attempt that set it, chosen by the node.
    attempt text NOT NULL CHECK (octet_length(attempt) BETWEEN 1 AND 200),
    node text NOT NULL
);

-- When a person was first shown one revision of a request. `day` is that of the request.
CREATE TABLE il.viewed (
    day date NOT NULL,
    id text NOT NULL,
    rev integer NOT NULL,
    person text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    node text NOT NULL,
    PRIMARY KEY (id, rev, person, day)
) PARTITION BY RANGE (day);
