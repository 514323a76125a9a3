/// The schema of `state/index.db`. A file indexes one log, whose origin is stored once, in `indexed_to`.
///
/// Rows are stored in parts, each a table of at least some ten thousand consecutive records; the view `entry` joins
/// them all. The newest part has no secondary indices: they are created when it is full, because sorting once costs a
/// third of keeping ten of them in order for every row.
enum IndexSchema {
    /// `user_version` of a complete index; 0 while it is built. An index with any other value is rebuilt.
    static let version: Int64 = 4

    static let tables = [
        // Words that repeat in millions of rows: types, agents, tools, decisions, rules.
        "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
        // The covered size and root, written in the same transaction as the rows.
        """
        CREATE TABLE indexed_to (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            origin TEXT NOT NULL,
            size INTEGER NOT NULL,
            root BLOB NOT NULL,
            peaks BLOB NOT NULL
        ) STRICT
        """,
    ]

    /// Selects the first record of each part, oldest first, from the names of the tables.
    static let parts = """
        SELECT CAST(substr(name, 7) AS INTEGER) FROM sqlite_schema
        WHERE type = 'table' AND name GLOB 'entry_[0-9]*' ORDER BY 1
        """

    /// The table of the part that begins with this record.
    static func name(ofPart first: UInt64) -> String { "entry_\(first)" }

    /// - Parameter parts: the first record of each part, oldest first; the last one is the new part.
    static func begin(_ parts: [UInt64]) -> [String] {
        guard let newest = parts.last else { return [] }
        let all = parts.map { "SELECT \(columns) FROM \(name(ofPart: $0))" }
        return [
            """
            CREATE TABLE \(name(ofPart: newest)) (
                idx INTEGER PRIMARY KEY,
                hash BLOB NOT NULL,
                ts INTEGER NOT NULL,
                type INTEGER NOT NULL,
                agent INTEGER,
                run BLOB,
                rs INTEGER,
                tool INTEGER,
                dec INTEGER,
                rule INTEGER,
                subj BLOB,
                call BLOB,
                appr BLOB,
                intent BLOB
            ) STRICT
            """,
            "DROP VIEW IF EXISTS entry",
            "CREATE VIEW entry AS \(all.joined(separator: " UNION ALL "))",
        ]
    }

    /// The secondary indices of a full part. That of agents also has what their records are counted by, so that counting
    /// reads no rows; an index without it, of an earlier version, gives the same counts. The first eight bytes of a hash are enough to narrow a search to few rows.
    static func indices(ofPart first: UInt64) -> [String] {
        let part = name(ofPart: first)
        return [
            ("ts", "ts", nil), ("agent", "agent, ts, type, dec", "agent"),
            ("run", "run, rs", "run"),
            ("tool", "tool, ts", "tool"), ("dec", "dec, ts", "dec"), ("subj", "subj, ts", "subj"),
            ("hash", "substr(hash, 1, 8)", nil), ("call", "substr(call, 1, 8)", "call"),
            ("appr", "appr", "appr"), ("intent", "substr(intent, 1, 8)", "intent"),
        ].map { (word: String, key: String, present: String?) in
            "CREATE INDEX \(part)_\(word) ON \(part) (\(key))"
                + (present.map { " WHERE \($0) IS NOT NULL" } ?? "")
        }
    }

    /// Creates the tally of a full part: the number of its records per run and type.
    static func tally(ofPart first: UInt64) -> [String] {
        [
            """
            CREATE TABLE \(name(ofTally: first)) (
                run BLOB NOT NULL,
                type INTEGER NOT NULL,
                first INTEGER NOT NULL,
                count INTEGER NOT NULL,
                PRIMARY KEY (run, type, first)
            ) STRICT, WITHOUT ROWID
            """,
            "INSERT INTO \(name(ofTally: first)) \(counted(inPart: first, where: "run IS NOT NULL"))",
        ]
    }

    /// Selects the columns of a tally.
    static func counted(inPart first: UInt64, where condition: String) -> String {
        """
        SELECT run, type, intent IS NULL, count(*) FROM \(name(ofPart: first))
        WHERE \(condition) GROUP BY 1, 2, 3
        """
    }

    static func name(ofTally first: UInt64) -> String { "tally_\(first)" }

    static let columns =
        "idx, hash, ts, type, agent, run, rs, tool, dec, rule, subj, call, appr, intent"

    static func insert(intoPart first: UInt64) -> String {
        "INSERT INTO \(name(ofPart: first)) (\(columns)) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    }
}
