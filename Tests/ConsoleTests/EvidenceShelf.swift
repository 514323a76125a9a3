import InterlockConsoleWorld
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Synchronization

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence

/// Records and runs in memory, behind the console's ports: stores each query, and refuses if a refusal is set.
final class EvidenceShelf: RecordQueries, RunQueries {
    struct State {
        var rows: [RecordFinding.Row] = []
        var fault: String?
        var unsearched: Range<UInt64>?
        var payloads: [DisplayedPayload]? = []
        var steps: [RunStep] = []
        var stepFaults: [String] = []
        var reads = true
        var report = ReplayReport.decisions(DecisionsReport([]))
        var refusal: EvidenceRefusal?
        var asked: [RecordQuery] = []
        var askedRuns: [RunQuery] = []
        var followed: [RecordQuery] = []
    }
    let state = Mutex(State())

    /// Sources that show every record to any person, with the role `security`.
    var sources: ConsoleSources {
        ConsoleSources(
            visibility: { Visibility(person: $0, roles: [.security], own: []) }, records: self,
            runs: self)
    }

    private func asking(_ note: (inout State) -> Void = { _ in }) throws(EvidenceRefusal) -> State {
        let (state, refusal) = state.withLock { state in
            note(&state)
            return (state, state.refusal)
        }
        if let refusal { throw refusal }
        return state
    }

    func search(
        _ query: RecordQuery, before: UInt64?, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordFinding {
        let state = try asking { $0.asked.append(query) }
        let rows = state.rows.filter { row in before.map { row.index < $0 } ?? true }
        return RecordFinding(
            rows: Array(rows.prefix(limit)), next: rows.count > limit ? rows[limit - 1].index : nil,
            fault: state.fault, unsearched: state.unsearched)
    }

    func follow(
        _ query: RecordQuery, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordFinding {
        state.withLock { $0.followed.append(query) }
        return try await search(query, before: nil, limit: limit, for: reader)
    }

    func newer(
        than index: UInt64?, _ query: RecordQuery, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> Int {
        let state = try asking()
        guard state.followed.last == query else { throw .noSuchRecord }
        return state.rows.count { row in index.map { row.index > $0 } ?? true }
    }

    func record(
        at index: UInt64, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RecordEvidence {
        let state = try asking()
        let records = state.rows.compactMap { row in
            if case .proved(let record) = row { record } else { nil }
        }
        guard let record = records.first(where: { $0.index == index }) else { throw .noSuchRecord }
        return RecordEvidence(
            record: record,
            proof: TlogProof(index: index, hashes: [record.hash], checkpoint: Array("note".utf8)),
            root: record.hash, payloads: state.payloads,
            others: records.filter { $0.index != index }, fault: state.fault,
            unsearched: state.unsearched)
    }

    func proof(
        of index: UInt64, _ part: ProofPart, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        _ = try asking()
        return EvidenceFileBody(
            name: part == .proof ? "record-\(index).tlog-proof" : "record-\(index).json",
            bytes: Array("<script>\(part)".utf8), count: 1)
    }

    func proofs(
        of query: RecordQuery, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        _ = try asking { $0.asked.append(query) }
        return EvidenceFileBody(name: "records.tar", bytes: [1, 2], count: 2)
    }

    func runs(
        _ query: RunQuery, before: String?, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RunListing {
        let state = try asking { $0.askedRuns.append(query) }
        return RunListing(
            runs: [Self.line, Self.halted], unproved: [77], next: query.isOpen ? nil : "40",
            fault: state.fault)
    }

    func story(
        of run: RunID, from: Int, limit: Int, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> RunDetail {
        let state = try asking()
        guard run == Self.run else { throw .noSuchRun }
        let steps = Array(state.steps.dropFirst(from).prefix(limit))
        return RunDetail(
            line: Self.line,
            steps: RunSteps(
                steps: steps, faults: state.stepFaults,
                next: from + limit < state.steps.count ? from + limit : nil),
            reads: state.reads)
    }

    func replay(
        _ run: RunID, _ level: ReplayLevel, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> ReplayReport {
        let state = try asking()
        return level == .timeline ? .timeline(state.steps) : state.report
    }

    func bundle(
        of run: RunID, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> EvidenceFileBody {
        _ = try asking()
        return EvidenceFileBody(name: "run-\(run.text).tar", bytes: [1, 2, 3], count: 3)
    }
}

extension EvidenceShelf {
    static let run = RunID(
        milliseconds: 1_795_000_000_000, random: [UInt8](repeating: 9, count: 10))

    static let line = RunSummary(
        run: run, agent: AgentName("refunds").unwrapped, owner: Person("li@acme.example"),
        purpose: Hostile.texts[0], subject: Pseudonym(text: "QLXTbNQ1YTnI03wFjLK7rw=="),
        since: Timestamp(microseconds: run.milliseconds * 1000),
        tally: RunTally(calls: 7, denials: 2), inFlight: 1, state: .open)

    static let halted = RunSummary(
        run: RunID(milliseconds: 5, random: [UInt8](repeating: 8, count: 10)),
        agent: AgentName("triage").unwrapped, owner: nil, purpose: nil, subject: nil,
        since: Timestamp(microseconds: 5000), tally: nil, inFlight: 0,
        state: .halted(OrderID(milliseconds: 1, random: [UInt8](repeating: 7, count: 10))))

    /// A record as the log returns it.
    static func record(
        _ index: UInt64, _ type: RecordType = .callDenied, _ fields: JSONObject = [:],
        witnesses: CheckpointWitnesses = cosigned
    ) throws -> VerifiedRecord {
        var leaf: JSONObject = [
            "v": 1, "t": .string(type.rawValue), "ts": 1_795_169_731_500_000, "node": "gw1",
            "agent": "refunds", "run": .string(run.text),
        ]
        for (key, value) in fields.members { leaf[key] = value }
        let bytes = try JSONValue.object(leaf).canonical()
        return VerifiedRecord(
            index: index, hash: OpenSSLHashing().sha256(bytes),
            record: try StoredRecord(parsing: bytes), bytes: bytes,
            proof: proof(witnesses))
    }

    /// Two witnesses that make up a quorum.
    static let cosigned = CheckpointWitnesses(
        names: ["north", "south"], quorum: .reached("both"),
        newest: Timestamp(microseconds: 1_795_169_730_000_000))

    static func proof(_ witnesses: CheckpointWitnesses = cosigned) -> RecordProof {
        RecordProof(size: 1000, root: OpenSSLHashing().sha256([1]), witnesses: witnesses)
    }

    static func step(
        _ index: UInt64, _ type: RecordType, _ fields: JSONObject = [:],
        _ payloads: [DisplayedPayload] = [], proof: RecordProof? = proof()
    ) throws -> RunStep {
        let record = try record(index, type, fields)
        return RunStep(
            index: index, hash: record.hash, record: record.record, payloads: payloads,
            proof: proof)
    }
}
