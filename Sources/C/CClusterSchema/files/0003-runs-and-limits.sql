-- Which node serves a run, and the units of limits that nodes hold (docs/specs/cluster.md, sections 4 and 6).
CREATE TABLE il.run (
    id text PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 200),
    agent text NOT NULL,
    node text NOT NULL,
    inc bigint NOT NULL,
    -- Rises with each claim. A change that names an older one is late, and changes nothing.
    term bigint NOT NULL,
    -- The number of the claim by which the node has it, and what that was answered; `origin` is NULL if the node put the
    -- run back, so that the answer is not known.
    claim bigint NOT NULL,
    origin text CHECK (origin IN ('new', 'freed', 'lost', 'again')),
    before text,
    made bigint NOT NULL,
    -- The node in whose log the run began.
    home text NOT NULL,
    level smallint NOT NULL DEFAULT 0 CHECK (level >= 0),
    -- The calls that the node may count before it raises the number: not below those that it made.
    calls bigint NOT NULL CHECK (calls >= 0),
    free boolean NOT NULL DEFAULT false,
    ended timestamptz,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The generation in which the row was written last.
    written text NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX run_node ON il.run (node) WHERE ended IS NULL;
CREATE INDEX run_ended ON il.run (ended) WHERE ended IS NOT NULL;

-- One row for each limit and what it counts. A slot is a sixtieth of the window, numbered from 1970.
CREATE TABLE il.limit_key (
    key text PRIMARY KEY CHECK (octet_length(key) BETWEEN 1 AND 400),
    -- Seconds.
    span bigint NOT NULL CHECK (span BETWEEN 1 AND 31622400),
    -- The newest slot of a take or report. It never falls: with a clock that steps back more than a window would count.
    newest bigint NOT NULL,
    -- The limit that was asked for last.
    most bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE il.limit_use (
    key text NOT NULL,
    slot bigint NOT NULL,
    -- The day in which the slot begins.
    day date NOT NULL,
    units bigint NOT NULL CHECK (units >= 0),
    PRIMARY KEY (key, slot, day)
) PARTITION BY RANGE (day);

-- The numbers are sums since the lease began, so that a report may be repeated, late or overtaken.
CREATE TABLE il.limit_lease (
    node text NOT NULL,
    inc bigint NOT NULL,
    -- Chosen by the node, from 1 in each incarnation.
    number bigint NOT NULL CHECK (number > 0),
    key text NOT NULL,
    granted bigint NOT NULL CHECK (granted > 0),
    -- When the node asked, by its clock: no unit was used before. Microseconds since 1970.
    since bigint NOT NULL,
    -- The slot of the end, with the margin of clocks.
    until bigint NOT NULL,
    used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    returned bigint NOT NULL DEFAULT 0 CHECK (returned >= 0),
    ended boolean NOT NULL DEFAULT false,
    PRIMARY KEY (node, inc, number)
);
CREATE INDEX limit_lease_key ON il.limit_lease (key);

-- The limits of which a node lacks units, as its last heartbeat names them.
CREATE TABLE il.starved (
    key text NOT NULL,
    node text NOT NULL,
    PRIMARY KEY (node, key)
);
