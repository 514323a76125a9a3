-- API version 1: notifications, alerts and the other rows that people read; partitions and what is old.

CREATE FUNCTION il_v1.post(_inc bigint, _day date, _id text, _channel text, _body bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    INSERT INTO il.outbox AS o (day, id, channel, body, node) VALUES (_day, _id, _channel, _body, _me)
        ON CONFLICT (id, channel, day) DO UPDATE SET node = o.node WHERE o.body = excluded.body;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'there is another notification of this id');
    END IF;
END $$;

-- Claims notifications for 10 s. A clock of the store that steps can make one go out twice, never be lost.
CREATE FUNCTION il_v1.post_claim(_inc bigint, _most integer) RETURNS SETOF il.outbox
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    RETURN QUERY
    UPDATE il.outbox o SET claimed = _me, since = clock_timestamp(), tries = o.tries + 1
      FROM (SELECT day, id, channel FROM il.outbox
             WHERE NOT done AND (since IS NULL OR since < clock_timestamp() - interval '10 s')
             ORDER BY day, id LIMIT least(_most, 256) FOR UPDATE SKIP LOCKED) x
     WHERE o.day = x.day AND o.id = x.id AND o.channel = x.channel
    RETURNING o.*;
END $$;

CREATE FUNCTION il_v1.post_done(_inc bigint, _day date, _id text, _channel text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    UPDATE il.outbox SET done = true WHERE day = _day AND id = _id AND channel = _channel;
END $$;

-- Writes an alert, incident, probe or another row that allows nothing. `_ver` is the version that is replaced, 0 for a new
-- row. Returns the new version.
CREATE FUNCTION il_v1.put(
    _inc bigint, _kind text, _id text, _ver integer, _ends timestamptz, _body bytea) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    IF _ver = 0 THEN
        INSERT INTO il.item AS i (kind, id, ver, ends, body, change, node)
        VALUES (_kind, _id, 1, _ends, _body, sha256(_body), _me)
            ON CONFLICT (kind, id) DO UPDATE SET id = excluded.id
            WHERE i.ver = 1 AND i.node = _me AND i.change = excluded.change;
    ELSE
        UPDATE il.item
           SET ver = _ver + 1, ends = _ends, body = _body, change = sha256(_body), node = _me
         WHERE kind = _kind AND id = _id
           AND (ver = _ver OR ver = _ver + 1 AND node = _me AND change = sha256(_body));
    END IF;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the row has changed');
    END IF;
    RETURN _ver + 1;
END $$;

CREATE FUNCTION il_v1.drop(_inc bigint, _kind text, _id text, _ver integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    DELETE FROM il.item WHERE kind = _kind AND id = _id AND ver = _ver;
    RETURN FOUND;
END $$;

-- Makes the partitions of the day before, of this day and of the 32 days after, since requests last for 31, and drops those
-- that are older than `_keep` days, 2 at least. `_today` is by the caller's clock, and the earlier of both clocks decides
-- what is dropped: a clock that is ahead must not free a nonce. Units are kept for their longest window too. Returns how
-- many were made or dropped. A partition in the way of which a reader is stays until the next time.
CREATE FUNCTION il_v1.roll(_inc bigint, _today date, _keep integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    RETURN il_v1.partitions(_today, _keep);
END $$;

CREATE FUNCTION il_v1.partitions(_today date, _keep integer) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _table text;
    _day date;
    _name text;
    _now date := least(_today, (clock_timestamp() AT TIME ZONE 'UTC')::date);
    _days integer;
    _old text[] := '{}';
    _changed integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7402);
    FOREACH _table IN ARRAY ARRAY['nonce', 'limit_use', 'viewed', 'outbox'] LOOP
        FOR _day IN SELECT generate_series(_now - 1, _now + 32, interval '1 day')::date LOOP
            _name := _table || '_' || to_char(_day, 'YYYYMMDD');
            CONTINUE WHEN to_regclass('il.' || _name) IS NOT NULL;
            -- ATTACH takes a weaker lock than CREATE ... PARTITION OF.
            EXECUTE format('CREATE TABLE il.%I (LIKE il.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                _name, _table);
            EXECUTE format('ALTER TABLE il.%I ATTACH PARTITION il.%I FOR VALUES FROM (%L) TO (%L)', _table, _name,
                CASE _table WHEN 'nonce' THEN _day::text || ' 00:00+00' ELSE _day::text END,
                CASE _table WHEN 'nonce' THEN (_day + 1)::text || ' 00:00+00' ELSE (_day + 1)::text END);
            _changed := _changed + 1;
        END LOOP;
        _days := greatest(_keep, 2);
        IF _table = 'limit_use' THEN
            SELECT greatest(_days, (coalesce(max(span), 0) / 86400 + 2)::integer) INTO _days FROM il.limit_key;
        END IF;
        _old := _old || ARRAY(
            SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
             WHERE i.inhparent = ('il.' || _table)::regclass
               AND right(c.relname, 8) < to_char(_now - _days, 'YYYYMMDD'));
    END LOOP;
    -- DROP waits for all readers of the table, and all later calls wait behind it. So it comes last, for a moment alone.
    PERFORM set_config('lock_timeout', '50ms', true);
    BEGIN
        FOREACH _name IN ARRAY _old LOOP
            EXECUTE format('DROP TABLE il.%I', _name);
        END LOOP;
        _changed := _changed + cardinality(_old);
    EXCEPTION WHEN lock_not_available THEN
        NULL;
    END;
    RETURN _changed;
END $$;

-- Deletes ended runs, final requests and rows that ended more than 30 days ago by both clocks. Returns how many.
CREATE FUNCTION il_v1.prune(_inc bigint, _now timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _old timestamptz := least(_now, clock_timestamp()) - interval '30 days';
    _count bigint;
    _sum bigint := 0;
BEGIN
    DELETE FROM il.vote v USING il.approval a
     WHERE v.id = a.id AND a.state NOT IN ('pending', 'approved') AND greatest(a.ends, a.at) < _old;
    DELETE FROM il.approval a WHERE a.state NOT IN ('pending', 'approved') AND greatest(a.ends, a.at) < _old;
    GET DIAGNOSTICS _count = ROW_COUNT;
    _sum := _sum + _count;
    DELETE FROM il.run WHERE ended < _old;
    GET DIAGNOSTICS _count = ROW_COUNT;
    _sum := _sum + _count;
    DELETE FROM il.undecided WHERE state <> 'waiting' AND greatest(ends, at) < _old;
    DELETE FROM il.challenge WHERE ends < _old;
    DELETE FROM il.session WHERE ends < _old;
    DELETE FROM il.item WHERE ends < _old;
    RETURN _sum;
END $$;
