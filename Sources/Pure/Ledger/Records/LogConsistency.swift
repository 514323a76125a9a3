import InterlockJSON
import InterlockModel

/// Follows a log record by record and detects what is well-formed in each record and cannot be in one log
/// (docs/auditing.md, section 6): a second genesis, another node, a run of two agents, a call under a policy that was
/// not in force, a field of another kind.
package struct LogConsistency: Sendable {
    private var node: ExactText?
    private var agents: [ExactText: ExactText] = [:]
    private var policies: Set<Digest> = []
    /// True if no record before can be absent: the log begins here and continues no other.
    private var isWhole = true
    private var isFirst = true

    package init() {}

    /// Skips a record of a pruned log of which only the hash remains.
    package mutating func skip() {
        isFirst = false
        isWhole = false
    }

    /// - Throws: the fault of this record. The following records can still be added.
    package mutating func add(
        _ record: StoredRecord, at index: UInt64
    ) throws(ConsistencyFault) {
        if isFirst {
            isFirst = false
            isWhole = index == 0 && record["from"] == nil
        }
        guard index == 0 || record.type != RecordType.logGenesis.rawValue else {
            throw .secondGenesis
        }
        for (name, value) in record.object.members {
            if let kind = Self.kinds[ExactText(name)], !kind.holds(value) { throw .otherKind(name) }
        }
        let node = record.exact("node")
        defer { self.node = self.node ?? node }
        guard self.node == nil || self.node == node else { throw .otherNode }
        try follow(record)
        switch RecordType(rawValue: record.type) {
        case .policyLoaded: record.digest("pol").map { _ = policies.insert($0) }
        case .callIntent:
            guard isWhole, !policies.isEmpty, let policy = record.digest("pol") else { return }
            guard policies.contains(policy) else { throw .unknownPolicy }
        default: break
        }
    }

    /// Compares the agent with that of the run's earlier records.
    private mutating func follow(_ record: StoredRecord) throws(ConsistencyFault) {
        guard record["rs"] != nil, let run = record.exact("run") else { return }
        defer { if record.type == RecordType.runEnd.rawValue { agents[run] = nil } }
        guard let agent = record.exact("agent") else { return }
        guard agents[run, default: agent] == agent else { throw .otherAgent }
        agents[run] = agent
    }

    /// The fields that have values of one kind in the schemas of all records, and those that the ledger adds. An absent
    /// field is no fault, because earlier versions wrote fewer.
    static let kinds: [ExactText: RecordField.Kind] = {
        var kinds: [ExactText: RecordField.Kind] = ["agent": .name, "run": .id]
        var several: Set<ExactText> = []
        for field in RecordType.allCases.flatMap({ RecordSchema.of($0).fields }) {
            let (name, kind) = (ExactText(field.name), field.kind.general)
            if let known = kinds[name], known.text != kind.text { several.insert(name) }
            kinds[name] = kind
        }
        return kinds.filter { !several.contains($0.key) }
    }()
}

extension RecordField.Kind {
    /// The kind that holds of the same values in every type: one of some words is a name, and times and durations are
    /// counts.
    fileprivate var general: RecordField.Kind {
        switch self {
        case .oneOf: .name
        case .time, .microseconds: .count
        default: self
        }
    }
}

/// The fault of a record that does not fit the log around it.
package enum ConsistencyFault: Error, Equatable, Sendable, CustomStringConvertible {
    case secondGenesis
    case otherNode
    case otherAgent
    case unknownPolicy
    case otherKind(String)

    package var description: String {
        switch self {
        case .secondGenesis: "a log begins once"
        case .otherNode: "it is of another node than the records before"
        case .otherAgent: "it is of another agent than the records of its run"
        case .unknownPolicy: "it names a policy that was not in force"
        case .otherKind(let name): "`\(name)` has a value of another kind"
        }
    }
}
