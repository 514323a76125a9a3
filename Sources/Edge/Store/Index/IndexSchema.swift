/// The form of `state/index.db`. One file is of one log: its origin stands once, in `indexed_to`.
enum IndexSchema {
    /// `user_version` of a whole index; 0 while it is built. An index of any other form is built anew.
    static let version: Int64 = 1

    static let tables = [
        // Words that repeat in millions of rows: types, agents, tools, decisions, rules.
        "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
        """
        CREATE TABLE entry (
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
        // How far the index is: written in the transaction of the rows that it speaks of.
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

    /// Made after the rows that are there at first: sorting once is several times faster than keeping
    /// order. Of hashes the first eight bytes are enough to find few rows.
    static let indices = [
        "CREATE INDEX entry_ts ON entry (ts)",
        "CREATE INDEX entry_agent ON entry (agent, ts) WHERE agent IS NOT NULL",
        "CREATE INDEX entry_run ON entry (run, rs) WHERE run IS NOT NULL",
        "CREATE INDEX entry_tool ON entry (tool, ts) WHERE tool IS NOT NULL",
        "CREATE INDEX entry_dec ON entry (dec, ts) WHERE dec IS NOT NULL",
        "CREATE INDEX entry_subj ON entry (subj, ts) WHERE subj IS NOT NULL",
        "CREATE INDEX entry_hash ON entry (substr(hash, 1, 8))",
        "CREATE INDEX entry_call ON entry (substr(call, 1, 8)) WHERE call IS NOT NULL",
        "CREATE INDEX entry_appr ON entry (appr) WHERE appr IS NOT NULL",
        "CREATE INDEX entry_intent ON entry (substr(intent, 1, 8)) WHERE intent IS NOT NULL",
    ]

    static let columns =
        "idx, hash, ts, type, agent, run, rs, tool, dec, rule, subj, call, appr, intent"

    static let insert = "INSERT INTO entry (\(columns)) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
}
