/// The schema steps of the store, oldest first. A released step is never changed; `user_version` counts the steps that
/// were applied.
enum Migrations {
    static let steps: [[String]] = [
        [
            """
            CREATE TABLE approval (
                id TEXT PRIMARY KEY,
                state TEXT NOT NULL,
                revision INTEGER NOT NULL,
                body TEXT NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX approval_state ON approval (state)",
            """
            CREATE TABLE nonce (
                nonce TEXT PRIMARY KEY,
                expires INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
        ],
        [
            """
            CREATE TABLE elevation (
                id TEXT PRIMARY KEY,
                state TEXT NOT NULL,
                revision INTEGER NOT NULL,
                body TEXT NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX elevation_state ON elevation (state)",
            // One row or none: the policy revision that was last signed off.
            """
            CREATE TABLE sign_off (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                body TEXT NOT NULL
            ) STRICT
            """,
        ],
        [
            // One row or none: the lock that was last in force.
            """
            CREATE TABLE accepted_lock (
                only INTEGER PRIMARY KEY CHECK (only = 1),
                body TEXT NOT NULL
            ) STRICT
            """,
            // Servers that a person quarantined and that are not released yet.
            """
            CREATE TABLE quarantine (
                server TEXT PRIMARY KEY,
                body TEXT NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
        ],
        [
            // Notifications that a channel has not delivered yet, in the order in which they were raised.
            """
            CREATE TABLE outbox (
                number INTEGER PRIMARY KEY,
                alert TEXT NOT NULL,
                channel TEXT NOT NULL,
                body TEXT NOT NULL,
                held INTEGER NOT NULL,
                tries INTEGER NOT NULL,
                since INTEGER NOT NULL,
                next INTEGER NOT NULL,
                UNIQUE (alert, channel)
            ) STRICT
            """
        ],
        [
            // Passkeys, invitations by the hash of their token, and pending enrolments.
            """
            CREATE TABLE people (
                kind TEXT NOT NULL,
                id TEXT NOT NULL,
                body TEXT NOT NULL,
                PRIMARY KEY (kind, id)
            ) STRICT, WITHOUT ROWID
            """
        ],
        [
            // The names of notifications that were sent, each with the time until which it is kept.
            """
            CREATE TABLE told (
                name TEXT PRIMARY KEY,
                until INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            // Links in e-mails, by the hash of their token.
            """
            CREATE TABLE denial_link (
                hash TEXT PRIMARY KEY,
                request TEXT NOT NULL,
                person TEXT NOT NULL,
                expires INTEGER NOT NULL,
                spent INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
        ],
        [
            // Probes (known-bad requests) that are not decided yet; no call can use one.
            """
            CREATE TABLE probe (
                id TEXT PRIMARY KEY,
                body TEXT NOT NULL
            ) STRICT, WITHOUT ROWID
            """
        ],
        [
            // Alerts for people, with their dispositions.
            """
            CREATE TABLE alarm (
                id TEXT PRIMARY KEY,
                at INTEGER NOT NULL,
                disposed INTEGER NOT NULL,
                body TEXT NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX alarm_at ON alarm (at)",
            """
            CREATE TABLE incident (
                id TEXT PRIMARY KEY,
                body TEXT NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            // Keyed digests of what agents were observed to use.
            """
            CREATE TABLE sighting (
                digest TEXT NOT NULL UNIQUE
            ) STRICT
            """,
            // The learned baseline of each agent.
            """
            CREATE TABLE baseline (
                agent TEXT PRIMARY KEY,
                learned BLOB NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
        ],
        [
            // The control log; `ControlMove` fills it from the tables before it.
            """
            CREATE TABLE control (
                n INTEGER PRIMARY KEY CHECK (n > 0),
                previous BLOB NOT NULL,
                digest BLOB NOT NULL,
                kind TEXT NOT NULL,
                subject TEXT NOT NULL,
                body TEXT NOT NULL,
                node TEXT NOT NULL,
                at INTEGER NOT NULL
            ) STRICT
            """,
            "CREATE INDEX control_subject ON control (kind, subject)",
            // One entry for each order.
            """
            CREATE UNIQUE INDEX control_order ON control (kind, subject)
            WHERE kind IN ('halt', 'release')
            """,
        ],
        [
            // The number of changes of a request, for writers that compare and set. It counts from here for rows of
            // before.
            "ALTER TABLE approval ADD COLUMN version INTEGER NOT NULL DEFAULT 1"
        ],
        [
            // Keyed digests of the recipients that agents named, for the longest window of a limit.
            """
            CREATE TABLE recipient (
                digest TEXT PRIMARY KEY,
                agent TEXT NOT NULL,
                tool TEXT NOT NULL,
                at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX recipient_at ON recipient (at)",
        ],
        [
            // Sessions of people, by the hash of their token, with the time at which they end.
            """
            CREATE TABLE person_session (
                token TEXT PRIMARY KEY,
                body TEXT NOT NULL,
                ends INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """
        ],
    ]

    /// The work of a step that SQL cannot do, in the transaction of the step, by its place in `steps`.
    private static let moves:
        [Int: @Sendable (Database, ControlStamp) throws(DatabaseError) -> Void] =
            [8: ControlMove.run]

    /// - Throws: an error if a newer version wrote the store, since this version does not know its schema.
    static func apply(
        to database: Database, _ stamp: ControlStamp
    ) throws(DatabaseError) {
        let version = try database.run("PRAGMA user_version").first?.first?.integer ?? 0
        guard version <= steps.count else {
            throw DatabaseError(
                "the store has form \(version), this version knows \(steps.count)", 0)
        }
        for (place, step) in steps.enumerated().dropFirst(Int(version)) {
            try database.transaction { () throws(DatabaseError) in
                for statement in step { try database.run(statement) }
                try moves[place]?(database, stamp)
                try database.run("PRAGMA user_version = \(place + 1)")
            }
        }
    }
}
