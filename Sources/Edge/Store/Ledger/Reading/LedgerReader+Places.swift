package import InterlockLedger

extension LedgerReader {
    /// The records before the end of the log among which `log.places` is looked for.
    private static let searched: UInt64 = 1 << 18

    /// Returns all records of these types, oldest first, and their places. Reads those of which the log says where they
    /// are, and the end of the log; the whole log if it does not say so, or if what it says does not fit what is there
    /// (records were pruned).
    package func knownPlaces(
        of types: [RecordType]
    ) throws(LedgerFailure) -> (known: KnownPlaces, records: [StoredRecord]) {
        let recorded = try recorded(types)
        var (known, records) = recorded ?? (KnownPlaces(of: types), [])
        try follow(&known, from: recorded == nil ? nil : known.next) { records.append($0) }
        return (known, records)
    }

    /// Continues with the records that were added since.
    package func follow(_ known: inout KnownPlaces) throws(LedgerFailure) {
        try follow(&known, from: known.next) { _ in }
    }

    private func follow(
        _ known: inout KnownPlaces, from start: UInt64?, _ body: (StoredRecord) -> Void
    ) throws(LedgerFailure) {
        var followed = known
        let next = try scan(of: known.types, from: start) { index, record in
            if let type = RecordType(rawValue: record.type) { followed.take(type, at: index) }
            body(record)
            return true
        }
        followed.pass(upTo: next)
        known = followed
    }

    /// Returns the records of which the log says where they are, or nil if it does not.
    private func recorded(
        _ types: [RecordType]
    ) throws(LedgerFailure) -> (KnownPlaces, [StoredRecord])? {
        let size = try size()
        let newest = try newest(of: [.logPlaces], since: size - min(size, Self.searched)) { found in
            found.reversed().lazy.compactMap { entry in
                RecordPlaces(entry.record, at: entry.index).map { (entry.index, $0) }
            }.first { $0.1.types == types }
        }
        guard let (index, places) = newest, let chain = try chain(places) else { return nil }
        var records: [StoredRecord] = []
        for place in chain {
            guard let record = try kept(place.index), record.type == place.type.rawValue else {
                return nil
            }
            records.append(record)
        }
        return (KnownPlaces(continuing: places, at: index), records)
    }

    /// Returns the places of this record and of all before it, in the order of the log.
    private func chain(_ newest: RecordPlaces) throws(LedgerFailure) -> [RecordPlaces.Position]? {
        var parts = [newest.places]
        var earlier = newest.earlier
        while let index = earlier {
            guard let record = try kept(index), let part = RecordPlaces(record, at: index),
                part.types == newest.types
            else { return nil }
            parts.append(part.places)
            earlier = part.earlier
        }
        return parts.reversed().flatMap(\.self)
    }

    /// Returns nil if the record was pruned, or cannot be read.
    private func kept(_ index: UInt64) throws(LedgerFailure) -> StoredRecord? {
        do throws(LedgerFailure) { return try entry(at: index)?.record } catch {
            guard error.code == .missing else { throw error }
            return nil
        }
    }
}
