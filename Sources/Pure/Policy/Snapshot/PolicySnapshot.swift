import InterlockJSON
package import InterlockModel

/// A policy compiled for deciding: immutable, held by reference for one decision from start to end,
/// replaced whole (specs of the policy, 6.1). All rules were matched when it was made.
package final class PolicySnapshot: Sendable {
    /// Identity of what was compiled (6.2), the lock included.
    package let digest: Digest
    /// The digest as leaves hold it.
    package let digestText: String
    package let org: String
    package let revision: String?
    package let agents: [AgentName: AgentEntry]
    package let servers: [ServerName: ServerEntry]
    package let groups: [String: ApprovalGroup]
    /// nil when the policy names no list.
    package let people: Set<Person>?
    /// The people who answer for the policy.
    package let owners: [Person]
    /// nil when nobody states one.
    package let drillEvery: Duration?
    package let lastDrill: CivilDate?
    /// Lints and warnings as of the time of compiling.
    package let findings: [Finding]
    /// The reviewed tools that belong to this revision; nil: there is no lock.
    package let lock: PolicyLock?
    let table: ToolTable

    /// - Parameter now: dates in lints and waivers are judged at it.
    /// - Throws: when a lint error says that the policy is never loaded (L116, L117), when it does not
    ///   fit its lock (E408), or when it cannot be written in its digested form.
    package init(
        compiling document: PolicyDocument, lock: LockUse = .ignored, at now: Timestamp,
        hashing: any Hashing
    ) throws(PolicyRefusal) {
        let check = PolicyCheck(document, lock: lock, at: now)
        let refused = check.findings.filter {
            $0.code.grade == .error || $0.code.consequence == .refuse
        }
        guard refused.isEmpty else { throw PolicyRefusal(findings: refused) }
        self.lock = lock.lock
        guard let digest = document.digest(hashing, lock: lock.lock?.digest) else {
            throw PolicyRefusal(findings: [])
        }
        self.digest = digest
        digestText = digest.base64
        org = document.org ?? "default"
        revision = document.revision
        owners = document.owners.map(\.value).sorted()
        people = document.people
        drillEvery = document.drillEvery
        lastDrill = document.killSwitch?.value.lastDrill
        findings = check.findings
        table = check.table
        groups = document.groups.mapValues(ApprovalGroup.init)
        var servers: [ServerName: ServerEntry] = [:]
        for server in document.servers { servers[server.name] = ServerEntry(server) }
        self.servers = servers
        var holds: [AgentName: Set<String>] = [:]
        for finding in check.findings where finding.code.consequence == .hold {
            if let subject = finding.subject {
                holds[subject, default: []].insert(finding.code.rawValue)
            }
        }
        let maker = DecisionMaker(
            document: document, table: check.table, compiler: check.compiler, now: now)
        var agents: [AgentName: AgentEntry] = [:]
        for agent in document.agents {
            agents[agent.name] = maker.entry(
                agent, cells: check.cells[agent.name] ?? [],
                holds: (holds[agent.name] ?? []).sorted())
        }
        self.agents = agents
    }

    /// What the agent sees in tools/list, sorted (4.3).
    ///
    /// - Parameter stage: the trust record's; the file's own stage caps it.
    package func visibleTools(for agent: AgentName, stage: Stage) -> [ToolAddress] {
        guard let entry = agents[agent] else { return [] }
        let row = entry.row(at: entry.effectiveStage(stage))
        return entry.cells.compactMap { cell in
            cell.isVisible[row] ? table.rows[cell.tool].address : nil
        }
    }
}

/// Why a policy without errors is not loaded all the same.
package struct PolicyRefusal: Error, Equatable {
    package let findings: [Finding]
}

extension PolicyDocument {
    /// SHA-256 of the canonical form (6.2).
    ///
    /// - Parameter lock: the digest of the lock; nil when there is none.
    /// - Returns: nil when a string of the policy has no canonical form.
    package func digest(_ hashing: any Hashing, lock: Digest? = nil) -> Digest? {
        let tree: JSONValue = [
            "interlock": 1, "lock": lock.map { .string($0.prefixed) } ?? .null,
            "policy": canonical,
        ]
        guard let bytes = try? tree.canonical() else { return nil }
        return hashing.sha256(bytes)
    }

    /// Merged, typed, defaults filled in, sets sorted.
    var canonical: JSONValue { canonicalTree(root, .record(PolicySchema.policy)) }
}
