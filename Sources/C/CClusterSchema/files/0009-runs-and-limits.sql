-- API version 1: runs and units of limits (docs/specs/cluster.md, sections 4 and 6). `RunTable` and `EscrowStore` of the
-- program are the same as values; docs/decisions/0191-units-and-runs-of-many-nodes.md has the reasons.

-- Claims a run that is new, free, or whose node was expelled, and says who serves any other one. `_number` tells the
-- claims of an incarnation apart: a repeated one is answered as before, an older one is IL003. The node that has the run
-- gets a new term by a new number. A row of an earlier generation that its node did not put back may be older than the
-- run, so its level is at least untrusted.
CREATE FUNCTION il_v1.claim(
    _inc bigint, _run text, _agent text, _number bigint,
    OUT state text, OUT node text, OUT term bigint, OUT home text, OUT origin text, OUT before text,
    OUT level smallint, OUT made bigint, OUT calls bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    _me text := il_v1.caller(_inc);
    _row il.run;
    _new boolean;
    _origin text;
BEGIN
    PERFORM il_v1.opened();
    IF _number < 1 THEN
        PERFORM il_v1.refuse('IL003', 'claims are numbered from 1');
    END IF;
    INSERT INTO il.run (id, agent, node, inc, term, claim, origin, made, home, calls, written)
    VALUES (_run, _agent, _me, _inc, 0, 0, 'new', 0, _me, 0, il_v1.generation()) ON CONFLICT DO NOTHING;
    _new := FOUND;
    SELECT * INTO STRICT _row FROM il.run r WHERE r.id = _run FOR UPDATE;
    IF _row.agent <> _agent THEN
        PERFORM il_v1.refuse('IL003', 'the run is of another agent');
    END IF;
    node := _row.node;
    IF _row.ended IS NOT NULL THEN
        state := 'ended';
        RETURN;
    END IF;
    IF NOT _new AND _row.node = _me AND _row.inc = _inc AND _number <= _row.claim THEN
        IF _number < _row.claim OR _row.free OR _row.origin IS NULL THEN
            PERFORM il_v1.refuse('IL003', 'another claim came since');
        END IF;
        -- The answer comes from a commit, as every answer on which a node acts.
        UPDATE il.run r SET claim = r.claim WHERE r.id = _run;
    ELSE
        _origin := CASE
            WHEN _new THEN 'new'
            WHEN _row.free THEN 'freed'
            WHEN EXISTS (SELECT FROM il.node d WHERE d.name = _row.node AND d.inc > _row.inc) THEN 'lost'
            WHEN _row.node = _me THEN 'again'
        END;
        IF _origin IS NULL THEN
            state := 'serves';
            RETURN;
        END IF;
        -- The level of a lost node or of an old row is at least untrusted (1). Calls are reserved 64 ahead.
        UPDATE il.run r
           SET node = _me, inc = _inc, term = r.term + 1, claim = _number, free = false, origin = _origin,
               before = CASE WHEN _origin IN ('freed', 'lost') THEN r.node END, made = r.calls,
               level = CASE WHEN _origin = 'lost' OR r.written <> il_v1.generation()
                            THEN greatest(r.level, 1::smallint) ELSE r.level END,
               calls = r.calls + 64, written = il_v1.generation()
         WHERE r.id = _run
        RETURNING * INTO _row;
    END IF;
    state := 'assigned';
    node := _me;
    term := _row.term;
    home := _row.home;
    origin := _row.origin;
    before := _row.before;
    level := _row.level;
    made := _row.made;
    calls := _row.calls;
END $$;

-- A change of a run by its node, in one term: `free` (no call is open; `_value` calls were made), `level` or `calls`, of
-- which neither falls. IL003 if another claim came since, the run is free or it has ended.
CREATE FUNCTION il_v1.run_change(_inc bigint, _run text, _term bigint, _kind text, _value bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM il_v1.opened();
    IF _kind NOT IN ('free', 'level', 'calls') OR _value < 0 THEN
        PERFORM il_v1.refuse('IL003', 'no change of a run');
    END IF;
    UPDATE il.run
       SET level = CASE WHEN _kind = 'level' THEN greatest(level, _value::smallint) ELSE level END,
           calls = CASE WHEN _kind = 'calls' THEN greatest(calls, _value)
                        WHEN _kind = 'free' AND NOT free THEN _value ELSE calls END,
           free = free OR _kind = 'free', written = il_v1.generation()
     WHERE id = _run AND node = _me AND inc = _inc AND term = _term AND ended IS NULL
       AND (_kind = 'free' OR NOT free);
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the run has moved or ended');
    END IF;
END $$;

-- Puts back a run that the caller serves or has freed, while the generation is closed: the store may have lost the claim,
-- and another node would serve the run too. A later term wins: IL003 if the store has one, or the run has ended. IL004 if
-- the generation is open, in which each node has put back its runs.
CREATE FUNCTION il_v1.run_put_back(
    _inc bigint, _run text, _agent text, _term bigint, _home text, _level smallint, _calls bigint, _claim bigint,
    _free boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    IF _term < 1 OR _level < 0 OR _calls < 0 OR _claim < 1 THEN
        PERFORM il_v1.refuse('IL003', 'no run of a node');
    END IF;
    -- The generation stays closed meanwhile: it is opened under the row of `il.meta`.
    PERFORM FROM il.meta WHERE open IS DISTINCT FROM il_v1.generation() FOR SHARE;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL004', 'the generation is open: runs were put back');
    END IF;
    INSERT INTO il.run AS r (id, agent, node, inc, term, claim, made, home, level, calls, free, written)
    VALUES (_run, _agent, _me, _inc, _term, _claim, 0, _home, _level, _calls, _free, il_v1.generation())
        ON CONFLICT (id) DO UPDATE
       SET node = _me, inc = _inc, term = _term, level = greatest(r.level, _level), calls = greatest(r.calls, _calls),
           free = CASE WHEN r.term < _term OR r.claim < _claim THEN _free ELSE r.free OR _free END,
           origin = CASE WHEN r.term < _term OR r.claim < _claim THEN NULL ELSE r.origin END,
           claim = CASE WHEN r.term < _term THEN _claim ELSE greatest(r.claim, _claim) END,
           written = il_v1.generation()
     WHERE r.agent = _agent AND r.ended IS NULL AND (r.term < _term OR r.term = _term AND r.node = _me);
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the run is of another agent, has moved or ended');
    END IF;
END $$;

-- Ends a run for ever: by the node that has it, or by any node once the chain has its end.
CREATE FUNCTION il_v1.run_end(_inc bigint, _run text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    UPDATE il.run SET ended = coalesce(ended, clock_timestamp())
     WHERE id = _run AND (node = _me AND inc = _inc
        OR EXISTS (SELECT FROM il.control WHERE kind = 'run.end' AND subject = _run));
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the run is not of this node');
    END IF;
END $$;

-- The slot of a time in microseconds, and the day in which a slot begins; `_span` is the window in seconds.
CREATE FUNCTION il_v1.slot_of(_span bigint, _at bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT least(greatest(_at, 0), 9223372036854775807 / 60) * 60 / (_span * 1000000) $$;

CREATE FUNCTION il_v1.day_of(_span bigint, _slot bigint) RETURNS date
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT DATE '1970-01-01' + (_slot * _span / 60 / 86400)::integer $$;

-- The units of a lease that its node may use without a report: they count in full.
CREATE FUNCTION il_v1.open_units(_lease il.limit_lease) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN _lease.ended THEN 0 ELSE greatest(0, _lease.granted
        - least(_lease.granted, _lease.used) - least(_lease.granted, _lease.returned)) END
$$;

-- Locks the row of a limit, which is made if there is none, and advances it to a time. The lock makes the grants of a key
-- serial. The earlier of both clocks counts: one that is ahead frees nothing.
CREATE FUNCTION il_v1.limit_row(_key text, _span bigint, _most bigint, _now bigint) RETURNS il.limit_key
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _limit il.limit_key;
BEGIN
    PERFORM FROM il.limit_key WHERE key = _key FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO il.limit_key (key, span, newest, most) VALUES (_key, _span, 0, _most) ON CONFLICT DO NOTHING;
    END IF;
    UPDATE il.limit_key
       SET newest = greatest(newest, il_v1.slot_of(span, least(_now, il_v1.now_us()))), most = coalesce(_most, most)
     WHERE key = _key AND span = coalesce(_span, span)
    RETURNING * INTO _limit;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', format('%s has another window', _key));
    END IF;
    DELETE FROM il.limit_lease WHERE key = _key AND until < _limit.newest - 60;
    RETURN _limit;
END $$;

-- Counts used units in a slot, or in the newest one if that is later.
CREATE FUNCTION il_v1.count_use(_limit il.limit_key, _slot bigint, _units bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO il.limit_use (key, slot, day, units)
    SELECT _limit.key, greatest(_slot, _limit.newest),
           il_v1.day_of(_limit.span, greatest(_slot, _limit.newest)), _units
     WHERE _units > 0
        ON CONFLICT (key, slot, day) DO UPDATE SET units = il.limit_use.units + excluded.units
$$;

-- Grants units of one key. At most `_most` units are used in any window: a unit counts by the slot of its report, else
-- with its whole lease until a window after the lease's end, whether its node is alive or not.
CREATE FUNCTION il_v1.take_one(
    _me text, _inc bigint, _number bigint, _key text, _span bigint, _most bigint, _want bigint, _all boolean,
    _until bigint, _now bigint) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _limit il.limit_key;
    _lease il.limit_lease;
    _end bigint;
    _free bigint;
    _units bigint;
BEGIN
    IF _want < 1 OR _most < 0 OR _until <= _now OR _number < 1 THEN
        PERFORM il_v1.refuse('IL003', 'no take of a node');
    END IF;
    _limit := il_v1.limit_row(_key, _span, _most, _now);
    SELECT greatest(0, _most
        - (SELECT coalesce(sum(u.units), 0) FROM il.limit_use u WHERE u.key = _key
            AND u.slot >= _limit.newest - 60 AND u.day >= il_v1.day_of(_span, _limit.newest - 60))
        - (SELECT coalesce(sum(il_v1.open_units(l)), 0) FROM il.limit_lease l
            WHERE l.key = _key AND l.until >= _limit.newest - 60)) INTO _free;
    SELECT * INTO _lease FROM il.limit_lease WHERE node = _me AND inc = _inc AND number = _number;
    IF FOUND THEN
        IF _lease.key <> _key THEN
            PERFORM il_v1.refuse('IL003', 'the lease is of another limit');
        END IF;
        _units := CASE WHEN _lease.ended THEN 0 ELSE _lease.granted END;
    ELSE
        -- A node's clock is at most 1 s off.
        _end := il_v1.slot_of(_span, _until + 1000000);
        IF _end < _limit.newest THEN
            PERFORM il_v1.refuse('IL003', 'the lease would end before it begins');
        END IF;
        _units := least(_want, _free);
        IF _all AND _units < _want THEN
            _units := 0;
        END IF;
        IF _units > 0 THEN
            INSERT INTO il.limit_lease (node, inc, number, key, granted, since, until)
            VALUES (_me, _inc, _number, _key, _units, _now, _end);
            _free := _free - _units;
        END IF;
    END IF;
    RETURN jsonb_build_object(
        'key', _key, 'number', _number, 'want', _want, 'units', _units, 'free', _free,
        'asking', (SELECT count(*) FROM (
            SELECT _me UNION SELECT l.node FROM il.limit_lease l
             WHERE l.key = _key AND il_v1.open_units(l) > 0
            UNION SELECT s.node FROM il.starved s WHERE s.key = _key) x));
END $$;

-- `_takes`: [{"key", "span" (s), "most", "want", "all", "number", "until" (us), "now" (us)}, ...], 256 at most. Returns
-- [{"key", "number", "want", "units", "free", "asking"}, ...] in the order of the keys, which is that of the locks too.
CREATE FUNCTION il_v1.take_all(_me text, _inc bigint, _takes jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _t record;
    _grants jsonb := '[]';
BEGIN
    IF _takes = '[]' THEN
        RETURN _takes;
    END IF;
    IF jsonb_array_length(_takes) > 256 THEN
        PERFORM il_v1.refuse('IL003', 'too many keys');
    END IF;
    PERFORM FROM il.node WHERE name = _me AND restored = il_v1.generation();
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL004', 'the leases of this node are not put back');
    END IF;
    FOR _t IN
        SELECT * FROM jsonb_to_recordset(_takes) AS x(
            key text, span bigint, most bigint, want bigint, "all" boolean, number bigint, until bigint, now bigint)
         ORDER BY key, number
    LOOP
        IF _t.key IS NULL OR _t.span IS NULL OR _t.most IS NULL OR _t.want IS NULL OR _t."all" IS NULL
            OR _t.number IS NULL OR _t.until IS NULL OR _t.now IS NULL THEN
            PERFORM il_v1.refuse('IL003', 'a take lacks a member');
        END IF;
        _grants := _grants || jsonb_build_array(il_v1.take_one(
            _me, _inc, _t.number, _t.key, _t.span, _t.most, _t.want, _t."all", _t.until, _t.now));
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
