package import InterlockCluster
import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// The facts of one verified log that concern a cluster. The log is read record by record, oldest first.
package struct NodeLog: Sendable {
    /// A reference to an entry of the chain.
    struct Reference: Sendable {
        let index: UInt64
        let type: RecordType?
        let entry: ChainHead
        /// The kind that a `control.entry` states.
        let kind: String?
    }

    /// A policy that the node began to use.
    struct LoadedPolicy: Sendable {
        let index: UInt64
        let policy: Digest
        let entry: Int64
    }

    package let origin: String
    /// The node of the log, by its origin `<domain>/<node>/<epoch>`; nil if that names none.
    package let node: NodeName?
    /// True if no record of the log is missing before the ones that were read.
    private(set) var isWhole = true
    /// The first record that names another node than the origin.
    private(set) var otherNode: UInt64?
    private(set) var references: [Reference] = []
    /// The records with members that have no right form.
    private(set) var malformed: [(index: UInt64, rule: ClusterFinding.Rule, member: String)] = []
    var decisions: [RecordedDecision] = []
    /// The leaf hashes of the intents whose calls were refused before they were sent.
    var denied: Set<Digest> = []
    private(set) var loaded: [LoadedPolicy] = []
    var approvals = RecordedApprovals()
    private(set) var chains: [RunID: RecordedChain] = [:]
    /// The newest entry that the node had applied; nil before its first reference.
    private var applied: Int64?
    private var isFirst = true

    package init(origin: String) {
        self.origin = origin
        let parts = origin.split(separator: "/")
        node = parts.count >= 3 ? NodeName(String(parts[parts.count - 2])) : nil
    }

    /// The origin, as other logs name it.
    var name: ExactText { ExactText(origin) }

    /// Returns true if the node had named no entry before this record.
    func isBeforeCluster(_ index: UInt64) -> Bool {
        references.first.map { index < $0.index } ?? true
    }

    /// Skips a record of a pruned log of which only the hash remains.
    package mutating func skip() {
        isFirst = false
        isWhole = false
    }

    package mutating func add(_ record: StoredRecord, hash: Digest, at index: UInt64) {
        if isFirst {
            isFirst = false
            isWhole = index == 0 && record["from"] == nil
        }
        if otherNode == nil, record.text("node") != node?.text { otherNode = index }
        let type = RecordType(rawValue: record.type)
        let entry = reference(of: record, type, at: index)
        switch type {
        case .callIntent, .callDenied, .approvalUsed: decide(record, hash, entry, at: index)
        case .policyLoaded:
            if let policy = record.digest("pol"), let entry {
                loaded.append(LoadedPolicy(index: index, policy: policy, entry: entry.number))
            }
        default: break
        }
        if !approvals.add(record, hash, entry, at: index) {
            malformed.append((index, .uses, "`appr` or what it names"))
        }
        if let run = record.text("run").flatMap({ RunID($0) }), record["rs"] != nil {
            chains[run, default: RecordedChain()].add(record, hash)
        }
        applied = entry.map { max(applied ?? 0, $0.number) } ?? applied
    }

    private mutating func reference(
        of record: StoredRecord, _ type: RecordType?, at index: UInt64
    ) -> ChainHead? {
        guard let json = record["ctl"] else { return nil }
        guard let number = json["n"]?.integer, number >= 0,
            let digest = json["digest"]?.string.flatMap({ Digest(base64: $0) })
        else {
            malformed.append((index, .references, "`ctl`"))
            return nil
        }
        let entry = ChainHead(number: number, digest: digest)
        references.append(
            Reference(
                index: index, type: type, entry: entry,
                kind: type == .controlEntry ? record.text("kind") : nil))
        return entry
    }

    private mutating func decide(
        _ record: StoredRecord, _ hash: Digest, _ entry: ChainHead?, at index: UInt64
    ) {
        let intent = record.digest("intent")
        if record.type == RecordType.callDenied.rawValue, let intent { denied.insert(intent) }
        guard entry != nil || applied != nil else { return }
        let units = UnitsTaken.all(in: record)
        if units == nil { malformed.append((index, .limits, "`units`")) }
        decisions.append(
            RecordedDecision(
                record, leaf: intent ?? hash, entry: entry, applied: applied, units: units ?? [],
                at: index))
    }
}
