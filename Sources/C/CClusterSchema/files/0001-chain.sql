-- Members, tasks and the control chain (docs/specs/cluster.md, section 3). Tables only gain columns.
CREATE SCHEMA il;

-- The steps that were applied, with the digest of each file.
CREATE TABLE il.migration (
    n integer PRIMARY KEY CHECK (n > 0),
    name text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE il.meta (
    name text PRIMARY KEY CHECK (name = 'cluster'),
    format integer NOT NULL,
    -- The oldest API version that may be used, and so the newest kind of entry that all nodes know.
    min integer NOT NULL,
    -- The generation of PostgreSQL in which heads were compared; NULL while nothing may be appended.
    open text,
    standby text NOT NULL CHECK (standby IN ('required', 'none'))
) WITH (fillfactor = 50);

CREATE TABLE il.node (
    name text PRIMARY KEY CHECK (octet_length(name) BETWEEN 1 AND 63),
    -- new: admitted, never started; gone: expelled; retired: for ever, as il_migrate notes it.
    state text NOT NULL CHECK (state IN ('new', 'live', 'gone', 'retired')),
    inc bigint NOT NULL DEFAULT 0,
    -- The id of the process that was given the incarnation.
    start text,
    -- Nodes read numbers of JSON, and take a row with another one as void: a node would never be silent, and a task never
    -- be taken over.
    beat bigint NOT NULL DEFAULT 0 CHECK (beat BETWEEN 0 AND 9007199254740991),
    applied bigint NOT NULL DEFAULT -1 CHECK (applied BETWEEN -1 AND 9007199254740991),
    -- The digest of entry `applied` as the node verified it.
    head bytea,
    -- The generation of its last heartbeat, and the one for which it has put back its leases and runs.
    generation text,
    restored text,
    version integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE il.task (
    name text PRIMARY KEY,
    term bigint NOT NULL DEFAULT 0,
    node text,
    inc bigint,
    beat bigint NOT NULL DEFAULT 0 CHECK (beat BETWEEN 0 AND 9007199254740991)
) WITH (fillfactor = 50);
INSERT INTO il.task (name)
VALUES ('watch'), ('alerts'), ('expiry'), ('probes'), ('drill'), ('log-of-logs');

CREATE TABLE il.control (
    -- The primary key is what makes a fork impossible, at any isolation level.
    n bigint PRIMARY KEY CHECK (n >= 0),
    prev bytea NOT NULL CHECK (octet_length(prev) = 32),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    kind text NOT NULL,
    subject text NOT NULL CHECK (octet_length(subject) BETWEEN 1 AND 192),
    -- NULL once it was dropped after a snapshot. The first entry has the people too.
    body bytea CHECK (octet_length(body) BETWEEN 1 AND CASE n WHEN 0 THEN 16777216 ELSE 1048576 END),
    node text NOT NULL,
    -- Microseconds since 1970 by the clock of the store. No digest covers it.
    at bigint NOT NULL,
    -- SHA-256 of the body: the same signed bytes are one entry, however often they are sent.
    content bytea NOT NULL UNIQUE
);
CREATE UNIQUE INDEX control_use ON il.control (subject) WHERE kind = 'use';
-- A halt is distinguished from another one by its bytes (`content`) too: an order that does not count must not keep one out.
CREATE UNIQUE INDEX control_order ON il.control (kind, subject)
    WHERE kind IN ('release', 'end');
CREATE INDEX control_subject ON il.control (kind, subject, n);

-- The kinds of entry that `record` appends or that a row of il.undecided becomes. A kind that an older program does not
-- know would stop it, so one waits until il.meta.min has reached `since`. The kinds `genesis`, `use`, `end` and
-- `expelled` are made by functions of their own. No other kind is put back.
CREATE TABLE il.kind (
    name text PRIMARY KEY,
    since integer NOT NULL
);
INSERT INTO il.kind (name, since) VALUES
    ('release', 1), ('person', 1), ('elevation', 1), ('revision', 1), ('member', 1), ('quarantine.end', 1),
    ('pause.end', 1), ('promotion', 1), ('halt', 1), ('elevation.end', 1), ('token.end', 1), ('run.end', 1),
    ('quarantine', 1), ('pause', 1), ('demotion', 1), ('snapshot', 1);

-- Expulsions, until their entry is in the chain: a node may be expelled while nothing may be appended.
CREATE TABLE il.expelled (
    node text NOT NULL,
    inc bigint NOT NULL,
    body bytea NOT NULL,
    by text NOT NULL,
    n bigint,
    PRIMARY KEY (node, inc)
);

-- What two people signed after an old backup was restored.
CREATE TABLE il.recovery (
    id text PRIMARY KEY,
    generation text NOT NULL,
    body bytea NOT NULL,
    node text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
