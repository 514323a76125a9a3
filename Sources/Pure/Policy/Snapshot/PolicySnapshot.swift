package import InterlockModel
import Synchronization

/// A policy compiled for deciding: immutable, held by reference for one decision from start to end,
/// replaced whole (specs of the policy, 6.1). All rules were matched when it was made.
package final class PolicySnapshot: Sendable {
    /// Identity of what was compiled (6.2).
    package let digest: Digest
    /// The digest as leaves hold it.
    package let digestText: String
    /// What else the same decisions need: with it they can be made again.
    package let basis: PolicyBasis
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
    /// Why the lock that lies there binds nothing; then no server is offered.
    package let lockProblem: LockProblem?
    /// What people are shown of calls; not part of the digest, their files are signed off by themselves.
    package let templates: TemplateSet
    let table: ToolTable
    let controls: Controls
    /// By kind: the forbids that match its tools, unguarded ones first, then by id.
    let forbids: [[AgentRule]]
    /// By tool.
    let sites: [CallSite]
    let document: PolicyDocument
    let maker: DecisionMaker
    private let madeRoster = Mutex<AgentRoster?>(nil)

    /// - Parameters:
    ///   - now: dates in lints and waivers are judged at it.
    ///   - lock: its digest is part of the policy's, and guards are typed by it.
    ///   - bundle: of the files that it is compiled from; nil where nobody keeps them.
    /// - Throws: when a guard is not sound (E301 to E315), when a lint error says that the policy is
    ///   never loaded (L116, L117), when it does not fit its lock (E408), or when it cannot be written in
    ///   its digested form.
    package init(
        compiling document: PolicyDocument, lock: LockUse = .ignored,
        with engines: PolicyEngines, at now: Timestamp, hashing: any Hashing, bundle: Digest? = nil,
        templates: TemplateSet = .none
    ) throws(PolicyRefusal) {
        let check = PolicyCheck(document, lock: lock, with: engines, at: now)
        let refused = check.findings.filter {
            $0.code.grade == .error || $0.code.consequence == .refuse
        }
        guard refused.isEmpty else { throw PolicyRefusal(findings: refused) }
        guard let digest = document.digest(hashing, lock: lock.lock?.digest) else {
            throw PolicyRefusal(findings: [])
        }
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
        var servers: [ServerName: ServerEntry] = [:]
        for server in document.servers { servers[server.name] = ServerEntry(server) }
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
    }

    /// Made when somebody first asks: no decision needs it.
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

/// Why a policy without errors is not loaded all the same.
package struct PolicyRefusal: Error, Equatable {
    package let findings: [Finding]
    package init(findings: [Finding]) { self.findings = findings }
}
