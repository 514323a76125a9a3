import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import Synchronization

/// A log in memory whose records have at most one payload each.
final class PayloadLog: RecordLog {
    private struct Entry {
        let leaf: JSONObject
        let payload: DisplayedPayload?
    }
    private let entries = Mutex<[Entry]>([])
    /// The records that were read with their payloads.
    let opened = Mutex<[UInt64]>([])
    let fault = Mutex<String?>(nil)

    static let time = Timestamp(microseconds: 1_795_169_731_500_000)
    private static let hashing = OpenSSLHashing()

    /// Appends a record with these members and with version, time and node.
    func add(_ members: JSONObject, at time: Timestamp = time, payload: DisplayedPayload? = nil) {
        let shared: JSONObject = ["v": 1, "ts": .integer(time.microseconds), "node": "gw1"]
        let leaf = JSONObject(distinct: shared.members + members.members)
        entries.withLock { $0.append(Entry(leaf: leaf, payload: payload)) }
    }

    private func records() -> [VerifiedRecord] {
        entries.withLock { $0 }.enumerated().compactMap { place, entry in
            guard let bytes = try? JSONValue.object(entry.leaf).canonical(),
                let record = try? StoredRecord(parsing: bytes)
            else { return nil }
            return VerifiedRecord(
                index: UInt64(place), hash: Self.hashing.sha256(bytes), record: record,
                bytes: bytes, proof: RecordProof(size: 1000, root: Self.hashing.sha256([])))
        }
    }

    func search(
        _ filter: RecordFilter, before: UInt64?, limit: Int
    ) async throws(EvidenceRefusal) -> RecordFinding {
        let found = records().reversed().filter { record in
            before.map { record.index < $0 } ?? true && filter.matches(record.record)
        }
        let page = found.prefix(limit)
        return RecordFinding(
            rows: page.map { .proved($0) },
            next: found.count > limit ? page.last?.index : nil,
            fault: fault.withLock { $0 }, unsearched: nil)
    }

    func record(
        at index: UInt64, opens: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> RecordEvidence {
        opened.withLock { $0.append(index) }
        let record = records()[Int(index)]
        let payload = entries.withLock { $0[Int(index)].payload }
        return RecordEvidence(
            record: record, proof: TlogProof(index: index, hashes: [], checkpoint: []),
            root: record.hash, payloads: payload.map { [$0] } ?? [], others: [])
    }

    func proofs(
        of filter: RecordFilter, sees: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> EvidenceFileBody { throw .noSuchRecord }
}
