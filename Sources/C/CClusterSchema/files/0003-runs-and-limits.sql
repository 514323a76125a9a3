-- Which node serves a run, and the units of limits that nodes hold (docs/specs/cluster.md, sections 4 and 6).
CREATE TABLE il.run (
    id text PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 200),
    agent text NOT NULL,
    node text NOT NULL,
    inc bigint NOT NULL,
    -- The origin of the log in which the run began.
    home text NOT NULL,
    level smallint NOT NULL DEFAULT 0 CHECK (level >= 0),
    calls bigint NOT NULL DEFAULT 0 CHECK (calls >= 0),
    free boolean NOT NULL DEFAULT false,
    ended timestamptz,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 70);
CREATE INDEX run_node ON il.run (node) WHERE ended IS NULL;
CREATE INDEX run_ended ON il.run (ended) WHERE ended IS NOT NULL;

-- One row for each limit and what it counts. A slot is a sixtieth of the window, numbered from 1970.
CREATE TABLE il.limit_key (
    key text PRIMARY KEY CHECK (octet_length(key) BETWEEN 1 AND 400),
    -- Seconds.
    span bigint NOT NULL CHECK (span BETWEEN 1 AND 31622400),
    -- The latest slot of a grant. It never falls: with a clock that steps back more than a window would count.
    last bigint NOT NULL,
    -- The limit that was asked for last.
    most bigint NOT NULL,
    -- The transaction in which a node was given less than it wanted.
    starved xid8
) WITH (fillfactor = 50);
CREATE INDEX limit_key_starved ON il.limit_key (starved) WHERE starved IS NOT NULL;

CREATE TABLE il.limit_use (
    key text NOT NULL,
    slot bigint NOT NULL,
    -- The day in which the slot begins.
    day date NOT NULL,
    units bigint NOT NULL CHECK (units >= 0),
    PRIMARY KEY (key, slot, day)
) PARTITION BY RANGE (day);

CREATE TABLE il.limit_lease (
    key text NOT NULL,
    id text NOT NULL CHECK (octet_length(id) BETWEEN 1 AND 200),
    node text NOT NULL,
    inc bigint NOT NULL,
    granted bigint NOT NULL CHECK (granted > 0),
    -- Units that are neither reported nor given back.
    units bigint NOT NULL CHECK (units >= 0),
    -- The slot after the end of the lease.
    until bigint NOT NULL,
    -- The number of reports that were counted.
    part integer NOT NULL DEFAULT 0,
    PRIMARY KEY (key, id)
);
CREATE INDEX limit_lease_node ON il.limit_lease (node);
