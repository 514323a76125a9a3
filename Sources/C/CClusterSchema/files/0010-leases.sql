-- API version 1: reports of leases, leases that were lost, and those of a dead node (docs/specs/cluster.md, section 6).

CREATE FUNCTION il_v1.report_one(
    _me text, _inc bigint, _number bigint, _used bigint, _returned bigint, _ended boolean, _at bigint, _now bigint)
RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _limit il.limit_key;
    _lease il.limit_lease;
BEGIN
    IF _used < 0 OR _returned < 0 THEN
        PERFORM il_v1.refuse('IL003', 'units below zero');
    END IF;
    SELECT * INTO _lease FROM il.limit_lease WHERE node = _me AND inc = _inc AND number = _number;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    _limit := il_v1.limit_row(_lease.key, NULL, NULL, _now);
    -- Read again under the lock: another report may have come meanwhile, or the lease may have gone.
    SELECT * INTO _lease FROM il.limit_lease WHERE node = _me AND inc = _inc AND number = _number;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- The use was at most 1 s after its time by the node, and the next grant may see a clock that is 1 s ahead.
    PERFORM il_v1.count_use(
        _limit, il_v1.slot_of(_limit.span, _at + 2000000), greatest(0, _used - _lease.used));
    UPDATE il.limit_lease
       SET used = greatest(used, _used), returned = greatest(returned, _returned), ended = ended OR _ended
     WHERE node = _me AND inc = _inc AND number = _number;
    RETURN true;
END $$;

-- Counts what was used of a lease and frees what was returned, both since the lease began; `_at` is the time of the
-- latest use. Returns false if the store has no such lease: it never had, lost it, or it counts no more.
CREATE FUNCTION il_v1.report(
    _inc bigint, _number bigint, _used bigint, _returned bigint, _ended boolean, _at bigint, _now bigint)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    RETURN il_v1.report_one(_me, _inc, _number, _used, _returned, _ended, _at, _now);
END $$;

-- Puts back a lease of the caller that the store may have lost, above the limit if need be, with its report.
CREATE FUNCTION il_v1.put_back(
    _inc bigint, _number bigint, _key text, _span bigint, _most bigint, _granted bigint, _since bigint,
    _until bigint, _used bigint, _returned bigint, _ended boolean, _at bigint, _now bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _limit il.limit_key := il_v1.limit_row(_key, _span, _most, _now);
BEGIN
    INSERT INTO il.limit_lease AS l (node, inc, number, key, granted, since, until)
    VALUES (_me, _inc, _number, _key, _granted, _since, il_v1.slot_of(_span, _until + 1000000))
        ON CONFLICT (node, inc, number) DO UPDATE SET key = l.key WHERE l.key = excluded.key;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the lease is of another limit');
    END IF;
    PERFORM il_v1.report_one(_me, _inc, _number, _used, _returned, _ended, _at, _now);
END $$;

-- Notes that the caller has put back all its leases and runs in this generation, which may open once all live nodes have.
CREATE FUNCTION il_v1.restored(_inc bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    UPDATE il.node SET restored = il_v1.generation()
     WHERE name = _me AND inc = _inc AND generation = il_v1.generation();
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL004', 'no heartbeat was sent in this generation');
    END IF;
END $$;

-- Returns the units of an incarnation that ended which its log does not show as used; `_used`: {key: units}, as the log
-- has them since the first of its leases began. The log does not say which lease a unit was of, so they count at the end
-- of the last one. By the node itself, which has its log, or the holder of the task `watch`; IL003 for others, and while
-- the incarnation may use its leases.
CREATE FUNCTION il_v1.settle(_inc bigint, _name text, _its bigint, _used jsonb, _now bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _key text;
    _limit il.limit_key;
    _lease il.limit_lease;
    _last bigint;
    _left bigint;
    _part bigint;
BEGIN
    PERFORM il_v1.opened();
    IF _name IS DISTINCT FROM _me THEN
        PERFORM FROM il.task WHERE name = 'watch' AND node = _me AND inc = _inc FOR SHARE;
        IF NOT FOUND THEN
            PERFORM il_v1.refuse('IL003', 'another node has the task');
        END IF;
    END IF;
    PERFORM FROM il.node WHERE name = _name AND inc > _its;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', format('%s may be alive in incarnation %s', _name, _its));
    END IF;
    PERFORM FROM jsonb_each_text(_used) WHERE value::bigint < 0;
    IF FOUND THEN
        PERFORM il_v1.refuse('IL003', 'units below zero');
    END IF;
    FOR _key IN SELECT DISTINCT key FROM il.limit_lease WHERE node = _name AND inc = _its ORDER BY key LOOP
        _limit := il_v1.limit_row(_key, NULL, NULL, _now);
        SELECT max(until) INTO _last FROM il.limit_lease l
         WHERE node = _name AND inc = _its AND key = _key AND il_v1.open_units(l) > 0;
        _left := coalesce((_used ->> _key)::bigint, 0);
        FOR _lease IN
            SELECT * FROM il.limit_lease l
             WHERE node = _name AND inc = _its AND key = _key AND il_v1.open_units(l) > 0 ORDER BY number
        LOOP
            _part := least(il_v1.open_units(_lease), _left);
            _left := _left - _part;
            PERFORM il_v1.count_use(_limit, _last, _part);
            UPDATE il.limit_lease SET used = used + _part, ended = true
             WHERE node = _name AND inc = _its AND number = _lease.number;
        END LOOP;
    END LOOP;
END $$;
