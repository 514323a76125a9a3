package import InterlockLedger
package import InterlockModel

/// Finds records of a few types by their bytes. That costs a hundredth of parsing them, and nothing is hashed: a quote
/// within a string is escaped, so a match is a member's name with its value.
struct RecordTypeSearch {
    private let types: Set<RecordType>
    private let members: [[UInt8]]

    init(_ types: [RecordType]) {
        self.types = Set(types)
        members = types.map(Self.member)
    }

    /// The member of a record that states its type.
    static func member(of type: RecordType) -> [UInt8] {
        Array("\"t\":\"\(type.rawValue)\"".utf8)
    }

    /// - Returns: nil if the bytes are a record of another type, or no canonical record.
    func record(_ bytes: ArraySlice<UInt8>) -> StoredRecord? {
        guard members.contains(where: bytes.holds), let record = try? StoredRecord(parsing: bytes),
            RecordType(rawValue: record.type).map(types.contains) == true
        else { return nil }
        return record
    }
}

extension LedgerReader {
    /// Calls `body` with the index of each record of these types from `start` on, oldest first, until it returns false.
    ///
    /// - Parameter start: by default the oldest record that was not pruned.
    /// - Returns: the index after the last record that was searched.
    /// - Throws: `.missing` if there is no log, or if the record `start` was pruned.
    @discardableResult
    package func scan(
        of types: [RecordType], from start: UInt64? = nil,
        _ body: (UInt64, StoredRecord) -> Bool
    ) throws(LedgerFailure) -> UInt64 {
        let search = RecordTypeSearch(types)
        var next = if let start { start } else { try first() }
        try forEachRecord(from: next) { index, bytes in
            next = index + 1
            return search.record(bytes).map { body(index, $0) } ?? true
        }
        return next
    }

    /// Returns the index of the first of the newest `count` records, or of the first record that may be as recent as `time`
    /// if that is before it.
    ///
    /// - Parameter time: nil for the newest records alone.
    /// - Throws: `.missing` if there is no log.
    package func start(
        ofNewest count: UInt64, since time: Timestamp?
    ) throws(LedgerFailure) -> UInt64 {
        let (oldest, size) = (try first(), try size())
        let newest = max(oldest, size - min(size, count))
        guard let time else { return newest }
        return min(newest, try first(since: time))
    }

    /// Looks for something in the newest records of these types, in more and more of the log until it is found.
    ///
    /// - Parameters:
    ///   - oldest: the index of the first record that is searched.
    ///   - find: receives the records so far, in the order of the log.
    /// - Returns: nil if it was not found.
    package func newest<Found>(
        of types: [RecordType], since oldest: UInt64,
        _ find: ([(index: UInt64, record: StoredRecord)]) -> Found?
    ) throws(LedgerFailure) -> Found? {
        let search = RecordTypeSearch(types)
        var found: [(index: UInt64, record: StoredRecord)] = []
        var end = try size()
        var width: UInt64 = 4_096
        while end > oldest {
            let start = end - min(width, end - oldest)
            var window: [(index: UInt64, record: StoredRecord)] = []
            try forEachRecord(from: start) { index, bytes in
                guard index < end else { return false }
                if let record = search.record(bytes) { window.append((index, record)) }
                return true
            }
            if !window.isEmpty {
                found = window + found
                if let result = find(found) { return result }
            }
            end = start
            width *= 8
        }
        return nil
    }
}
