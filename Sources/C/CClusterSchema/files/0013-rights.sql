-- API version 1: who may call and read what (docs/specs/cluster.md, section 11).
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA il_v1 FROM PUBLIC;
REVOKE ALL ON SCHEMA il, il_v1 FROM PUBLIC;
GRANT USAGE ON SCHEMA il, il_v1 TO il_node;
GRANT USAGE ON SCHEMA il TO il_read;
GRANT EXECUTE ON FUNCTION
    il_v1.record, il_v1.member, il_v1.start, il_v1.heartbeat, il_v1.expel, il_v1.task_take, il_v1.task_keep,
    il_v1.open_generation, il_v1.close_generation, il_v1.repair, il_v1.recover,
    il_v1.nonce, il_v1.ask, il_v1.revise, il_v1.vote, il_v1.finish, il_v1.use,
    il_v1.claim, il_v1.run_change, il_v1.run_put_back, il_v1.run_end,
    il_v1.take, il_v1.report, il_v1.put_back, il_v1.restored, il_v1.settle,
    il_v1.wait, il_v1.sign, il_v1.complete, il_v1.withdraw, il_v1.counter, il_v1.challenge, il_v1.challenge_take,
    il_v1.session, il_v1.session_end, il_v1.view,
    il_v1.post, il_v1.post_claim, il_v1.post_done, il_v1.put, il_v1.drop, il_v1.roll, il_v1.prune
    TO il_node;
GRANT SELECT ON ALL TABLES IN SCHEMA il TO il_node;
REVOKE ALL ON il.migration FROM il_node;

-- il_read: names, times, states and sizes. A column that is added later is not readable until a step grants it.
DO $$
DECLARE
    _t record;
BEGIN
    FOR _t IN
        SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relnamespace = 'il'::regnamespace AND c.relkind IN ('r', 'p')
           AND a.attname NOT IN ('body', 'proof', 'content', 'change', 'nonce', 'taken', 'attempt')
           AND NOT (c.relname = 'session' AND a.attname = 'id')
         GROUP BY c.relname
    LOOP
        EXECUTE format('GRANT SELECT (%s) ON il.%I TO il_read', _t.columns, _t.relname);
    END LOOP;
END $$;

-- The end of an upgrade: drops the functions of all versions below `_keep`, which no live node may use any more.
CREATE FUNCTION il.finish(_keep integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    _old integer;
BEGIN
    PERFORM pg_advisory_xact_lock(7401);
    IF to_regnamespace('il_v' || _keep) IS NULL THEN
        RAISE EXCEPTION 'there is no version % of the API', _keep USING ERRCODE = 'IL003';
    END IF;
    IF EXISTS (SELECT FROM il.node WHERE state = 'live' AND version < _keep) THEN
        RAISE EXCEPTION 'a live node uses an older version' USING ERRCODE = 'IL003';
    END IF;
    UPDATE il.meta SET min = greatest(min, _keep);
    FOR _old IN
        SELECT substr(nspname, 5)::integer FROM pg_namespace
         WHERE nspname ~ '^il_v[0-9]{1,6}$' AND substr(nspname, 5)::integer < _keep
    LOOP
        EXECUTE format('DROP SCHEMA il_v%s CASCADE', _old);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION il.finish FROM PUBLIC;

-- Nothing may be written before there are partitions.
SELECT il_v1.partitions((clock_timestamp() AT TIME ZONE 'UTC')::date, 2);
