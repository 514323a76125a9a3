import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

extension NodeEvidence: RecordLog {
    func search(
        _ filter: RecordFilter, before: UInt64?, limit: Int
    ) async throws(EvidenceRefusal) -> RecordFinding {
        try await page { log in
            var search = try RecordSearch(log, Self.pageBounds)
            let found = try search.newest(filter, before: before ?? .max, limit: limit + 1)
            return RecordFinding(found, search, limit: limit)
        }
    }

    func record(
        at index: UInt64, opens: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> RecordEvidence {
        try await page { log in
            var search = try RecordSearch(log, Self.pageBounds)
            var proved = search.log
            guard let found = try proved.record(at: index),
                let evidence = try proved.evidence(of: found)
            else { throw EvidenceRefusal.noSuchRecord }
            let seen = VerifiedRecord(found)
            let others = try found.record.text("call").map { try search.named(.call($0)) } ?? []
            return RecordEvidence(
                record: seen, proof: evidence.proof, root: evidence.checkpoint.root,
                payloads: opens(seen) ? try log.payloads(of: found.record) : nil,
                others: others.filter { $0.index != index }.map(VerifiedRecord.init),
                fault: search.indexFault, unsearched: search.unsearched)
        }
    }

    func proofs(
        of filter: RecordFilter, sees: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        try await file { log in
            var search = try RecordSearch(log, Self.fileBounds)
            let found = try search.newest(filter, limit: ProofArchive.mostRecords + 1)
            try search.requireAll()
            guard found.count <= ProofArchive.mostRecords else {
                throw EvidenceRefusal.tooLarge(
                    "more than \(ProofArchive.mostRecords) records were found; narrow the search")
            }
            return try ProofArchive(found.filter { sees(VerifiedRecord($0)) }, in: search.log).file
        }
    }
}

extension RecordSearch {
    /// - Throws: a refusal if not everything could be searched, or a record that was found has no proof.
    func requireAll() throws(EvidenceRefusal) {
        if unsearched != nil {
            throw .unreadable(
                "the index is \(indexFault ?? "behind"): not all records can be found now")
        }
        if stopped != nil {
            throw .tooLarge("too many records to search; narrow the search")
        }
        if let place = unproved.first {
            throw .unreadable("record \(place) of the index has no proof")
        }
    }
}

extension RecordFinding {
    /// - Parameter found: the records, oldest first; one more than `limit` if there are more.
    init(_ found: [ProvedRecord], _ search: RecordSearch, limit: Int) {
        let rows =
            found.map { Row.proved(VerifiedRecord($0)) } + search.unproved.map { Row.unproved($0) }
        let sorted = rows.sorted { $0.index > $1.index }
        self.init(
            rows: Array(sorted.prefix(limit)),
            next: sorted.count > limit ? sorted[limit - 1].index : search.stopped,
            fault: search.indexFault, unsearched: search.unsearched)
    }
}

extension VerifiedRecord {
    init(_ proved: ProvedRecord) {
        self.init(
            index: proved.index, hash: proved.hash, record: proved.record,
            bytes: Array(proved.entry.leaf.bytes), proof: proved.proof)
    }
}
