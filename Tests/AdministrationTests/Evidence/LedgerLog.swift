import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench

/// The drafts of a ledger in memory, with the interface of a reader of files.
struct LedgerLog: RecordLog {
    let ledger: MemoryLedger
    /// The arguments of every call, or nil if they are erased.
    var arguments: JSONValue?
    var fault: EvidenceRefusal?
    /// The number of reads, also of those that failed.
    let reads = Reads()

    final class Reads: Sendable {
        private let number = Atomic(0)
        var count: Int { number.load(ordering: .relaxed) }
        func add() { number.add(1, ordering: .relaxed) }
    }

    private var records: [VerifiedRecord] {
        ledger.drafts.enumerated().compactMap { place, draft in
            var leaf = draft.fields
            leaf["v"] = 1
            leaf["t"] = .string(draft.type.rawValue)
            leaf["ts"] = 1_795_169_731_500_000
            leaf["node"] = "gw1"
            if let run = draft.run {
                leaf["run"] = .string(run.run.text)
                leaf["agent"] = .string(run.agent.text)
            }
            guard let bytes = try? JSONValue.object(leaf).canonical(),
                let record = try? StoredRecord(parsing: bytes)
            else { return nil }
            return VerifiedRecord(
                index: UInt64(place), hash: MemoryLedger.hash(ofRecord: place), record: record,
                bytes: bytes,
                proof: RecordProof(size: 1000, root: MemoryLedger.hash(ofRecord: 0)))
        }
    }

    func search(
        _ filter: RecordFilter, before: UInt64?, limit: Int
    ) async throws(EvidenceRefusal) -> RecordFinding {
        reads.add()
        if let fault { throw fault }
        let found = records.reversed().filter { record in
            before.map { record.index < $0 } ?? true && filter.matches(record.record)
        }
        let page = found.prefix(limit)
        return RecordFinding(
            rows: page.map { .proved($0) }, next: found.count > limit ? page.last?.index : nil,
            fault: nil, unsearched: nil)
    }

    func record(
        at index: UInt64, opens: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> RecordEvidence {
        reads.add()
        if let fault { throw fault }
        let records = records
        guard let record = records.first(where: { $0.index == index }) else { throw .noSuchRecord }
        let answer: PayloadResponse =
            arguments.map { .opened($0.serialized()) } ?? .erased
        let call = record.record.text("call")
        return RecordEvidence(
            record: record, proof: TlogProof(index: index, hashes: [], checkpoint: []),
            root: record.hash,
            payloads: opens(record) ? [DisplayedPayload(field: "args", answer: answer)] : nil,
            others: records.filter {
                $0.index != index && call != nil && $0.record.text("call") == call
            })
    }

    func proofs(
        of filter: RecordFilter, sees: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> EvidenceFileBody { throw .noSuchRecord }
}
