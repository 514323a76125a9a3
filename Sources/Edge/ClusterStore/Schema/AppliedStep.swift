package import InterlockModel

/// A step of the schema that the store has, as its table of migrations says.
package struct AppliedStep: Hashable, Sendable {
    /// The position, from 1.
    package let number: Int
    package let name: String
    /// The digest of the text that was applied.
    package let digest: Digest
    /// The time by the clock of the store, in UTC to the second.
    package let time: String
}

extension StoreConnection {
    /// The steps that the store has, in their order; none if it has no schema, or one that this role may not read, which
    /// is not ours.
    func appliedSteps() throws(StoreCallFailure) -> [AppliedStep] {
        // `to_regclass` would answer from a cache that waiting for another migration does not refresh.
        let known = try run(
            """
            SELECT 1 FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
             WHERE s.nspname = 'il' AND c.relname = 'migration'
               AND has_schema_privilege(s.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
            """)
        guard !known.isEmpty else { return [] }
        let rows = try run(
            """
            SELECT n, name, digest, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
              FROM il.migration ORDER BY n
            """)
        var steps: [AppliedStep] = []
        for row in rows {
            guard row.count == 4, let number = row[0].integer, let name = row[1].text,
                let bytes = row[2].bytes, let digest = Digest(bytes: bytes), let time = row[3].text
            else {
                throw .refused(code: "XX000", reason: "a row of il.migration cannot be read")
            }
            steps.append(
                AppliedStep(number: Int(number), name: name, digest: digest, time: time))
        }
        return steps
    }

    /// The kind and name of something in the database that PostgreSQL and its extensions did not make; nil if it is empty.
    func foreignObject() throws(StoreCallFailure) -> String? {
        try run(Self.foreign).first?.first?.text
    }

    private static let foreign = """
        WITH own AS (
            SELECT oid, nspname FROM pg_namespace
             WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
        made AS (
            SELECT 'pg_namespace'::regclass AS class, oid, 1 AS place, format('the schema %s', nspname) AS object
              FROM own WHERE nspname <> 'public'
            UNION ALL
            SELECT 'pg_class'::regclass, c.oid, 2, format('the relation %s.%s', own.nspname, c.relname)
              FROM pg_class c JOIN own ON own.oid = c.relnamespace
            UNION ALL
            SELECT 'pg_proc'::regclass, p.oid, 3, format('the function %s.%s', own.nspname, p.proname)
              FROM pg_proc p JOIN own ON own.oid = p.pronamespace)
        SELECT object FROM made
         WHERE NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.classid = made.class AND d.objid = made.oid AND d.deptype = 'e')
         ORDER BY place, object LIMIT 1
        """
}
