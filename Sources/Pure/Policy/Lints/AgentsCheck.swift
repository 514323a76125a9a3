import InterlockJSON
import InterlockModel

/// The findings about some agents of a policy, with the data from which they follow. Lists of agents are
/// checked in parallel.
struct AgentsCheck: Sendable {
    /// The cells of each agent, in the order of the agents.
    let cells: [[Cell]]
    /// The guards of all texts that were checked.
    let guards: [ExactText: Guard]
    private(set) var findings = Findings()
    /// The findings about the meaning of guards. Is empty if there are errors, because a guard may then
    /// mean nothing.
    private(set) var meanings = Findings()

    /// The data that is the same for all agents.
    struct Common: Sendable {
        let document: PolicyDocument
        let table: ToolTable
        let compiler: CellCompiler
        let domains: [Int: InputDomain]
        let lock: PolicyLock?
        let engines: PolicyEngines
        let now: Timestamp
    }

    init(_ agents: ArraySlice<AgentSpec>, _ common: Common) {
        cells = agents.map { common.compiler.cells(of: $0) }
        let compiler = GuardCompiler(
            common.engines, lock: common.lock, resources: common.table.templates)
        var guardCheck = GuardCheck(
            document: common.document, table: common.table, guards: compiler)
        for (agent, cells) in zip(agents, cells) {
            let lint = AgentLint(
                document: common.document, table: common.table, agent: agent, cells: cells,
                now: common.now)
            findings.add(contentsOf: lint.run().unsorted)
            guardCheck.check(agent.scopes)
        }
        guards = compiler.guards
        findings.add(contentsOf: compiler.findings)
        guard !findings.hasErrors else { return }
        let lint = GuardLint(
            document: common.document, table: common.table, domains: common.domains)
        for (agent, cells) in zip(agents, cells) { lint.grants(of: agent, cells, &meanings) }
    }
}
