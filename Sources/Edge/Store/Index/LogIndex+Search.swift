package import InterlockLedger
package import InterlockModel

/// The position of a record according to the index. Only the record itself, read and proved, is evidence of its
/// content.
package struct IndexHit: Hashable, Sendable {
    package let index: UInt64
    package let hash: Digest

    package init(index: UInt64, hash: Digest) {
        self.index = index
        self.hash = hash
    }

    /// - Parameter row: the columns `idx` and `hash`.
    init?(_ row: [Database.Value]) {
        guard let index = row[0].integer.flatMap(UInt64.init(exactly:)), let hash = row[1].digest
        else { return nil }
        self.init(index: index, hash: hash)
    }
}

extension LogIndex {
    /// Returns the newest matching records, newest first. Searches part by part, so that older parts are not read once
    /// enough is found.
    ///
    /// - Parameter end: only records before this one are returned.
    package func search(
        _ filter: RecordFilter, before end: UInt64 = UInt64(Int64.max), limit: Int
    ) throws(IndexFailure) -> [IndexHit] {
        try searching { () throws(DatabaseError) in
            guard let (conditions, values) = try conditions(filter) else { return [] }
            let end = min(end, size)
            let clause = (["idx < ?"] + conditions).joined(separator: " AND ")
            var found: [IndexHit] = []
            for part in parts.newestFirst where part < end && found.count < limit {
                found += try hits(
                    in: IndexSchema.name(ofPart: part), "WHERE \(clause) ORDER BY idx DESC LIMIT ?",
                    [.integer(Int64(clamping: end))] + values
                        + [.integer(Int64(limit - found.count))])
            }
            return found
        }
    }

    /// Returns the records with this name, oldest first, at most `limit`. Rows that were added after this index was
    /// opened do not count: who reads on at `size` sees each record once.
    package func find(_ name: RecordName, limit: Int) throws(IndexFailure) -> [IndexHit] {
        try named(name, limit).filter { $0.index < size }
    }

    /// - Throws: a failure of the database as one of the index.
    func searching<Value>(
        _ body: () throws(DatabaseError) -> Value
    ) throws(IndexFailure) -> Value {
        do throws(DatabaseError) { return try body() } catch {
            throw IndexFailure("the index cannot be searched: \(error.reason)")
        }
    }

    private func named(_ name: RecordName, _ limit: Int) throws(IndexFailure) -> [IndexHit] {
        try searching { () throws(DatabaseError) in
            switch name {
            case .index(let index):
                guard let number = Int64(exactly: index) else { return [] }
                return try hits("WHERE idx = ?", [.integer(number)])
            case .hash(let hash): return try withHead("hash", hash.bytes, limit)
            case .call(let id): return try withHead("call", IndexRow.packed(id), limit)
            case .approval(let id): return try ofApproval(IndexRow.packed(id), limit)
            case .id(let id):
                let packed = IndexRow.packed(id)
                let found = try withHead("call", packed, limit) + ofApproval(packed, limit)
                return Set(found).sorted { $0.index < $1.index }
            }
        }
    }

    /// Returns the records that refer to the intent with this leaf hash, such as its use or its outcome; at most 16.
    package func following(intent: Digest) throws(IndexFailure) -> [IndexHit] {
        try searching { () throws(DatabaseError) in
            return try withHead("intent", intent.bytes, 16).filter { $0.index < size }
        }
    }

    private func ofApproval(_ id: [UInt8], _ limit: Int) throws(DatabaseError) -> [IndexHit] {
        try hits("WHERE appr = ? ORDER BY idx LIMIT ?", [.blob(id), .integer(Int64(limit))])
    }

    private func withHead(
        _ column: String, _ bytes: [UInt8], _ limit: Int
    ) throws(DatabaseError) -> [IndexHit] {
        try hits(
            "WHERE substr(\(column), 1, 8) = ? AND \(column) = ? ORDER BY idx LIMIT ?",
            [.blob(Array(bytes.prefix(8))), .blob(bytes), .integer(Int64(limit))])
    }

    private func hits(
        in table: String = "entry", _ rest: String, _ values: [Database.Value]
    ) throws(DatabaseError) -> [IndexHit] {
        try database.run("SELECT idx, hash FROM \(table) \(rest)", values)
            .compactMap(IndexHit.init)
    }

    /// - Returns: nil if a word of the filter occurs in no record.
    private func conditions(
        _ filter: RecordFilter
    ) throws(DatabaseError) -> ([String], [Database.Value])? {
        var conditions: [String] = []
        var values: [Database.Value] = []
        func add(_ condition: String, _ value: Database.Value) {
            conditions.append(condition)
            values.append(value)
        }
        let words = [
            ("type", filter.type), ("tool", filter.tool), ("dec", filter.decision),
            ("rule", filter.rule),
        ]
        for (column, text) in words {
            guard let text else { continue }
            guard let number = try number(known: text) else { return nil }
            add("\(column) = ?", .integer(number))
        }
        var hidden: [Int64] = []
        for type in filter.hidden.sorted() {
            if let number = try number(known: type) { hidden.append(number) }
        }
        if !hidden.isEmpty {
            conditions.append("type NOT IN (\(hidden.map(String.init).joined(separator: ",")))")
        }
        if let agents = filter.agents {
            var numbers: [Int64] = []
            for agent in agents.sorted() {
                if let number = try number(known: agent) { numbers.append(number) }
            }
            guard !numbers.isEmpty else { return nil }
            conditions.append("agent IN (\(numbers.map(String.init).joined(separator: ",")))")
        }
        if let run = filter.run { add("run = ?", .blob(IndexRow.packed(run))) }
        if let subject = filter.subject { add("subj = ?", .blob(IndexRow.unwrapped(subject.text))) }
        if let since = filter.since { add("ts >= ?", .integer(since.microseconds)) }
        if let until = filter.until { add("ts < ?", .integer(until.microseconds)) }
        return (conditions, values)
    }

    func number(known text: String) throws(DatabaseError) -> Int64? {
        try database.run("SELECT id FROM word WHERE text = ?", .text(text)).first?.first?.integer
    }
}
