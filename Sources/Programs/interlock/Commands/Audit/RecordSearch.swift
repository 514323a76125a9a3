import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

/// Finds records and proves each. The index, where there is a good one, says where to look; what it does
/// not reach is read from the log.
struct RecordSearch {
    private(set) var log: ProvedLog
    private let index: LogIndex?
    /// Rows of the index without a proof: nothing of them is shown.
    private(set) var unproved = 0

    /// Records of one call or approval that are shown at most.
    static let maximumOfName = 1000

    init(_ source: AuditLog) throws {
        var log = try ProvedLog(source)
        index = try Self.index(&log)
        self.log = log
    }

    /// The newest records that fit, oldest of them first.
    mutating func newest(_ filter: RecordFilter, limit: Int) throws -> [ProvedRecord] {
        if filter == RecordFilter() {
            let wanted = log.size - min(log.size, UInt64(limit))
            return try range(min(max(first(), wanted), log.size)..<log.size)
        }
        var found = try scanned(from: index?.size ?? 0, limit: limit) { record, _, _ in
            filter.matches(record)
        }
        if let index, found.count < limit {
            let hits = try searching { try index.search(filter, limit: limit - found.count) }
            found = try proved(hits.reversed()) { filter.matches($0.record) } + found
        }
        return found
    }

    /// The records of this name, oldest first.
    mutating func named(_ name: RecordName) throws -> [ProvedRecord] {
        if case .index(let place) = name { return try log.record(at: place).map { [$0] } ?? [] }
        var found: [ProvedRecord] = []
        if let index {
            let hits = try searching { try index.find(name, limit: Self.maximumOfName) }
            found = try proved(hits) {
                name.names($0.record, index: $0.index, hash: $0.hash)
            }
        }
        if name.isUnique, !found.isEmpty { return found }
        return found
            + (try scanned(from: index?.size ?? 0, limit: Self.maximumOfName) {
                name.names($0, index: $1, hash: $2)
            })
    }

    /// Every record of the range.
    mutating func range(_ range: Range<UInt64>) throws -> [ProvedRecord] {
        var entries: [LedgerEntry] = []
        guard !range.isEmpty else { return [] }
        try log.log.scan(from: range.lowerBound) { entry in
            guard entry.index < range.upperBound else { return false }
            entries.append(entry)
            return entry.index + 1 < range.upperBound
        }
        return try entries.compactMap { try log.proved($0) }
    }

    private mutating func proved(
        _ hits: [IndexHit], _ fits: (ProvedRecord) -> Bool
    ) throws -> [ProvedRecord] {
        var found: [ProvedRecord] = []
        let first = try first()
        // An index may be older than the last pruning.
        for hit in hits where hit.index >= first {
            guard let record = try log.record(at: hit.index), record.hash == hit.hash, fits(record)
            else {
                unproved += 1
                continue
            }
            found.append(record)
        }
        return found
    }

    private mutating func scanned(
        from start: UInt64, limit: Int, _ fits: (StoredRecord, UInt64, Digest) -> Bool
    ) throws -> [ProvedRecord] {
        let start = start == 0 ? try first() : start
        guard start < log.size else { return [] }
        var kept: [LedgerEntry] = []
        let size = log.size
        try log.log.scan(from: start) { entry in
            guard entry.index < size else { return false }
            if let record = entry.record, fits(record, entry.index, entry.leaf.hash) {
                kept.append(entry)
                if kept.count >= 2 * limit { kept.removeFirst(kept.count - limit) }
            }
            return true
        }
        return try kept.suffix(limit).compactMap { try log.proved($0) }
    }

    private func first() throws -> UInt64 { try reading { try log.log.reader.first() } }

    private func searching<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let failure as IndexFailure {
            throw Failure(
                .data, failure.reason, help: "remove the index; the gateway builds it anew")
        }
    }

    /// The deployment's index, if it is of this log as it is.
    private static func index(_ log: inout ProvedLog) throws -> LogIndex? {
        guard let deployment = log.log.deployment, File.exists(deployment.index) else { return nil }
        do throws(IndexFailure) {
            let index = try LogIndex(reading: deployment.index, hashing: OpenSSLHashing())
            if index.origin == log.checkpoint.origin, index.size <= log.size,
                (try? log.root(at: index.size)) == index.root
            {
                return index
            }
            Output.error("warning: `\(deployment.index)` is not of this log; it is not used")
        } catch {
            Output.error("warning: \(error.reason); it is not used")
        }
        return nil
    }
}
