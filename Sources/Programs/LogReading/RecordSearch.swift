import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
package import InterlockLedger
package import InterlockModel
package import InterlockStore

/// Finds records and proves each one. A valid index locates the records it covers; later ones are found by reading the
/// log.
package struct RecordSearch {
    package private(set) var log: ProvedLog
    package let index: LogIndex?
    /// The reason an existing index is not used.
    package let indexFault: String?
    private let bounds: Bounds
    /// Indices of damaged records and of index rows without a proof, which are not output.
    package private(set) var unproved: [UInt64] = []
    /// The records outside the index that were not searched because they exceed the bounds.
    package private(set) var unsearched: Range<UInt64>?
    /// The index before which the search stopped.
    package private(set) var stopped: UInt64?

    /// The limit of records found for one call or approval.
    package static let maximumOfName = 1000

    /// The bounds on the work of a search.
    package struct Bounds {
        /// The limit of records outside the index that are read one by one.
        package let scanned: UInt64
        /// The limit of index rows whose records are read.
        package let looked: Int
        /// If true, a damaged record is counted as unproved instead of ending the search.
        package let passesDamage: Bool

        package init(
            scanned: UInt64 = .max, looked: Int = .max, passesDamage: Bool = false
        ) {
            (self.scanned, self.looked, self.passesDamage) = (scanned, looked, passesDamage)
        }
    }

    package init(_ source: AuditLog, _ bounds: Bounds = Bounds()) throws {
        var log = try ProvedLog(source)
        self.bounds = bounds
        switch try Self.index(&log) {
        case .success(let found): (index, indexFault) = (found, nil)
        case .failure(let fault): (index, indexFault) = (nil, fault.reason)
        case nil: (index, indexFault) = (nil, nil)
        }
        self.log = log
    }

    /// Opens a search for a command: warns on standard error if the index cannot be used.
    package static func telling(_ source: AuditLog) throws -> RecordSearch {
        let search = try RecordSearch(source)
        if let fault = search.indexFault { Output.error("warning: \(fault); it is not used") }
        return search
    }

    /// The newest records that match, oldest first.
    ///
    /// - Parameter end: only records before this index are searched.
    package mutating func newest(
        _ filter: RecordFilter, before end: UInt64 = .max, limit: Int
    ) throws -> [ProvedRecord] {
        let end = min(end, log.size)
        if filter == RecordFilter() {
            let wanted = end - min(end, UInt64(limit))
            return try range(min(max(first(), wanted), end)..<end)
        }
        let found = try scanned(from: index?.size ?? 0, before: end, limit: limit) { record, _, _ in
            filter.matches(record)
        }
        return try indexed(filter, before: end, limit: limit - found.count) + found
    }

    /// The records with this name, oldest first.
    package mutating func named(_ name: RecordName) throws -> [ProvedRecord] {
        if case .index(let place) = name { return try log.record(at: place).map { [$0] } ?? [] }
        var found: [ProvedRecord] = []
        if let index {
            let hits = try searching { try index.find(name, limit: Self.maximumOfName) }
            found = try proved(hits) { name.names($0.record, index: $0.index, hash: $0.hash) }
        }
        if name.isUnique, !found.isEmpty { return found }
        return found
            + (try scanned(from: index?.size ?? 0, before: log.size, limit: Self.maximumOfName) {
                name.names($0, index: $1, hash: $2)
            })
    }

    /// Every record of the range.
    package mutating func range(_ range: Range<UInt64>) throws -> [ProvedRecord] {
        var entries: [LedgerEntry] = []
        guard !range.isEmpty else { return [] }
        try log.log.scan(from: range.lowerBound) { entry in
            guard entry.index < range.upperBound else { return false }
            entries.append(entry)
            return entry.index + 1 < range.upperBound
        }
        return try entries.compactMap { try proved($0) }
    }

    /// The matches in the index. It does not contain codes and words, so with one in the filter records are read until
    /// there are enough.
    private mutating func indexed(
        _ filter: RecordFilter, before end: UInt64, limit: Int
    ) throws -> [ProvedRecord] {
        guard let index else { return [] }
        let indexed = filter.indexed
        var end = min(end, index.size)
        var found: [ProvedRecord] = []
        var looked = 0
        while found.count < limit {
            let wanted = filter.isIndexed ? limit : max(limit, Self.chunk)
            let hits = try searching { try index.search(filter, before: end, limit: wanted) }
            found =
                try proved(hits.reversed()) { indexed.matches($0.record) }
                .filter { filter.matches($0.record) } + found
            guard !filter.isIndexed, hits.count == wanted, let last = hits.last else { break }
            end = last.index
            looked += hits.count
            guard looked < bounds.looked else {
                stopped = end
                break
            }
        }
        return found.suffix(limit)
    }

    private static let chunk = 256

    /// The sequence numbers of the run's records in the index, and the proved records of the run that the index does
    /// not cover.
    package mutating func span(
        of run: RunID, limit: Int
    ) throws -> (indexed: Range<Int64>, behind: [ProvedRecord]) {
        let behind = try scanned(from: index?.size ?? 0, before: log.size, limit: limit) {
            record, _, _ in record.text("run") == run.text
        }
        return (try searching { try index?.span(of: run) } ?? 0..<0, behind)
    }

    /// The positions of a run's records with these sequence numbers, according to the index.
    package func hits(of run: RunID, in places: Range<Int64>) throws -> [IndexHit] {
        try searching { try index?.records(of: run, in: places) } ?? []
    }

    package mutating func proved(
        _ hits: [IndexHit], _ fits: (ProvedRecord) -> Bool
    ) throws -> [ProvedRecord] {
        var found: [ProvedRecord] = []
        let first = try first()
        // The index may be older than the last pruning.
        for hit in hits where hit.index >= first {
            guard let record = try passingDamage(at: hit.index, { try $0.record(at: hit.index) })
            else { continue }
            guard let record, record.hash == hit.hash, fits(record) else {
                unproved.append(hit.index)
                continue
            }
            found.append(record)
        }
        return found
    }

    private mutating func scanned(
        from start: UInt64, before end: UInt64, limit: Int,
        _ fits: (StoredRecord, UInt64, Digest) -> Bool
    ) throws -> [ProvedRecord] {
        var start = start == 0 ? try first() : start
        if start < end, end - start > bounds.scanned {
            unsearched = start..<end - bounds.scanned
            start = end - bounds.scanned
        }
        guard start < end else { return [] }
        var kept: [LedgerEntry] = []
        try log.log.scan(from: start) { entry in
            guard entry.index < end else { return false }
            // A damaged record may match or not: a page shows it as not proved.
            if entry.record.map({ fits($0, entry.index, entry.leaf.hash) }) ?? bounds.passesDamage {
                kept.append(entry)
                if kept.count >= 2 * limit { kept.removeFirst(kept.count - limit) }
            }
            return true
        }
        return try kept.suffix(limit).compactMap { try proved($0) }
    }

    private mutating func proved(_ entry: LedgerEntry) throws -> ProvedRecord? {
        try passingDamage(at: entry.index) { try $0.proved(entry) } ?? nil
    }

    /// - Returns: nil if the record is damaged; its index is then in `unproved`.
    private mutating func passingDamage(
        at index: UInt64, _ body: (inout ProvedLog) throws -> ProvedRecord?
    ) throws -> ProvedRecord?? {
        do { return .some(try body(&log)) } catch let failure as Failure
            where bounds.passesDamage && failure.exit == .data
        {
            unproved.append(index)
            return nil
        }
    }

    package func first() throws -> UInt64 { try reading { try log.log.reader.first() } }

    private func searching<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let failure as IndexFailure {
            throw Failure(
                .data, failure.reason, help: "remove the index; the gateway builds it anew")
        }
    }

    private struct IndexFault: Error { let reason: String }

    /// The deployment's index if it matches the log, a fault if it does not, or nil if the file does not exist.
    private static func index(_ log: inout ProvedLog) throws -> Result<LogIndex, IndexFault>? {
        guard let deployment = log.log.deployment, File.exists(deployment.index) else { return nil }
        do throws(IndexFailure) {
            let index = try LogIndex(reading: deployment.index, hashing: OpenSSLHashing())
            if index.origin == log.checkpoint.origin, index.size <= log.size,
                (try? log.root(at: index.size)) == index.root
            {
                return .success(index)
            }
            return .failure(IndexFault(reason: "`\(deployment.index)` is not of this log"))
        } catch {
            return .failure(IndexFault(reason: error.reason))
        }
    }
}
