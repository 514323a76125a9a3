import InterlockLedger
package import InterlockModel

/// The index of one log in its SQLite file: a cache of where records stand, never evidence. Used by one
/// thread; another process may read the same file meanwhile.
@safe package final class LogIndex {
    let database: Database
    let tree: TreeHash
    private var words = WordNumbers()
    private var columns = IndexColumns()
    private(set) var parts: IndexParts
    package let origin: String
    /// What is in the index: the first records of the log, and the root over them.
    private(set) var range: CompactRange
    /// The log in front of the first row, as `begin` was told; it was pruned.
    private(set) var base = CompactRange()
    /// Whether it can be searched: the rows that were there at first are all in it.
    package private(set) var isWhole: Bool

    package var size: UInt64 { range.size }
    package var root: Digest { range.root(tree) }

    /// An index that is there.
    /// - Throws: when it is absent, not whole, of another form, or not consistent with itself.
    package init(reading path: String, hashing: any Hashing) throws(IndexFailure) {
        tree = TreeHash(hashing)
        do throws(DatabaseError) {
            database = try Database(path, .existing)
            let version = try database.run("PRAGMA user_version").first?.first?.integer
            guard version == IndexSchema.version else { throw DatabaseError("another form", 0) }
            parts = try IndexParts(database)
            (origin, range) = try Self.indexedTo(database, parts, tree)
        } catch {
            throw IndexFailure("the index `\(path)` cannot be read: \(error.reason)")
        }
        isWhole = true
    }

    /// The index to write: the one that is there, or a new one in place of an index of another log,
    /// of another form, or that was never whole.
    /// - Parameter partRows: rows of a part of a small index.
    package init(
        writing path: String, origin: String, hashing: any Hashing,
        partRows: UInt64 = IndexParts.smallest
    ) throws(IndexFailure) {
        tree = TreeHash(hashing)
        self.origin = origin
        do throws(DatabaseError) {
            if let (database, parts, range) = Self.kept(path, origin, tree, partRows) {
                (self.database, self.parts, self.range, isWhole) = (database, parts, range, true)
                for row in try database.run("SELECT id, text FROM word") {
                    if let id = row[0].integer, let text = row[1].text { words.note(id, of: text) }
                }
                return
            }
            (range, isWhole) = (CompactRange(), false)
            Self.remove(path)
            let database = try Database(path, .cache)
            self.database = database
            parts = try database.transaction { () throws(DatabaseError) in
                for table in IndexSchema.tables { try database.run(table) }
                return try IndexParts(beginning: database, rows: partRows)
            }
        } catch {
            throw IndexFailure("the index `\(path)` cannot be made: \(error.reason)")
        }
    }

    /// Leaves out the oldest records, of which nothing but hashes is left.
    /// - Precondition: nothing is in the index.
    func begin(behind pruned: CompactRange) {
        precondition(range.size == 0, "an index begins once")
        (base, range) = (pruned, pruned)
    }

    /// Adds the records that follow those in it, as `source` hands them over: in one transaction, so that
    /// a page is written once for the many rows that fall into it, and none of them is held meanwhile.
    /// - Precondition: they are durable in the log.
    /// - Parameter source: gives each record to what it is called with, until that returns false. When it
    ///   throws, what it gave before is kept.
    func append(
        from source: ((LedgerEntry) -> Bool) throws(LedgerFailure) -> Void
    ) throws {
        var range = range
        let partsBefore = parts
        var unread: LedgerFailure?
        do throws(DatabaseError) {
            try database.transaction { () throws(DatabaseError) in
                var refused: DatabaseError?
                do throws(LedgerFailure) {
                    try source { entry in
                        do throws(DatabaseError) { try add(entry, to: &range) } catch {
                            refused = error
                        }
                        return refused == nil
                    }
                } catch {
                    unread = error
                }
                if let refused { throw refused }
                try note(range)
            }
        } catch {
            parts = partsBefore
            throw IndexFailure("the index takes no more rows: \(error.reason)")
        }
        self.range = range
        if let unread { throw unread }
    }

    private func add(_ entry: LedgerEntry, to range: inout CompactRange) throws(DatabaseError) {
        precondition(entry.index == range.size, "an index has no holes")
        try columns.take(entry) { text throws(DatabaseError) in
            try words.number(of: text) { word, number throws(DatabaseError) in
                try database.run(
                    "INSERT INTO word (id, text) VALUES (?, ?)", .integer(number), .text(word))
            }
        }
        let statement = try parts.insert(at: entry.index, into: database)
        try database.insert(statement, columns.columns, in: columns.bytes)
        range.append(entry.leaf.hash, tree)
    }

    private func note(_ range: CompactRange) throws(DatabaseError) {
        try database.run(
            """
            INSERT INTO indexed_to (only, origin, size, root, peaks) VALUES (1, ?, ?, ?, ?)
            ON CONFLICT (only) DO UPDATE SET size = excluded.size, root = excluded.root,
                peaks = excluded.peaks
            """,
            .text(origin), .integer(Int64(clamping: range.size)),
            .blob(range.root(tree).bytes), .blob(range.peaks.flatMap(\.bytes)))
    }

    /// The time of the oldest record that can be read.
    func firstTime() throws(DatabaseError) -> Int64? { try parts.firstTime(in: database) }

    /// Makes a new index fit for searching, once the records that were there at first are in it.
    package func complete() throws(IndexFailure) {
        guard !isWhole else { return }
        do throws(DatabaseError) {
            try database.run("PRAGMA user_version = \(IndexSchema.version)")
        } catch {
            throw IndexFailure("the index cannot be completed: \(error.reason)")
        }
        isWhole = true
    }

    /// Takes the index away; whoever has it open keeps reading what was there.
    package static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { try? Folder.remove(path + suffix) }
    }

    /// - Returns: nil for what has to be built anew.
    private static func kept(
        _ path: String, _ origin: String, _ tree: TreeHash, _ partRows: UInt64
    ) -> (Database, IndexParts, CompactRange)? {
        guard Folder.exists(path) else { return nil }
        do throws(DatabaseError) {
            let database = try Database(path, .cache)
            let version = try database.run("PRAGMA user_version").first?.first?.integer
            guard version == IndexSchema.version else { return nil }
            let parts = try IndexParts(database, rows: partRows)
            let (found, range) = try indexedTo(database, parts, tree)
            return found == origin ? (database, parts, range) : nil
        } catch {
            return nil
        }
    }

    private static func indexedTo(
        _ database: Database, _ parts: IndexParts, _ tree: TreeHash
    ) throws(DatabaseError) -> (String, CompactRange) {
        let rows = try database.run("SELECT origin, size, root, peaks FROM indexed_to")
        guard let row = rows.first, let origin = row[0].text,
            let size = row[1].integer.flatMap(UInt64.init(exactly:)), let root = row[2].digest,
            let peaks = row[3].blob, peaks.count % 32 == 0
        else { throw DatabaseError("it does not say how far it is", 0) }
        let hashes = stride(from: 0, to: peaks.count, by: 32).compactMap {
            Digest(bytes: peaks[$0..<$0 + 32])
        }
        guard let range = CompactRange(size: size, peaks: hashes), range.root(tree) == root else {
            throw DatabaseError("its root is not that of its size", 0)
        }
        guard try parts.end(in: database) == size else {
            throw DatabaseError("its rows do not end where it says", 0)
        }
        return (origin, range)
    }
}

/// Why an index cannot be used. It is then dropped and built anew; the log goes on.
package struct IndexFailure: Error, Sendable, CustomStringConvertible {
    package let reason: String
    init(_ reason: String) { self.reason = reason }
    package var description: String { reason }
}
