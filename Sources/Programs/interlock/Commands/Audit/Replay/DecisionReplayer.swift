import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockStore

/// Takes the records of a log in their order and makes the decisions in them again.
struct DecisionReplayer {
    /// Payloads that hold a decision's input, and whether the leaf itself speaks of that decision.
    private static let inputs = [("in", true), ("again", false), ("release", false)]

    private let log: AuditLog
    private let other: PolicySnapshot?
    private var policies: ReplayPolicies
    /// Intents, whose arguments later decisions about the same call rest on; open ones alone.
    private var intents: [Digest: StoredRecord] = [:]
    /// Which build decided in a run.
    private var builds: [String: Digest] = [:]
    private let thisBuild: Digest?
    private var approvals = ApprovalChecker()

    init(_ log: AuditLog, other: PolicySnapshot?) {
        self.other = other
        self.log = log
        policies = ReplayPolicies(log)
        thisBuild = try? Build.digest()
    }

    /// Takes a record that is not replayed, but says who could approve.
    mutating func follow(_ entry: LedgerEntry, _ record: StoredRecord) {
        try? approvals.add(record, hash: entry.leaf.hash, at: entry.index)
    }

    /// - Returns: one verdict for each decision that the record holds, and one if it breaks the rules of approvals.
    mutating func replay(_ entry: LedgerEntry, _ record: StoredRecord) throws -> [DecisionAgain] {
        note(entry, record)
        return try unapproved(entry, record) + again(entry, record)
    }

    /// Compares the approvals with the decision that needed them (docs/auditing.md, section 11).
    private mutating func unapproved(
        _ entry: LedgerEntry, _ record: StoredRecord
    ) -> [DecisionAgain] {
        do throws(ApprovalFault) {
            try approvals.add(record, hash: entry.leaf.hash, at: entry.index)
            return []
        } catch {
            let difference = DecisionReplay.Difference(
                field: "approval", recorded: record.type, again: error.description)
            return [
                DecisionAgain(
                    index: entry.index, type: record.type,
                    call: record.text("use") ?? record.text("call") ?? "", field: "approval",
                    summary: nil, otherBuild: nil, result: .differs([difference]))
            ]
        }
    }

    private mutating func again(
        _ entry: LedgerEntry, _ record: StoredRecord
    ) throws -> [DecisionAgain] {
        try Self.inputs.compactMap { field, isInLeaf -> DecisionAgain? in
            guard record[field] != nil else { return nil }
            let summary = isInLeaf ? DecisionSummary(leaf: record.object) : nil
            let build = record.text("run").flatMap { builds[$0] }
            return DecisionAgain(
                index: entry.index, type: record.type,
                call: record.text("use") ?? record.text("call") ?? "", field: field,
                summary: summary, otherBuild: build == thisBuild ? nil : build,
                result: try result(field, of: record, summary))
        }
    }

    /// Takes a record whose decision a later one may rest on.
    mutating func note(_ entry: LedgerEntry, _ record: StoredRecord) {
        switch record.type {
        case RecordType.runStart.rawValue, RecordType.runAttach.rawValue:
            if let run = record.text("run") { builds[run] = record.digest("ver") }
        case RecordType.callIntent.rawValue: intents[entry.leaf.hash] = record
        case RecordType.callOutcome.rawValue, RecordType.callUnknown.rawValue:
            if let intent = record.digest("intent") { intents[intent] = nil }
        default: break
        }
    }

    private mutating func result(
        _ field: String, of record: StoredRecord, _ summary: DecisionSummary?
    ) throws -> DecisionAgain.Comparison {
        let recorded: RecordedDecision
        let arguments: JSONValue
        switch try input(field, of: record) {
        case .opened(let decision, let sent): (recorded, arguments) = (decision, sent)
        case .unusable(let why): return why
        }
        if let other {
            guard let summary else { return .equal }
            return verdict(
                DecisionReplay.changes(
                    of: recorded, leaf: summary, arguments: arguments, under: other))
        }
        guard record.digest("pol") == recorded.policy else {
            return .gone("its input is of another policy than its leaf")
        }
        switch policies.policy(recorded.policy, recorded.basis) {
        case .failure(let gone): return .gone(gone.reason)
        case .success(let policy):
            return verdict(
                DecisionReplay.differences(
                    of: recorded, leaf: summary, risk: summary == nil ? nil : record.text("risk"),
                    arguments: arguments, under: policy))
        }
    }

    /// The input of a decision with the arguments of its call.
    enum Input {
        case opened(RecordedDecision, JSONValue)
        case unusable(DecisionAgain.Comparison)
    }

    /// - Parameter field: the payload that holds the input of the decision.
    func input(_ field: String, of record: StoredRecord) throws -> Input {
        let holder = record.digest("intent").flatMap { intents[$0] } ?? record
        let input: [UInt8]
        let sent: [UInt8]
        switch (
            try log.payload(field, of: record).answer, try log.payload("args", of: holder).answer
        ) {
        case (.opened(let bytes), .opened(let arguments)): (input, sent) = (bytes, arguments)
        case (.erased, _), (_, .erased): return .unusable(.erased("its input was erased"))
        case (.missing(let what), _), (_, .missing(let what)):
            return .unusable(.gone("\(what)"))
        case (.bad(let fault), _), (_, .bad(let fault)): return .unusable(.gone("\(fault)"))
        }
        let recorded: RecordedDecision
        do throws(FormError) { recorded = try RecordedDecision(parsing: input) } catch {
            return .unusable(.gone("its input cannot be read: \(error)"))
        }
        let contradictions = DecisionReplay.contradictions(of: record.object, with: recorded)
        guard contradictions.isEmpty else { return .unusable(.differs(contradictions)) }
        guard let arguments = try? JSONValue(parsing: sent, limits: .upstream) else {
            return .unusable(.gone("its arguments are no JSON"))
        }
        return .opened(recorded, arguments)
    }

    /// The policy that made a recorded decision, or nil if it was not kept.
    mutating func policy(of recorded: RecordedDecision) -> PolicySnapshot? {
        try? policies.policy(recorded.policy, recorded.basis).get()
    }

    private func verdict(_ differences: [DecisionReplay.Difference]) -> DecisionAgain.Comparison {
        differences.isEmpty ? .equal : .differs(differences)
    }
}
