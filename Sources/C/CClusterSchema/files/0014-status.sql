-- API version 1: what people read of the store (docs/specs/cluster.md, section 12).

-- The state of the store in one row; it permits nothing. `steps` is the newest step, `fault` why every other function would
-- refuse this session (IL002), or NULL. `head`, `min` and `standby` are NULL before there is a first entry.
CREATE FUNCTION il_v1.status(
    OUT steps integer, OUT min integer, OUT generation text, OUT open boolean, OUT standby text, OUT fault text,
    OUT head bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT max(x.n) INTO steps FROM il.migration x;
    SELECT m.min, m.standby INTO min, standby FROM il.meta m;
    generation := il_v1.generation();
    open := il_v1.is_open();
    SELECT max(c.n) INTO head FROM il.control c;
    PERFORM il_v1.durable();
EXCEPTION
    WHEN SQLSTATE 'IL002' THEN
        fault := SQLERRM;
END $$;
REVOKE ALL ON FUNCTION il_v1.status FROM PUBLIC;
GRANT EXECUTE ON FUNCTION il_v1.status TO il_node;
