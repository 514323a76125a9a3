import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A log of a few records, with the interface of a reader of files.
final class MemoryLog: RecordLog, RunLog {
    let records: [VerifiedRecord]
    let filters = Mutex<[RecordFilter]>([])
    let opened = Mutex<[Bool]>([])

    init(_ leaves: [JSONObject]) throws {
        records = try leaves.enumerated().map { index, fields in
            var leaf: JSONObject = ["v": 1, "ts": 1_795_169_731_500_000, "node": "gw1"]
            for (key, value) in fields.members { leaf[key] = value }
            let bytes = try JSONValue.object(leaf).canonical()
            return VerifiedRecord(
                index: UInt64(index), hash: OpenSSLHashing().sha256(bytes),
                record: try StoredRecord(parsing: bytes), bytes: bytes,
                proof: RecordProof(
                    size: UInt64(leaves.count), root: OpenSSLHashing().sha256([])))
        }
    }

    func search(
        _ filter: RecordFilter, before: UInt64?, limit: Int
    ) async throws(EvidenceRefusal) -> RecordFinding {
        filters.withLock { $0.append(filter) }
        let found = records.reversed().filter { filter.matches($0.record) }.prefix(limit)
        return RecordFinding(
            rows: found.map { .proved($0) } + [.unproved(99)], next: nil, fault: nil,
            unsearched: nil)
    }

    func record(
        at index: UInt64, opens: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> RecordEvidence {
        guard index < records.count else { throw .noSuchRecord }
        let record = records[Int(index)]
        let isOpened = opens(record)
        opened.withLock { $0.append(isOpened) }
        return RecordEvidence(
            record: record, proof: TlogProof(index: index, hashes: [], checkpoint: []),
            root: record.hash,
            payloads: isOpened ? [DisplayedPayload(field: "args", answer: .erased)] : nil,
            others: records.filter { $0.index != index })
    }

    func proofs(
        of filter: RecordFilter, sees: @escaping @Sendable (VerifiedRecord) -> Bool
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        filters.withLock { $0.append(filter) }
        let count = records.count { filter.matches($0.record) && sees($0) }
        return EvidenceFileBody(name: "records.tar", bytes: [], count: count)
    }

    func start(of run: RunID) async throws(EvidenceRefusal) -> RunStart {
        let first = records.first { $0.run == run }
        return RunStart(
            first: RecordFinding(
                rows: first.map { [.proved($0)] } ?? [], next: nil, fault: nil, unsearched: nil),
            tally: nil)
    }

    func tally(of runs: [RunID]) async throws(EvidenceRefusal) -> [RunID: RunTally] { [:] }

    func steps(
        of run: RunID, from: Int, limit: Int, opens: Bool
    ) async throws(EvidenceRefusal) -> RunSteps {
        opened.withLock { $0.append(opens) }
        return RunSteps(
            steps: records.filter { $0.run == run }.map {
                RunStep(index: $0.index, hash: $0.hash, record: $0.record, payloads: [])
            }, faults: [], next: nil)
    }

    func replay(_ run: RunID, _ level: ReplayLevel) async throws(EvidenceRefusal) -> ReplayReport {
        .timeline([])
    }

    func bundle(
        of run: RunID, withPolicies: Bool
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        EvidenceFileBody(name: "run.tar", bytes: [withPolicies ? 1 : 0], count: 4)
    }
}
