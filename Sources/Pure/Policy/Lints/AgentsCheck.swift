import InterlockJSON
import InterlockModel

/// What there is to say about some agents of a policy, and what it was seen from; lists of agents are
/// judged side by side.
struct AgentsCheck: Sendable {
    /// Of each agent, in the order of the agents.
    let cells: [[Cell]]
    /// The guards of all texts that were looked at.
    let guards: [ExactText: Guard]
    private(set) var findings = Findings()
    /// What the meaning of guards says; nothing, when one of the policy's guards means nothing.
    private(set) var meanings = Findings()

    /// What is the same for all agents.
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
            lint.run(&findings)
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
