import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockTrust

/// The sealed parts of a deployment's log and the policies that it kept.
struct LogRunSource: RunSource {
    private let log: AuditLog
    /// The agents that have tasks today. Inputs of other agents' decisions are not opened.
    private let withTasks: Set<AgentName>
    private var policies: ReplayPolicies
    /// The first record of each policy that was in force.
    private var loadings: [Digest: StoredRecord] = [:]
    /// The records that `note` has kept, in the order of the log; one for each policy that was in force.
    private(set) var noted: [StoredRecord] = []
    /// The policies that were compiled last; nil for those that cannot be. Each change is between two that follow each
    /// other, and each compiled policy is large.
    private var compiled: [Digest: PolicySnapshot?] = [:]
    /// The keys of `compiled`, the oldest first.
    private var order: [Digest] = []
    private static let mostCompiled = 8
    /// The results of comparisons of whole policies.
    private var compared: [Pair: FingerprintChange] = [:]

    private struct Pair: Hashable {
        let old: Digest
        let new: Digest
    }

    init(_ log: AuditLog, _ policy: PolicySnapshot) {
        self.log = log
        withTasks = Self.agentsWithTasks(of: policy)
        policies = ReplayPolicies(log)
    }

    static func agentsWithTasks(of policy: PolicySnapshot) -> Set<AgentName> {
        Set(
            policy.agents.keys.filter { agent in
                policy.tasks.values.contains { $0.isOf(agent) }
            })
    }

    /// Takes a record before it is counted.
    mutating func note(_ record: StoredRecord) {
        guard record.type == RecordType.policyLoaded.rawValue, let policy = record.digest("pol"),
            loadings[policy] == nil
        else { return }
        loadings[policy] = record
        noted.append(record)
    }

    mutating func task(of agent: AgentName, in record: StoredRecord) -> RunTaskName? {
        guard withTasks.contains(agent), let input = try? log.payload("in", of: record) else {
            return nil
        }
        return input.json?["facts"]?["task"]?.string.flatMap { RunTaskName($0) }
    }

    mutating func filesChange(
        from old: StoredRecord, to new: StoredRecord
    ) -> FingerprintChange {
        guard let before = files(of: old), let after = files(of: new) else { return .files }
        return before.change(to: after)
    }

    private func files(of start: StoredRecord) -> RunFileLists? {
        guard let fingerprint = start.digest("fp"),
            let setup = (try? log.payload("setup", of: start))?.json
        else { return nil }
        return RunFileLists(setup: setup, fingerprint: fingerprint, hashing: OpenSSLHashing())
    }

    mutating func change(
        of agent: AgentName, from old: Digest, to new: Digest?
    ) -> FingerprintChange {
        guard let new, let before = policy(old), let after = policy(new) else {
            return .policyNotComparable
        }
        let hashing = OpenSSLHashing()
        if let slice = after.sliceDigest(of: agent, hashing: hashing),
            slice == before.sliceDigest(of: agent, hashing: hashing)
        {
            return .policyEqual
        }
        let pair = Pair(old: old, new: new)
        if let known = compared[pair] { return known }
        // The whole policies are compared: rules of the organisation belong to no agent.
        let found: FingerprintChange
        switch PolicyComparison.compare(before, after, at: SystemClock().now.wall).worst {
        case nil: found = .policyEqual
        case .narrows: found = .policyNarrowed
        case .widens: found = .policyWidened
        case .notComparable: found = .policyNotComparable
        }
        compared[pair] = found
        return found
    }

    /// A policy of the log, compiled as of its loading; nil if it was not kept or its record was erased.
    private mutating func policy(_ digest: Digest) -> PolicySnapshot? {
        if let known = compiled[digest] { return known }
        let made = remade(digest)
        if order.count == Self.mostCompiled { compiled.removeValue(forKey: order.removeFirst()) }
        order.append(digest)
        compiled.updateValue(made, forKey: digest)
        return made
    }

    private mutating func remade(_ digest: Digest) -> PolicySnapshot? {
        guard let record = loadings[digest], let at = record.time,
            let load = (try? log.payload("load", of: record))?.json,
            let bundle = load["bundle"]?.string.flatMap({ Digest(prefixed: $0) })
        else { return nil }
        let basis = PolicyBasis(
            bundle: bundle, compiled: at, zones: load["tzdata"]?.string ?? "")
        return try? policies.policy(digest, basis).get()
    }
}
