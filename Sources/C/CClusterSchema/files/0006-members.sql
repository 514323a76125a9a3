-- API version 1: the guards of every function, the chain, members, tasks and the generation.
-- A function runs as il_owner with a fixed search path; the caller is session_user, which SET ROLE does not change.
-- Errors: IL001 expelled or no member, IL002 no standby, IL003 closed, IL004 heads not compared.
CREATE SCHEMA il_v1;

CREATE TYPE il_v1.entry AS (
    n bigint, prev bytea, digest bytea, kind text, subject text, body bytea, node text, at bigint);

-- The timeline and start of this server: another one after each restart and failover.
CREATE FUNCTION il_v1.generation() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) || '/'
        || (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint
$$;

CREATE FUNCTION il_v1.refuse(_code text, _why text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%', _why USING ERRCODE = _code;
END $$;

-- IL002 unless a commit will be on two machines, and the caller learns it if it is not: a cancelled wait for the standby
-- is a success with a warning. Also for a session that could hold the lock of the chain for long after its client is gone,
-- between two statements of a transaction.
CREATE FUNCTION il_v1.durable() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
        OR current_setting('fsync') <> 'on' OR current_setting('full_page_writes') <> 'on' THEN
        PERFORM il_v1.refuse('IL002', 'commits are not durable');
    END IF;
    IF current_setting('client_min_messages') IN ('error', 'fatal', 'panic') THEN
        PERFORM il_v1.refuse('IL002', 'the session hides warnings');
    END IF;
    IF current_setting('idle_in_transaction_session_timeout')::interval
        NOT BETWEEN interval '1 ms' AND interval '10 s' THEN
        PERFORM il_v1.refuse('IL002', 'the session may leave a transaction open');
    END IF;
    IF (SELECT standby FROM il.meta) IS DISTINCT FROM 'none' AND (
        current_setting('synchronous_standby_names') = ''
        OR NOT EXISTS (
            SELECT FROM pg_stat_replication
             WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum'))) THEN
        PERFORM il_v1.refuse('IL002', 'no synchronous standby');
    END IF;
END $$;

-- The calling node in its incarnation. IL001 if it was expelled meanwhile.
CREATE FUNCTION il_v1.caller(_inc bigint) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM il_v1.durable();
    PERFORM FROM il.node WHERE name = session_user AND inc = _inc AND state = 'live';
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL001', format('%s is not live in incarnation %s', session_user, _inc));
    END IF;
    RETURN session_user;
END $$;

-- False until the heads were compared after a restart or failover.
CREATE FUNCTION il_v1.is_open() RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$ SELECT il_v1.generation() IS NOT DISTINCT FROM (SELECT open FROM il.meta) $$;

-- IL004 unless the generation is open.
CREATE FUNCTION il_v1.opened() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT il_v1.is_open() THEN
        PERFORM il_v1.refuse('IL004', 'the generation is not open');
    END IF;
END $$;

-- Closes the generation, so that all nodes compare heads and put back again. The caller has the lock of the chain.
CREATE FUNCTION il_v1.close_now() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE il.meta SET open = NULL;
    UPDATE il.node SET generation = NULL, restored = NULL WHERE state = 'live';
END $$;

CREATE FUNCTION il_v1.now_us() RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

-- Appends an entry and returns its number. The same bytes again, or a release or end that is in the chain, return the
-- number of the entry that is there. The lock orders the writers; without it the primary key would refuse all but one.
CREATE FUNCTION il_v1.append(_kind text, _subject text, _body bytea, _by text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _old il.control;
    _head il.control;
BEGIN
    PERFORM pg_advisory_xact_lock(7400);
    PERFORM il_v1.opened();
    SELECT * INTO _old FROM il.control WHERE content = sha256(_body);
    IF FOUND THEN
        IF (_old.kind, _old.subject) IS DISTINCT FROM (_kind, _subject) THEN
            PERFORM il_v1.refuse('IL003', format('entry %s has these bytes', _old.n));
        END IF;
        RETURN _old.n;
    END IF;
    IF _kind IN ('release', 'end') THEN
        SELECT * INTO _old FROM il.control WHERE kind = _kind AND subject = _subject;
        IF FOUND THEN
            RETURN _old.n;
        END IF;
    END IF;
    SELECT * INTO _head FROM il.control ORDER BY n DESC LIMIT 1;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the chain has no first entry');
    END IF;
    INSERT INTO il.control (n, prev, digest, kind, subject, body, node, at, content)
    VALUES (_head.n + 1, _head.digest, sha256(_head.digest || _body), _kind, _subject, _body, _by,
        il_v1.now_us(), sha256(_body));
    -- A hint only. It takes one lock for the whole server until the standby has the commit.
    IF (SELECT count(*) FROM il.node WHERE state = 'live') <= 200 THEN
        PERFORM pg_notify('il', (_head.n + 1)::text);
    END IF;
    RETURN _head.n + 1;
END $$;

CREATE FUNCTION il_v1.entries_after(_known bigint) RETURNS SETOF il_v1.entry
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT n, prev, digest, kind, subject, body, node, at FROM il.control WHERE n > _known ORDER BY n
$$;

-- The first entry and node of a new cluster, by il_migrate. Repeatable with the same bytes.
CREATE FUNCTION il_v1.found(_node text, _body bytea, _standby text) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _zero bytea := decode(repeat('00', 32), 'hex');
    _digest bytea := sha256(_zero || _body);
BEGIN
    PERFORM pg_advisory_xact_lock(7400);
    IF EXISTS (SELECT FROM il.control) THEN
        IF NOT EXISTS (SELECT FROM il.control WHERE n = 0 AND digest = _digest) THEN
            PERFORM il_v1.refuse('IL003', 'there is another cluster in this database');
        END IF;
        RETURN _digest;
    END IF;
    INSERT INTO il.meta (name, format, min, open, standby)
    VALUES ('cluster', 1, 1, il_v1.generation(), _standby);
    PERFORM il_v1.durable();
    INSERT INTO il.control (n, prev, digest, kind, subject, body, node, at, content)
    VALUES (0, _zero, _digest, 'genesis', 'genesis', _body, _node, il_v1.now_us(), sha256(_body));
    INSERT INTO il.node (name, state) VALUES (_node, 'new');
    RETURN _digest;
END $$;

-- True of a kind that every live node knows, and that has no function of its own.
CREATE FUNCTION il_v1.is_known(_kind text) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$ SELECT EXISTS (SELECT FROM il.kind k, il.meta m WHERE k.name = _kind AND k.since <= m.min) $$;

-- One entry of any kind that has no function of its own. Returns its number.
CREATE FUNCTION il_v1.record(_inc bigint, _kind text, _subject text, _body bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    IF NOT il_v1.is_known(_kind) OR _kind = 'member' THEN
        PERFORM il_v1.refuse('IL003', format('no entry of kind %s may be recorded', _kind));
    END IF;
    RETURN il_v1.append(_kind, _subject, _body, _me);
END $$;

-- Admits a node, or retires it for ever. The people's signatures are in the entry, which every node verifies: the row
-- alone admits nothing, and a retirement changes no row, since the store cannot tell whether its signatures count.
CREATE FUNCTION il_v1.member(_inc bigint, _name text, _deed text, _body bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    IF _deed = 'admit' THEN
        INSERT INTO il.node (name, state) VALUES (_name, 'new') ON CONFLICT (name) DO NOTHING;
    ELSIF _deed IS DISTINCT FROM 'retire' THEN
        PERFORM il_v1.refuse('IL003', format('unknown deed %s', _deed));
    END IF;
    RETURN il_v1.append('member', _name, _body, _me);
END $$;

-- Notes that a node is retired for ever, by il_migrate, whose program has verified entry `_n`: no process of the node
-- starts any more. Until then the chain decides, and every node takes what the retired one sends as void.
CREATE FUNCTION il_v1.retire(_name text, _n bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM il_v1.durable();
    PERFORM pg_advisory_xact_lock(7400);
    PERFORM FROM il.control WHERE n = _n AND kind = 'member' AND subject = _name;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', format('entry %s does not retire %s', _n, _name));
    END IF;
    UPDATE il.node SET state = 'retired', inc = inc + CASE state WHEN 'retired' THEN 0 ELSE 1 END WHERE name = _name;
    DELETE FROM il.starved WHERE node = _name;
END $$;

-- A process of the node begins. Returns its incarnation: one more than before, or the same for the same `_start`, and at
-- least `_least`. That is one more than each that the node knows of itself: a store that lost the commit of a start would
-- give its number again, and what the former process still sends would count.
CREATE FUNCTION il_v1.start(_start text, _beat bigint, _version integer, _least bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _now bigint;
BEGIN
    PERFORM il_v1.durable();
    IF _version < (SELECT min FROM il.meta) THEN
        PERFORM il_v1.refuse('IL003', 'the program is too old for this store');
    END IF;
    -- Far from the largest number, so that each incarnation can be expelled.
    IF _least IS NULL OR _least > 1::bigint << 52 THEN
        PERFORM il_v1.refuse('IL003', 'no number of an incarnation');
    END IF;
    UPDATE il.node
       SET inc = greatest(_least, inc + CASE WHEN start = _start AND state = 'live' THEN 0 ELSE 1 END), state = 'live',
           start = _start, beat = greatest(beat, _beat), version = _version,
           applied = CASE WHEN start = _start THEN applied ELSE -1 END,
           head = CASE WHEN start = _start THEN head END,
           generation = CASE WHEN start = _start THEN generation END,
           -- A node that was here before puts back its leases and runs if the generation has changed since.
           restored = CASE WHEN start IS NULL THEN il_v1.generation() ELSE restored END
     WHERE name = session_user AND state <> 'retired'
       AND (start IS DISTINCT FROM _start OR state = 'live')
    RETURNING inc INTO _now;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL001', format('%s is no member, or was expelled since', session_user));
    END IF;
    RETURN _now;
END $$;

-- True of a head that a node has applied and the chain has not. A node that has applied nothing has none.
CREATE FUNCTION il_v1.is_unknown(_applied bigint, _head bytea) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT _applied IS DISTINCT FROM -1 AND NOT EXISTS (
        SELECT FROM il.control WHERE n = _applied AND digest = _head)
$$;

-- The regular transaction of a node. `_beat` is any number that it has not sent before; `_applied` and `_head` name the
-- entry that it has verified last; `_low` is the horizon that the heartbeat before returned, 0 at a start and in a new
-- generation; `_starved` are the limits of which it lacks units. A node may renew its lease only if `open` is true and it
-- has applied entry `n`. `nodes` is NULL but for the holder of the task `watch`. `changes` are those since `_low`, or what
-- is open from 0; 1,000, and those of the same transaction as the last one: `low` is the horizon of the rest then.
-- Changes of one transaction above 10,000 are left out: no node could read the answer, and each would lose its lease.
-- A head that is not in the chain closes the generation: a node that was gone or new in a restored backup may know
-- entries that no other has, and a grant could be used again.
CREATE FUNCTION il_v1.heartbeat(
    _inc bigint, _beat bigint, _applied bigint, _head bytea, _low xid8, _starved text[],
    OUT n bigint, OUT digest bytea, OUT generation text, OUT open boolean, OUT at bigint, OUT low xid8,
    OUT standby text, OUT restored boolean, OUT nodes jsonb, OUT tasks jsonb, OUT changes jsonb, OUT starved jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    _me text := il_v1.caller(_inc);
    _count bigint;
    _last xid8;
BEGIN
    generation := il_v1.generation();
    -- Before the row of the node is locked, since others lock rows of nodes under the lock of the chain.
    IF il_v1.is_unknown(_applied, _head) THEN
        PERFORM pg_advisory_xact_lock(7400);
        IF il_v1.is_open() AND il_v1.is_unknown(_applied, _head) THEN
            PERFORM il_v1.close_now();
        END IF;
    END IF;
    UPDATE il.node d SET beat = _beat, applied = _applied, head = _head, generation = il_v1.generation()
     WHERE d.name = _me AND d.inc = _inc AND d.state = 'live';
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL001', format('%s was expelled', _me));
    END IF;
    SELECT d.restored IS NOT DISTINCT FROM il_v1.generation() INTO restored FROM il.node d WHERE d.name = _me;
    DELETE FROM il.starved s WHERE s.node = _me AND s.key <> ALL (_starved);
    INSERT INTO il.starved (key, node) SELECT DISTINCT unnest(_starved), _me ON CONFLICT DO NOTHING;
    low := pg_snapshot_xmin(pg_current_snapshot());
    SELECT c.n, c.digest INTO n, digest FROM il.control c ORDER BY c.n DESC LIMIT 1;
    open := il_v1.is_open();
    SELECT m.standby INTO standby FROM il.meta m;
    at := il_v1.now_us();
    -- A thousand nodes are read by the one that watches them.
    IF EXISTS (SELECT FROM il.task t WHERE t.name = 'watch' AND t.node = _me AND t.inc = _inc) THEN
        SELECT jsonb_agg(jsonb_build_array(d.name, d.state, d.inc, d.beat, d.applied, d.version) ORDER BY d.name)
          INTO nodes FROM il.node d WHERE d.state <> 'retired';
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_array(t.name, t.term, t.node, t.inc, t.beat) ORDER BY t.name), '[]')
      INTO tasks FROM il.task t;
    SELECT coalesce(jsonb_agg(jsonb_build_array(x.kind, x.id, x.rev, x.ver, x.state)), '[]'), count(*), max(x.seen)
      INTO changes, _count, _last FROM (SELECT * FROM (
        SELECT 'approval' AS kind, a.id, a.rev, a.ver, a.state, a.seen FROM il.approval a
         WHERE a.seen >= _low AND (_low > '0' OR a.state IN ('pending', 'approved'))
        UNION ALL
        SELECT u.kind, u.id, 0, u.ver, u.state, u.seen FROM il.undecided u
         WHERE u.seen >= _low AND (_low > '0' OR u.state = 'waiting')
         ORDER BY seen FETCH FIRST 1000 ROWS WITH TIES) y ORDER BY y.seen LIMIT 10000) x;
    IF _count >= 1000 THEN
        low := least(low, (_last::text::numeric + 1)::text::xid8);
    END IF;
    SELECT coalesce(jsonb_agg(DISTINCT s.key), '[]') INTO starved FROM il.starved s
     WHERE s.node <> _me AND EXISTS (
        SELECT FROM il.limit_lease l
         WHERE l.key = s.key AND l.node = _me AND l.inc = _inc AND il_v1.open_units(l) > 0);
END $$;

-- Ends an incarnation that was silent, seen by the holder of the task `watch`: exactly the one whose beat did not change.
CREATE FUNCTION il_v1.expel(
    _inc bigint, _term bigint, _name text, _its bigint, _beat bigint, _body bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    IF EXISTS (SELECT FROM il.expelled WHERE node = _name AND inc = _its AND body = _body) THEN
        UPDATE il.expelled SET by = by WHERE node = _name AND inc = _its;
        RETURN true;
    END IF;
    -- Before the row of the node, as in a heartbeat.
    PERFORM pg_advisory_xact_lock(7400);
    PERFORM FROM il.task WHERE name = 'watch' AND node = _me AND term = _term FOR SHARE;
    IF NOT FOUND THEN
        PERFORM il_v1.refuse('IL003', 'the task has another term');
    END IF;
    UPDATE il.node SET inc = inc + 1, state = 'gone'
     WHERE name = _name AND inc = _its AND beat = _beat AND state = 'live';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM il.starved WHERE node = _name;
    INSERT INTO il.expelled (node, inc, body, by) VALUES (_name, _its, _body, _me);
    IF il_v1.is_open() THEN
        UPDATE il.expelled
           SET n = il_v1.append('expelled', _name, _body, _me)
         WHERE node = _name AND inc = _its;
    END IF;
    RETURN true;
END $$;

-- Takes a task over from a holder whose beat did not change for 3 s on the caller's clock. Returns the new term, or NULL
-- if another node was first.
CREATE FUNCTION il_v1.task_take(_inc bigint, _name text, _term bigint, _was bigint, _beat bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
    _now bigint;
BEGIN
    UPDATE il.task SET term = _term + 1, node = _me, inc = _inc, beat = _beat
     WHERE name = _name
       AND (term = _term AND beat = _was OR term = _term + 1 AND node = _me AND inc = _inc AND beat = _beat)
    RETURNING term INTO _now;
    RETURN _now;
END $$;

-- Keeps a task. False if another node has it.
CREATE FUNCTION il_v1.task_keep(_inc bigint, _name text, _term bigint, _beat bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _me text := il_v1.caller(_inc);
BEGIN
    UPDATE il.task SET beat = _beat WHERE name = _name AND node = _me AND inc = _inc AND term = _term;
    RETURN FOUND;
END $$;
