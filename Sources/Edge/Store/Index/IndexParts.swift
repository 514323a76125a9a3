/// The tables that the rows of an index stand in, one behind the other.
package struct IndexParts {
    /// The records that they begin with, oldest first.
    private var firsts: [UInt64]
    private let rows: UInt64
    private var statement = ""

    /// Rows that a search may look at one by one without anybody noticing.
    package static let smallest: UInt64 = 65_536
    /// A part is also a share of what is there, so that their number grows with the logarithm of the log:
    /// SQLite takes a view of 500 tables, and these are 490 at 3 * 10^9 records.
    private static let share: UInt64 = 64

    /// The first part of a new file. In a pruned log it stays empty.
    init(beginning database: Database, rows: UInt64) throws(DatabaseError) {
        self.rows = rows
        firsts = []
        try begin(at: 0, in: database)
    }

    /// As they are in this file.
    init(_ database: Database, rows: UInt64 = smallest) throws(DatabaseError) {
        self.rows = rows
        firsts = try database.run(IndexSchema.parts).compactMap { row in
            row[0].integer.flatMap(UInt64.init(exactly:))
        }
        guard let newest = firsts.last else { throw DatabaseError("it has no rows' table", 0) }
        statement = IndexSchema.insert(intoPart: newest)
    }

    /// Ends the newest part when it is full.
    /// - Precondition: within a transaction; after its end by an error this copy means nothing.
    /// - Returns: the statement that takes the row of this record.
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

    /// What they begin with.
    var newestFirst: [UInt64] { firsts.reversed() }

    /// The index behind the last row; 0 where there is none.
    func end(in database: Database) throws(DatabaseError) -> UInt64 {
        for first in firsts.reversed() {
            let part = IndexSchema.name(ofPart: first)
            let last = try database.run("SELECT max(idx) FROM \(part)").first?.first?.integer
            if let last, last >= 0 { return UInt64(last) + 1 }
        }
        return 0
    }

    /// The least time of a record that can be read.
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
