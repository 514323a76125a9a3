-- API version 1: runs and units of limits (docs/specs/cluster.md, sections 4 and 6).

-- Claims a run for which no node is known: a new one, one that its node has freed, or one whose node was expelled. Returns
-- who has it now; `mine` is true only from a commit.
CREATE FUNCTION il_v1.claim(
    _inc bigint, _run text, _agent text, _home text,
    OUT mine boolean, OUT node text, OUT inc bigint, OUT home text, OUT level smallint, OUT calls bigint,
    OUT ended boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    _me text := il_v1.caller(_inc);
    _row il.run;
BEGIN
    PERFORM il_v1.opened();
    INSERT INTO il.run AS r (id, agent, node, inc, home) VALUES (_run, _agent, _me, _inc, _home)
        ON CONFLICT (id) DO UPDATE SET node = _me, inc = _inc, free = false
        WHERE r.ended IS NULL AND r.agent = _agent AND (
            r.free OR r.node = _me AND r.inc = _inc
            OR EXISTS (SELECT FROM il.node d WHERE d.name = r.node AND d.inc > r.inc));
    mine := FOUND;
    SELECT * INTO _row FROM il.run r WHERE r.id = _run;
    IF _row.agent IS DISTINCT FROM _agent THEN
        PERFORM il_v1.refuse('IL003', 'the run is of another agent');
    END IF;
    node := _row.node;
    inc := _row.inc;
    home := _row.home;
    level := _row.level;
    calls := _row.calls;
    ended := _row.ended IS NOT NULL;
END $$;

-- The level and calls of a run of the caller; neither falls. IL003 if another node has the run.
CREATE FUNCTION il_v1.run_level(_inc bigint, _run text, _level smallint, _calls bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM il_v1.opened();
    UPDATE il.run SET level = greatest(level, _level), calls = greatest(calls, _calls)
     WHERE id = _run AND node = _me AND inc = _inc AND ended IS NULL;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the run is not of this node');
    END IF;
END $$;

-- Lets another node claim a run, or ends it for ever.
CREATE FUNCTION il_v1.run_free(_inc bigint, _run text, _ends boolean, _calls bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    UPDATE il.run
       SET free = true, calls = greatest(calls, _calls),
           ended = CASE WHEN _ends THEN coalesce(ended, clock_timestamp()) ELSE ended END
     WHERE id = _run AND node = _me AND inc = _inc;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the run is not of this node');
    END IF;
END $$;

-- The slot of a time in microseconds, and the day in which a slot begins; `_span` is the window in seconds.
CREATE FUNCTION il_v1.slot_of(_span bigint, _at bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT _at * 60 / (_span * 1000000) $$;

CREATE FUNCTION il_v1.day_of(_span bigint, _slot bigint) RETURNS date
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT DATE '1970-01-01' + (_slot * _span / 60 / 86400)::integer $$;

-- Grants units of one key. A repeated take returns what its lease was granted.
-- At most `_most` units are used in any window: a unit of the window before now is counted by its slot if it was
-- reported, else with its whole lease, until a window after the lease's end.
CREATE FUNCTION il_v1.take_one(
    _me text, _inc bigint, _key text, _span bigint, _most bigint, _want bigint, _all boolean, _id text,
    _until bigint, _now bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _limit il.limit_key;
    _lease il.limit_lease;
    _s bigint;
    _grant bigint;
BEGIN
    SELECT * INTO _limit FROM il.limit_key WHERE key = _key FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO il.limit_key (key, span, last, most) VALUES (_key, _span, 0, _most) ON CONFLICT DO NOTHING;
        SELECT * INTO STRICT _limit FROM il.limit_key WHERE key = _key FOR UPDATE;
    END IF;
    IF _limit.span <> _span OR _want < 1 OR _most < 0 THEN
        PERFORM il_v1.refuse('IL003', format('%s has a window of %s s', _key, _limit.span));
    END IF;
    SELECT * INTO _lease FROM il.limit_lease WHERE key = _key AND id = _id;
    IF FOUND THEN
        IF _lease.node <> _me OR _lease.inc <> _inc THEN
            PERFORM il_v1.refuse('IL003', 'the lease is of another node');
        END IF;
        UPDATE il.limit_lease SET part = part WHERE key = _key AND id = _id;
        RETURN _lease.granted;
    END IF;
    -- The earlier of both clocks: one that is ahead frees nothing.
    _s := greatest(_limit.last, il_v1.slot_of(_span, least(_now, il_v1.now_us())));
    DELETE FROM il.limit_lease WHERE key = _key AND until < _s - 60;
    _grant := greatest(0, least(_want, _most
        - (SELECT coalesce(sum(units), 0) FROM il.limit_use
            WHERE key = _key AND slot >= _s - 60 AND day >= il_v1.day_of(_span, _s - 60))
        - (SELECT coalesce(sum(units), 0) FROM il.limit_lease WHERE key = _key AND until >= _s - 60)));
    IF _all AND _grant < _want THEN
        _grant := 0;
    END IF;
    UPDATE il.limit_key
       SET last = _s, most = _most,
           starved = CASE WHEN _grant < _want THEN pg_current_xact_id() ELSE starved END
     WHERE key = _key;
    IF _grant > 0 THEN
        INSERT INTO il.limit_lease (key, id, node, inc, granted, units, until)
        VALUES (_key, _id, _me, _inc, _grant, _grant, il_v1.slot_of(_span, _until) + 1);
    END IF;
    RETURN _grant;
END $$;

-- `_takes`: [{"key", "span" (s), "most", "want", "all", "id", "until" (us), "now" (us)}, ...], 256 at most. Returns
-- [{"key", "id", "want", "units"}, ...] in the order of the keys, which is that of the locks too.
CREATE FUNCTION il_v1.take_all(_me text, _inc bigint, _takes jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _t record;
    _grants jsonb := '[]';
BEGIN
    IF jsonb_array_length(_takes) > 256 THEN
        PERFORM il_v1.refuse('IL003', 'too many keys');
    END IF;
    FOR _t IN
        SELECT * FROM jsonb_to_recordset(_takes) AS x(
            key text, span bigint, most bigint, want bigint, "all" boolean, id text, until bigint, now bigint)
         ORDER BY key, id
    LOOP
        IF _t.key IS NULL OR _t.span IS NULL OR _t.most IS NULL OR _t.want IS NULL OR _t."all" IS NULL
            OR _t.id IS NULL OR _t.until IS NULL OR _t.now IS NULL THEN
            PERFORM il_v1.refuse('IL003', 'a take lacks a member');
        END IF;
        _grants := _grants || jsonb_build_array(jsonb_build_object(
            'key', _t.key, 'id', _t.id, 'want', _t.want,
            'units', il_v1.take_one(
                _me, _inc, _t.key, _t.span, _t.most, _t.want, _t."all", _t.id, _t.until, _t.now)));
    END LOOP;
    RETURN _grants;
END $$;

CREATE FUNCTION il_v1.take(_inc bigint, _takes jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM il_v1.opened();
    RETURN il_v1.take_all(_me, _inc, _takes);
END $$;

-- Reports what was used of a lease, by slot: [[slot, units], ...]; `_part` counts the reports of a lease from 1. With
-- `_last` the rest comes back. A node reports its own leases, and those of an incarnation that was expelled, whose log it
-- has read. Returns false if the report was counted before or the lease is over.
CREATE FUNCTION il_v1.give_back(
    _inc bigint, _key text, _id text, _part integer, _used jsonb, _last boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _limit il.limit_key;
    _lease il.limit_lease;
    _sum bigint;
BEGIN
    PERFORM il_v1.opened();
    SELECT * INTO _limit FROM il.limit_key WHERE key = _key FOR UPDATE;
    SELECT * INTO _lease FROM il.limit_lease WHERE key = _key AND id = _id;
    IF NOT FOUND OR _lease.part >= _part THEN
        RETURN false;
    END IF;
    IF _part <> _lease.part + 1 OR NOT (_lease.node = _me OR EXISTS (
        SELECT FROM il.node WHERE name = _lease.node AND inc > _lease.inc)) THEN
        PERFORM il_v1.refuse('IL003', 'not the next report of this lease');
    END IF;
    SELECT coalesce(sum((u ->> 1)::bigint), 0) INTO _sum FROM jsonb_array_elements(_used) u;
    IF EXISTS (SELECT FROM jsonb_array_elements(_used) u WHERE (u ->> 1)::bigint < 0) THEN
        PERFORM il_v1.refuse('IL003', 'units below zero');
    END IF;
    INSERT INTO il.limit_use (key, slot, day, units)
    SELECT _key, slot, il_v1.day_of(_limit.span, slot), sum(units) FROM (
        SELECT (u ->> 0)::bigint AS slot, (u ->> 1)::bigint AS units FROM jsonb_array_elements(_used) u) x
     -- What no window has any more may lie in a partition that is gone.
     WHERE units > 0 AND slot >= least(_limit.last, il_v1.slot_of(_limit.span, il_v1.now_us())) - 61
     GROUP BY slot
        ON CONFLICT (key, slot, day) DO UPDATE SET units = il.limit_use.units + excluded.units;
    IF _last THEN
        DELETE FROM il.limit_lease WHERE key = _key AND id = _id;
    ELSE
        UPDATE il.limit_lease SET units = greatest(0, units - _sum), part = _part WHERE key = _key AND id = _id;
    END IF;
    RETURN true;
END $$;

-- Puts back a lease of the caller that the store lost in a failover. It counts in full, above the limit if need be.
CREATE FUNCTION il_v1.put_back(
    _inc bigint, _key text, _span bigint, _most bigint, _id text, _units bigint, _part integer, _until bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    INSERT INTO il.limit_key (key, span, last, most) VALUES (_key, _span, 0, _most) ON CONFLICT DO NOTHING;
    PERFORM FROM il.limit_key WHERE key = _key AND span = _span FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', format('%s has another window', _key));
    END IF;
    INSERT INTO il.limit_lease AS l (key, id, node, inc, granted, units, until, part)
    VALUES (_key, _id, _me, _inc, _units, _units, il_v1.slot_of(_span, _until) + 1, _part)
        ON CONFLICT (key, id) DO UPDATE SET units = greatest(l.units, excluded.units);
END $$;
