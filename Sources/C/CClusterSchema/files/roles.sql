-- The roles of docs/specs/cluster.md, section 11. A superuser runs this once in the deployment's database; it may be
-- run again. A node's login is made apart: CREATE ROLE gw1 LOGIN IN ROLE il_node.
DO $$
DECLARE
    _f record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'il_owner') THEN
        CREATE ROLE il_owner NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'il_node') THEN
        CREATE ROLE il_node NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'il_read') THEN
        CREATE ROLE il_read NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'il_migrate') THEN
        -- Owns nothing and inherits nothing; a migration says SET ROLE il_owner.
        CREATE ROLE il_migrate LOGIN NOINHERIT;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'il_backup') THEN
        -- A base backup holds every byte of the database; SELECT it has none.
        CREATE ROLE il_backup LOGIN REPLICATION;
    END IF;
    -- pg_stat_replication shows to its members alone whether a standby is synchronous.
    GRANT pg_read_all_stats TO il_owner;
    GRANT il_owner TO il_migrate;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO il_owner, il_node, il_read, il_migrate, il_backup',
        current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO il_owner', current_database());
    -- A transaction that a client leaves open keeps the lock of the chain. The functions refuse a session without the limit.
    EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = %L', current_database(), '5s');
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    -- The chain is ordered by an advisory lock, which any login could hold otherwise.
    FOR _f IN SELECT oid::regprocedure AS name FROM pg_proc
               WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^pg_(try_)?advisory_'
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', _f.name);
    END LOOP;
    GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) TO il_owner;
END $$;
