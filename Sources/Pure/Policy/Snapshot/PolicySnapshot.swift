package import InterlockModel
import Synchronization

/// A policy compiled for decisions. It is immutable, held by reference for one decision from start to end,
/// and replaced as a whole (docs/specs/policy.md, section 6.1). All rules are matched when it is made.
package final class PolicySnapshot: Sendable {
    /// The identity of the compiled policy (docs/specs/policy.md, section 6.2).
    package let digest: Digest
    /// The digest as leaves contain it.
    package let digestText: String
    /// The basis that, with the digest, suffices to make the same decisions again.
    package let basis: PolicyBasis
    package let org: String
    package let revision: String?
    package let agents: [AgentName: AgentEntry]
    /// The agents by the user of their hooks.
    package let hookUsers: HookUsers
    /// The servers that the gateway reaches; without `host`, whose tools are in `table` alone.
    package let servers: [ServerName: ServerEntry]
    package let groups: [String: ApprovalGroup]
    package let tasks: [RunTaskName: TaskSpec]
    /// The people, or nil if the policy has no such list.
    package let people: Set<Person>?
    /// The people who answer for the policy.
    package let owners: [Person]
    /// The interval of drills, or nil if the policy states no interval.
    package let drillEvery: Duration?
    package let lastDrill: CivilDate?
    /// Lints and warnings as of the time of compiling.
    package let findings: [Finding]
    /// The reviewed tools that belong to this revision, or nil if there is no lock.
    package let lock: PolicyLock?
    /// The reason why the lock is not valid, in which case no server is offered; otherwise nil.
    package let lockProblem: LockProblem?
    /// The templates by which people are shown calls. They are not part of the digest; their files are
    /// signed off separately.
    package let templates: TemplateSet
    package let table: ToolTable
    let controls: Controls
    /// The forbids that match the tools of each kind, by number of the kind: unguarded first, then by id.
    let forbids: [[AgentRule]]
    /// The facts about each tool, by its number.
    let sites: [CallSite]
    package let document: PolicyDocument
    package let maker: DecisionMaker
    private let madeRoster = Mutex<AgentRoster?>(nil)
    private let written: Mutex<CanonicalPolicy?>

    /// - Parameters:
    ///   - now: the time as of which dates in lints and waivers are evaluated.
    ///   - lock: its digest is part of the policy's, and it types guards.
    ///   - bundle: the digest of the files that the policy is compiled from, or nil if they are not stored.
    /// - Throws: if a guard is invalid (E301 to E315), if the policy is never loaded because of a lint
    ///   error (L116, L117), if it does not fit its lock (E408), or if it cannot be written in its digested
    ///   form.
    package convenience init(
        compiling document: PolicyDocument, lock: LockUse = .ignored,
        with engines: PolicyEngines, at now: Timestamp, hashing: any Hashing, bundle: Digest? = nil,
        templates: TemplateSet = .none
    ) throws(PolicyRefusal) {
        let check = PolicyCheck(document, lock: lock, with: engines, at: now)
        let refused = check.findings.filter {
            $0.code.grade == .error || $0.code.consequence == .refuse
        }
        guard refused.isEmpty else { throw PolicyRefusal(findings: refused) }
        guard let canonical = CanonicalPolicy(document) else { throw PolicyRefusal(findings: []) }
        self.init(
            document, check, digest: canonical.digest(hashing, lock: lock.lock?.digest),
            canonical: canonical, lock: lock, with: engines, at: now, bundle: bundle,
            templates: templates)
    }

    /// The same policy with everything that depends on the date as of `now`, for some of its agents; the
    /// others are left out, because each is checked for itself.
    package func asOf(_ now: Timestamp, only agents: Set<AgentName>) -> PolicySnapshot {
        var part = document
        part.agents.removeAll { !agents.contains($0.name) }
        let use = lock.map { LockUse.read($0) } ?? .ignored
        let engines = maker.engines
        return PolicySnapshot(
            part, PolicyCheck(part, lock: use, with: engines, at: now), digest: digest,
            canonical: nil, lock: use, with: engines, at: now, bundle: basis.bundle,
            templates: templates)
    }

    private init(
        _ document: PolicyDocument, _ check: PolicyCheck, digest: Digest,
        canonical: CanonicalPolicy?, lock: LockUse, with engines: PolicyEngines, at now: Timestamp,
        bundle: Digest?,
        templates: TemplateSet
    ) {
        written = Mutex(canonical)
        self.lock = lock.lock
        self.templates = templates
        lockProblem = lock.problem
        self.digest = digest
        digestText = digest.base64
        basis = PolicyBasis(bundle: bundle, compiled: now, zones: engines.zones.version)
        org = document.org ?? "default"
        revision = document.revision
        owners = document.owners.map(\.value).sorted()
        people = document.people
        drillEvery = document.drillEvery
        lastDrill = document.killSwitch?.value.lastDrill
        findings = check.findings
        table = check.table
        controls = document.controls
        let groups = document.groups.mapValues(ApprovalGroup.init)
        self.groups = groups
        tasks = Dictionary(
            document.tasks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var servers: [ServerName: ServerEntry] = [:]
        // The tools of hosts are decided on, but no server is reached for them.
        for server in document.servers where server.name != HostServer.name {
            servers[server.name] = ServerEntry(server)
        }
        self.servers = servers
        sites = check.table.rows.map(CallSite.init)
        let guards = GuardCompiler(engines, lock: lock.lock, given: check.guards)
        forbids = check.table.kinds.map { kind in kind.forbids.map { AgentRule($0, guards) } }
        let maker = DecisionMaker(
            document: document, table: check.table, compiler: check.compiler, engines: engines,
            lock: lock.lock, now: now, groups: groups)
        self.maker = maker
        self.document = document
        let holds = holds(check.findings)
        let entries = engines.workers.map(
            runsOf: document.agents.count, least: PolicyCheck.leastAgents
        ) { run in
            let guards = GuardCompiler(engines, lock: lock.lock, given: check.guards)
            return run.map { number in
                let agent = document.agents[number]
                return maker.entry(
                    agent, cells: check.cells[number], holds: (holds[agent.name] ?? []).sorted(),
                    guards)
            }
        }
        var agents: [AgentName: AgentEntry] = [:]
        agents.reserveCapacity(document.agents.count)
        for entry in entries.joined() { agents[entry.name] = entry }
        self.agents = agents
        hookUsers = HookUsers(document)
    }

    /// The canonical form, or nil once it was taken.
    package var canonical: CanonicalPolicy? { written.withLock { $0 } }

    /// Returns the canonical form and keeps it no longer: a snapshot in force has no use for its megabytes.
    package func takeCanonical() -> CanonicalPolicy? {
        let taken = written.withLock { written in
            defer { written = nil }
            return written
        }
        return taken ?? CanonicalPolicy(document)
    }

    /// The agents for pages, made on first use because no decision needs it.
    package var roster: AgentRoster {
        madeRoster.withLock { made in
            if let made { return made }
            let roster = AgentRoster(agents.values)
            made = roster
            return roster
        }
    }
}

/// The codes of lint errors that hold each agent.
private func holds(_ findings: [Finding]) -> [AgentName: Set<String>] {
    var holds: [AgentName: Set<String>] = [:]
    for finding in findings where finding.code.consequence == .hold {
        if let subject = finding.subject {
            holds[subject, default: []].insert(finding.code.rawValue)
        }
    }
    return holds
}

/// The findings that prevent a policy without errors in its files from being loaded.
package struct PolicyRefusal: Error, Equatable {
    package let findings: [Finding]
    package init(findings: [Finding]) { self.findings = findings }
}

/// The agents of a policy, in the forms in which people look for them.
package struct AgentRoster: Sendable {
    /// All agents, sorted by name.
    package let all: [AgentEntry]
    private let owned: [Person: Set<AgentName>]

    init(_ agents: some Collection<AgentEntry>) {
        all = agents.sorted { $0.name < $1.name }
        var owned: [Person: Set<AgentName>] = [:]
        for agent in all {
            if let owner = agent.owner { owned[owner, default: []].insert(agent.name) }
        }
        self.owned = owned
    }

    /// The agents that this person owns.
    package func agents(of owner: Person) -> Set<AgentName> { owned[owner] ?? [] }

    /// The owners of some of the agents, each with the number of those that they own.
    package func owners(of isCounted: (AgentName) -> Bool) -> [(owner: Person, agents: Int)] {
        owned.compactMap { owner, agents in
            let count = agents.count(where: isCounted)
            return count > 0 ? (owner, count) : nil
        }
    }
}
