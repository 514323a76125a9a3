/// The tables that hold the rows of an index, in consecutive parts.
package struct IndexParts {
    /// The first record of each part, oldest first.
    private var firsts: [UInt64]
    private let rows: UInt64
    private var statement = ""

    /// The least number of rows in a part: a search scans that many one by one without noticeable delay.
    package static let smallest: UInt64 = 65_536
    /// A part also holds at least this share of the log, so that the number of parts grows with the logarithm of the
    /// log: SQLite accepts a view of 500 tables, and 3 * 10^9 records make 490 parts.
    private static let share: UInt64 = 64

    /// Creates the first part of a new file. In a pruned log it stays empty.
    init(beginning database: Database, rows: UInt64) throws(DatabaseError) {
        self.rows = rows
        firsts = []
        try begin(at: 0, in: database)
    }

    /// Reads the parts of an existing file.
    init(_ database: Database, rows: UInt64 = smallest) throws(DatabaseError) {
        self.rows = rows
        firsts = try database.run(IndexSchema.parts).compactMap { row in
            row[0].integer.flatMap(UInt64.init(exactly:))
        }
        guard let newest = firsts.last else { throw DatabaseError("it has no rows' table", 0) }
        statement = IndexSchema.insert(intoPart: newest)
    }

    /// Ends the newest part if it is full.
    /// - Precondition: called within a transaction; if that fails, this copy is invalid.
    /// - Returns: the statement that inserts the row of this record.
    mutating func insert(
        at index: UInt64, into database: Database
    ) throws(DatabaseError) -> String {
        let newest = firsts.last ?? 0
        guard index >= newest else { throw DatabaseError("a part begins behind its records", 0) }
        guard index - newest >= max(rows, newest / Self.share) else { return statement }
        for sql in IndexSchema.indices(ofPart: newest) + IndexSchema.tally(ofPart: newest) {
            try database.runOnce(sql)
        }
        try begin(at: index, in: database)
        return statement
    }

    private mutating func begin(at index: UInt64, in database: Database) throws(DatabaseError) {
        firsts.append(index)
        for sql in IndexSchema.begin(firsts) { try database.runOnce(sql) }
        statement = IndexSchema.insert(intoPart: index)
    }

    /// The first record of each part, newest first.
    var newestFirst: [UInt64] { firsts.reversed() }

    /// Returns one more than the index of the last row, or 0 if there are no rows.
    func end(in database: Database) throws(DatabaseError) -> UInt64 {
        for first in firsts.reversed() {
            let part = IndexSchema.name(ofPart: first)
            let last = try database.run("SELECT max(idx) FROM \(part)").first?.first?.integer
            if let last, last >= 0 { return UInt64(last) + 1 }
        }
        return 0
    }

    /// Returns the earliest time of a readable record, in microseconds since 1970.
    func firstTime(in database: Database) throws(DatabaseError) -> Int64? {
        var least: Int64?
        for first in firsts {
            let part = IndexSchema.name(ofPart: first)
            let found = try database.run("SELECT min(ts) FROM \(part) WHERE ts > 0")
            if let time = found.first?.first?.integer { least = min(least ?? time, time) }
        }
        return least
    }
}
