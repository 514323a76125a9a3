-- API version 1: requests for approval, votes and uses of grants (docs/specs/cluster.md, section 3).
-- A change names the version of the row on which it builds; IL003 if the row has another one. The same change by the same
-- node again is done: it is known by its digest.

-- Consumes a nonce for one attempt of one node. IL003 for any other: the same statement that is sent a second time is
-- another attempt.
CREATE FUNCTION il_v1.consume(_nonce text, _ends timestamptz, _attempt text, _by text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _old il.nonce;
BEGIN
    INSERT INTO il.nonce (nonce, ends, attempt, node) VALUES (_nonce, _ends, _attempt, _by)
        ON CONFLICT (nonce, ends) DO UPDATE SET nonce = excluded.nonce
        WHERE il.nonce.attempt = _attempt AND il.nonce.node = _by
    RETURNING * INTO _old;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the nonce was consumed');
    END IF;
END $$;

-- Consumes a nonce. `_attempt` is an id that the node makes for each statement that it receives, and keeps when it repeats
-- a call whose answer was lost.
CREATE FUNCTION il_v1.nonce(_inc bigint, _nonce text, _ends timestamptz, _attempt text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    PERFORM il_v1.opened();
    PERFORM il_v1.consume(_nonce, _ends, _attempt, _me);
END $$;

-- A new request, with the units that its call needs: all of them, or IL003 and nothing is stored.
-- `_takes` as for il_v1.take; returns what was granted.
CREATE FUNCTION il_v1.ask(
    _inc bigint, _id text, _agent text, _run text, _uses integer, _ends timestamptz, _body bytea, _takes jsonb)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _grants jsonb;
BEGIN
    PERFORM il_v1.opened();
    INSERT INTO il.approval AS a (id, rev, ver, state, uses, agent, run, ends, body, change, node)
    VALUES (_id, 1, 1, 'pending', _uses, _agent, _run, _ends, _body, sha256(_body), _me)
        ON CONFLICT (id) DO UPDATE SET id = excluded.id
        WHERE a.ver = 1 AND a.node = _me AND a.body = excluded.body;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'there is another request of this id');
    END IF;
    _grants := il_v1.take_all(_me, _inc, _takes);
    PERFORM FROM jsonb_array_elements(_grants) g WHERE (g ->> 'units')::bigint < (g ->> 'want')::bigint;
    IF FOUND THEN
        PERFORM il_v1.refuse('IL003', 'a limit has too few units');
    END IF;
    RETURN _grants;
END $$;

-- Another review of a pending request (the next revision, whose votes begin anew), or another list of its voters (the same
-- revision). Returns the new version.
CREATE FUNCTION il_v1.revise(
    _inc bigint, _id text, _rev integer, _ver integer, _again boolean, _ends timestamptz, _body bytea)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _change bytea := sha256(convert_to('revise/' || _again::text || '/', 'UTF8') || _body);
BEGIN
    PERFORM il_v1.opened();
    UPDATE il.approval
       SET rev = _rev + CASE WHEN _again THEN 1 ELSE 0 END, ver = _ver + 1, ends = _ends, body = _body,
           change = _change, node = _me, seen = pg_current_xact_id()
     WHERE id = _id AND (
        rev = _rev AND ver = _ver AND (state = 'pending' OR state = 'approved' AND NOT _again)
        OR ver = _ver + 1 AND node = _me AND change = _change);
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the request has changed');
    END IF;
    RETURN _ver + 1;
END $$;

-- A vote for a request. `_ver` proves that the caller has verified all earlier votes; `_state` is `pending` or, with the
-- last vote, `approved`. `_attempt` as for il_v1.nonce. Returns the new version.
CREATE FUNCTION il_v1.vote(
    _inc bigint, _id text, _rev integer, _ver integer, _state text, _person text, _nonce text,
    _until timestamptz, _attempt text, _proof bytea, _origin text, _leaf bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _change bytea := sha256(convert_to('vote/' || _state || '/' || _person || '/', 'UTF8') || _proof);
BEGIN
    PERFORM il_v1.opened();
    IF _state NOT IN ('pending', 'approved') THEN
        PERFORM il_v1.refuse('IL003', 'a vote leaves a request pending or approved');
    END IF;
    UPDATE il.approval
       SET state = _state, ver = _ver + 1, change = _change, node = _me, seen = pg_current_xact_id()
     WHERE id = _id AND rev = _rev AND (
        ver = _ver AND state = 'pending' OR ver = _ver + 1 AND node = _me AND change = _change AND state = _state);
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the request has changed');
    END IF;
    PERFORM il_v1.consume(_nonce, _until, _attempt, _me);
    INSERT INTO il.vote AS v (id, rev, person, proof, origin, leaf, node)
    VALUES (_id, _rev, _person, _proof, _origin, _leaf, _me)
        ON CONFLICT (id, rev, person) DO UPDATE SET leaf = v.leaf WHERE v.proof = excluded.proof;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the person has voted');
    END IF;
    RETURN _ver + 1;
END $$;

-- The end of a request without a use: a denial (with its vote in `_body`), expiry, withdrawal or revocation. One entry.
-- Returns its number.
CREATE FUNCTION il_v1.finish(
    _inc bigint, _id text, _rev integer, _ver integer, _state text, _body bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    IF _state NOT IN ('denied', 'expired', 'withdrawn', 'void') THEN
        PERFORM il_v1.refuse('IL003', 'no end of a request');
    END IF;
    UPDATE il.approval
       SET state = _state, ver = _ver + 1, change = sha256(_body), node = _me, seen = pg_current_xact_id()
     WHERE id = _id AND rev = _rev AND (
        ver = _ver AND state IN ('pending', 'approved')
        OR ver = _ver + 1 AND node = _me AND state = _state AND change = sha256(_body));
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the request has changed');
    END IF;
    RETURN il_v1.append('end', _id, _body, _me);
END $$;

-- The only way to use a grant. `_body` is the signed entry: request, digest of the call, leaf of the intent. Returns all
-- entries after `_known`, among them all that came before the use, and the use: the caller applies them, checks again and
-- then sends. Of all that try, one gets an answer; all others IL003.
CREATE FUNCTION il_v1.use(
    _inc bigint, _id text, _rev integer, _ver integer, _nonce text, _until timestamptz, _body bytea, _known bigint)
RETURNS SETOF il_v1.entry
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _used integer;
BEGIN
    UPDATE il.approval
       SET used = used + 1, ver = ver + 1, state = CASE WHEN used + 1 = uses THEN 'used' ELSE state END,
           change = sha256(_body), node = _me, seen = pg_current_xact_id()
     WHERE id = _id AND rev = _rev AND ver = _ver AND state = 'approved'
    RETURNING used INTO _used;
    IF FOUND THEN
        -- The signed bytes are those of one attempt: they name its intent.
        PERFORM il_v1.consume(_nonce, _until, encode(sha256(_body), 'hex'), _me);
        PERFORM il_v1.append('use', _id || '/' || _used, _body, _me);
    ELSE
        -- The same use again: the answer comes from a commit, as every answer on which a node acts.
        PERFORM pg_advisory_xact_lock(7400);
        PERFORM il_v1.opened();
        UPDATE il.control SET node = node
         WHERE content = sha256(_body) AND kind = 'use' AND node = _me
           AND regexp_replace(subject, '/[0-9]+$', '') = _id;
        IF NOT FOUND THEN
            PERFORM il_v1.refuse('IL003', 'the grant was used, ended or changed');
        END IF;
    END IF;
    RETURN QUERY SELECT * FROM il_v1.entries_after(_known);
END $$;
