-- API version 1: what waits for signatures of people, passkeys and sessions (docs/specs/cluster.md, sections 3 and 9).

-- A new elevation, enrolment, role or revision that waits for signatures.
CREATE FUNCTION il_v1.wait(_inc bigint, _kind text, _id text, _ends timestamptz, _body bytea) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM il_v1.opened();
    INSERT INTO il.undecided AS u (kind, id, ver, state, ends, body, change, node)
    VALUES (_kind, _id, 1, 'waiting', _ends, _body, sha256(_body), _me)
        ON CONFLICT (kind, id) DO UPDATE SET id = excluded.id
        WHERE u.ver = 1 AND u.node = _me AND u.body = excluded.body;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'there is another row of this id');
    END IF;
    RETURN 1;
END $$;

-- One more signature that is not the last: `_body` has all of them. Returns the new version.
CREATE FUNCTION il_v1.sign(_inc bigint, _kind text, _id text, _ver integer, _body bytea) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM il_v1.opened();
    UPDATE il.undecided
       SET ver = _ver + 1, body = _body, change = sha256(_body), node = _me, seen = pg_current_xact_id()
     WHERE kind = _kind AND id = _id AND state = 'waiting'
       AND (ver = _ver OR ver = _ver + 1 AND node = _me AND change = sha256(_body));
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the row has changed');
    END IF;
    RETURN _ver + 1;
END $$;

-- The last signature: the row is complete, and the entry with all envelopes is appended, in one transaction. Returns the
-- number of the entry.
CREATE FUNCTION il_v1.complete(_inc bigint, _kind text, _id text, _ver integer, _subject text, _body bytea)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    UPDATE il.undecided
       SET state = 'complete', ver = _ver + 1, change = sha256(_body), node = _me, seen = pg_current_xact_id()
     WHERE kind = _kind AND id = _id AND (
        state = 'waiting' AND ver = _ver
        OR state = 'complete' AND ver = _ver + 1 AND node = _me AND change = sha256(_body));
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the row has changed');
    END IF;
    RETURN il_v1.append(
        CASE _kind WHEN 'enrolment' THEN 'person' WHEN 'role' THEN 'person' ELSE _kind END, _subject, _body, _me);
END $$;

-- A row that will not be signed any more: withdrawn, refused or too old. Nothing is appended, since nothing was allowed.
CREATE FUNCTION il_v1.withdraw(_inc bigint, _kind text, _id text, _ver integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    UPDATE il.undecided
       SET state = 'ended', ver = _ver + 1, change = ''::bytea, node = _me, seen = pg_current_xact_id()
     WHERE kind = _kind AND id = _id AND (
        state = 'waiting' AND ver = _ver OR state = 'ended' AND ver = _ver + 1 AND node = _me);
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the row has changed');
    END IF;
END $$;

-- The signature counter of a passkey: it rises, or stays zero. IL003 for a counter that was seen, which a copy of the
-- passkey would send, and also for the same assertion that is sent a second time. `_attempt` as for il_v1.nonce.
CREATE FUNCTION il_v1.counter(_inc bigint, _id text, _c bigint, _attempt text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM il_v1.opened();
    INSERT INTO il.counter AS x (id, c, attempt, node) VALUES (_id, _c, _attempt, _me)
        ON CONFLICT (id) DO UPDATE SET c = _c, attempt = _attempt, node = _me
        WHERE x.c < _c OR x.c = 0 AND _c = 0 OR x.c = _c AND x.attempt = _attempt AND x.node = _me;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the counter of the passkey did not rise');
    END IF;
END $$;

CREATE FUNCTION il_v1.challenge(_inc bigint, _id text, _ends timestamptz, _body bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    INSERT INTO il.challenge AS x (id, ends, body, node) VALUES (_id, _ends, _body, _me)
        ON CONFLICT (id) DO UPDATE SET id = excluded.id WHERE x.body = excluded.body AND x.node = _me;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'there is another challenge of this id');
    END IF;
END $$;

-- Consumes a challenge for one answer. NULL if there is none or another answer was first; whether it has ended is for the
-- caller to verify in the signed body.
CREATE FUNCTION il_v1.challenge_take(_inc bigint, _id text, _taken text) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _bytes bytea;
BEGIN
    PERFORM il_v1.opened();
    UPDATE il.challenge SET taken = _taken WHERE id = _id AND (taken IS NULL OR taken = _taken)
    RETURNING body INTO _bytes;
    RETURN _bytes;
END $$;

-- A session, or its next body. One that was ended stays so.
CREATE FUNCTION il_v1.session(_inc bigint, _id text, _person text, _ends timestamptz, _body bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM il_v1.opened();
    INSERT INTO il.session AS s (id, person, ends, body, node) VALUES (_id, _person, _ends, _body, _me)
        ON CONFLICT (id) DO UPDATE SET ends = _ends, body = _body, node = _me
        WHERE NOT s.ended AND s.person = _person;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the session has ended');
    END IF;
END $$;

-- Ends one session of a person, or all with NULL. Returns how many this call ended.
CREATE FUNCTION il_v1.session_end(_inc bigint, _person text, _id text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _count integer;
BEGIN
    UPDATE il.session SET ended = true WHERE person = _person AND (_id IS NULL OR id = _id) AND NOT ended;
    GET DIAGNOSTICS _count = ROW_COUNT;
    RETURN _count;
END $$;

-- Notes that a person is shown a revision of a request, and returns since when, by the clock of the store.
CREATE FUNCTION il_v1.view(_inc bigint, _day date, _id text, _rev integer, _person text) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _first timestamptz;
BEGIN
    INSERT INTO il.viewed AS v (day, id, rev, person, node) VALUES (_day, _id, _rev, _person, _me)
        ON CONFLICT (id, rev, person, day) DO UPDATE SET node = v.node
    RETURNING since INTO _first;
    RETURN _first;
END $$;
