-- API version 1: what happens after a restart, a failover or a restored backup (docs/specs/cluster.md, section 3).

-- True if every live node has sent a heartbeat to this server and put back its leases and runs, and the chain has what
-- each had applied.
CREATE FUNCTION il_v1.compared() RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM il.node WHERE state = 'live') AND NOT EXISTS (
        SELECT FROM il.node d
         WHERE d.state = 'live' AND (
            d.generation IS DISTINCT FROM il_v1.generation() OR d.restored IS DISTINCT FROM il_v1.generation()
            OR NOT EXISTS (SELECT FROM il.control c WHERE c.n = d.applied AND c.digest = d.head)))
$$;

CREATE FUNCTION il_v1.open_now() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE il.meta SET open = il_v1.generation();
    UPDATE il.expelled SET n = il_v1.append('expelled', node, body, by) WHERE n IS NULL;
END $$;

-- Opens the generation once the heads were compared, and appends the expulsions of meanwhile. False: not yet.
CREATE FUNCTION il_v1.open_generation(_inc bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM pg_advisory_xact_lock(7400);
    IF il_v1.is_open() THEN
        -- Also a repeated answer comes from a commit.
        UPDATE il.meta SET open = open;
        RETURN true;
    END IF;
    IF NOT il_v1.compared() THEN
        RETURN false;
    END IF;
    PERFORM il_v1.open_now();
    RETURN true;
END $$;

-- Closes the generation, so that heads are compared again: a node saw another head, or people recover.
CREATE FUNCTION il_v1.close_generation(_inc bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM pg_advisory_xact_lock(7400);
    PERFORM il_v1.close_now();
END $$;

-- Puts back an entry that the store has lost: only what links to the head, byte for byte. Returns false if the entry is
-- there already. IL003: it does not link, the chain has another entry of this number, or not all nodes know its kind.
CREATE FUNCTION il_v1.repair(
    _inc bigint, _n bigint, _prev bytea, _digest bytea, _kind text, _subject text, _body bytea, _node text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _head il.control;
    _id text;
    _u integer;
BEGIN
    PERFORM pg_advisory_xact_lock(7400);
    UPDATE il.control SET node = node WHERE n = _n AND digest = _digest;
    IF FOUND THEN
        RETURN false;
    END IF;
    SELECT * INTO _head FROM il.control ORDER BY n DESC LIMIT 1;
    IF _n IS DISTINCT FROM _head.n + 1 OR _prev IS DISTINCT FROM _head.digest
        OR _digest IS DISTINCT FROM sha256(_prev || _body) THEN
        PERFORM il_v1.refuse('IL003', format('entry %s does not follow the head %s', _n, _head.n));
    END IF;
    IF NOT il_v1.is_known(_kind) AND _kind NOT IN ('use', 'end', 'expelled') THEN
        PERFORM il_v1.refuse('IL003', format('no entry of kind %s may be put back', _kind));
    END IF;
    INSERT INTO il.control (n, prev, digest, kind, subject, body, node, at, content)
    VALUES (_n, _prev, _digest, _kind, _subject, _body, _node, il_v1.now_us(), sha256(_body));
    -- The rows that a use or an end had changed follow it. An expelled node starts again above the incarnation that the
    -- entry names.
    IF _kind = 'use' THEN
        _id := regexp_replace(_subject, '/[0-9]+$', '');
        _u := substring(_subject FROM '/([0-9]+)$')::integer;
        UPDATE il.approval
           SET used = greatest(used, least(_u, uses)), ver = ver + 1, seen = pg_current_xact_id(),
               state = CASE WHEN _u >= uses THEN 'used' ELSE state END
         WHERE id = _id AND used < _u;
    ELSIF _kind = 'end' THEN
        UPDATE il.approval SET state = 'void', ver = ver + 1, seen = pg_current_xact_id()
         WHERE id = _subject AND state IN ('pending', 'approved');
    END IF;
    RETURN true;
END $$;

-- After a restore, while the generation is closed and the entries are back: open requests are void, people sign in
-- again, and every limit counts as used for one window. Two people sign `_body`, which the nodes verify. Then it opens.
CREATE FUNCTION il_v1.recover(_inc bigint, _id text, _body bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM pg_advisory_xact_lock(7400);
    UPDATE il.recovery SET node = node WHERE id = _id AND body = _body;
    IF FOUND THEN
        RETURN true;
    END IF;
    IF il_v1.is_open() THEN
        PERFORM il_v1.refuse('IL003', 'the generation is open');
    END IF;
    IF NOT il_v1.compared() THEN
        RETURN false;
    END IF;
    INSERT INTO il.recovery (id, generation, body, node) VALUES (_id, il_v1.generation(), _body, _me);
    UPDATE il.approval SET state = 'void', ver = ver + 1, seen = pg_current_xact_id()
     WHERE state IN ('pending', 'approved');
    UPDATE il.undecided SET state = 'ended', ver = ver + 1, seen = pg_current_xact_id() WHERE state = 'waiting';
    UPDATE il.session SET ended = true WHERE NOT ended;
    DELETE FROM il.challenge;
    UPDATE il.limit_key SET newest = greatest(newest, il_v1.slot_of(span, il_v1.now_us()));
    INSERT INTO il.limit_use (key, slot, day, units)
    SELECT key, newest, il_v1.day_of(span, newest), most FROM il.limit_key
        ON CONFLICT (key, slot, day) DO UPDATE SET units = il.limit_use.units + excluded.units;
    PERFORM il_v1.open_now();
    RETURN true;
END $$;
