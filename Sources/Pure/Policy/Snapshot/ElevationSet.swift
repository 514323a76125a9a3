package import InterlockModel

/// Elevations of the store, compiled under one policy: the cells that they affect, with everything else
/// that the policy states about them. Each decision checks the windows, so a set may hold elevations that
/// are not yet or no longer in force. It is made again when the store or the policy changes.
package final class ElevationSet: Sendable {
    /// The elevations, sorted by agent and id. They are part of a decision's facts.
    package let elevations: [StoreElevation]
    /// The digest of the policy. Under another policy the set grants nothing.
    let policy: Digest
    private let cells: [AgentName: [Int: CompiledCell]]

    init(_ elevations: [StoreElevation], policy: Digest, cells: [AgentName: [Int: CompiledCell]]) {
        self.elevations = elevations
        self.policy = policy
        self.cells = cells
    }

    package func elevations(for agent: AgentName) -> [StoreElevation] {
        elevations.filter { $0.agent == agent }
    }

    /// The proposer of the elevation that a grant at this path belongs to.
    func proposer(ofGrant path: String) -> Person? {
        elevations.first { path.hasPrefix("elevations.\($0.id).") }?.proposer
    }

    func cell(_ tool: Int, of agent: AgentName, under digest: Digest) -> CompiledCell? {
        policy == digest ? cells[agent]?[tool] : nil
    }

    func cells(of agent: AgentName, under digest: Digest) -> [Int: CompiledCell] {
        policy == digest ? cells[agent] ?? [:] : [:]
    }
}

extension PolicySnapshot {
    /// Compiles elevations of the store under this policy. A grant whose guard does not compile grants
    /// nothing, nor does an elevation whose agent no longer exists.
    package func compile(_ elevations: [StoreElevation]) -> ElevationSet {
        let sorted = elevations.sorted { ($0.agent, $0.id) < ($1.agent, $1.id) }
        var cells: [AgentName: [Int: CompiledCell]] = [:]
        let specs = Dictionary(grouping: sorted, by: \.agent)
        for agent in document.agents {
            guard let own = specs[agent.name] else { continue }
            cells[agent.name] = maker.cells(of: agent, under: own)
        }
        return ElevationSet(sorted, policy: digest, cells: cells)
    }
}
