import InterlockLedger
package import InterlockModel

/// The index of one log in its SQLite file: a cache of the positions of records, never evidence. Used by one thread;
/// another process may read the same file meanwhile.
///
/// INVARIANT: the index is a cache: an edited, old or missing one costs time, never a record. Kept by
/// `test_audit_damage.py`, `LogIndexTests`, `IndexMaintainerTests`.
@safe package final class LogIndex {
    let database: Database
    let tree: TreeHash
    private var words = WordNumbers()
    private var columns = IndexColumns()
    private(set) var parts: IndexParts
    package let origin: String
    /// The indexed range: the first records of the log, with their root.
    private(set) var range: CompactRange
    /// The pruned records before the first row, as passed to `begin`; empty if the index was opened from an existing
    /// file.
    private(set) var base = CompactRange()
    /// True if the index can be searched: it holds all records that the log had when the index was begun.
    package private(set) var isWhole: Bool

    package var size: UInt64 { range.size }
    package var root: Digest { range.root(tree) }

    /// Opens an existing index for reading.
    /// - Throws: an error if it is absent, incomplete, of another version, or inconsistent.
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

    /// Opens the index for writing. Replaces an index of another log or version, or one that was never complete.
    /// - Parameter partRows: the least number of rows in a part.
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

    /// Skips the oldest records, of which only hashes are left.
    /// - Precondition: the index is empty.
    func begin(behind pruned: CompactRange) {
        precondition(range.size == 0, "an index begins once")
        (base, range) = (pruned, pruned)
    }

    /// Adds the records that follow the indexed ones. All are inserted in one transaction, so a page that many rows
    /// share is written once; records are not collected in memory.
    /// - Precondition: the records are durable in the log.
    /// - Parameter source: passes each record to its argument until that returns false. If it throws, the records
    ///   passed before are kept.
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

    /// Returns the earliest time of a readable record, in microseconds since 1970.
    func firstTime() throws(DatabaseError) -> Int64? { try parts.firstTime(in: database) }

    /// Marks a new index as searchable, once it holds the records that were there at first.
    package func complete() throws(IndexFailure) {
        guard !isWhole else { return }
        do throws(DatabaseError) {
            try database.run("PRAGMA user_version = \(IndexSchema.version)")
        } catch {
            throw IndexFailure("the index cannot be completed: \(error.reason)")
        }
        isWhole = true
    }

    /// Removes the files of the index; a process that has them open keeps reading the old content.
    package static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { try? Folder.remove(path + suffix) }
    }

    /// - Returns: nil if the index must be rebuilt.
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

/// The reason an index cannot be used. The index is then removed and rebuilt; the log is not affected.
package struct IndexFailure: Error, Sendable, CustomStringConvertible {
    package let reason: String
    init(_ reason: String) { self.reason = reason }
    package var description: String { reason }
}
