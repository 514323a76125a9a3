package import InterlockJSON
package import InterlockModel

/// An elevation that people approved at run time, as decisions use it: a fact, like the halts
/// (docs/specs/policy.md, sections 4.1 and 4.3). It adds grants and lifts nothing.
package struct StoreElevation: Sendable, Hashable {
    /// The id in the store. It fits the grammar of rule ids, so that records can name it as a rule.
    package let id: String
    package let agent: AgentName
    /// `grant` in the canonical form of the policy: server -> sorted list of `{class or tool, when?, sandboxed?}`.
    package let grants: JSONValue
    /// The elevation is in force in [`from`, `until`).
    package let from: Timestamp
    package let until: Timestamp
    /// The requester, whose votes never count on its calls (docs/specs/approvals.md, section 6).
    package let proposer: Person?

    package init(
        id: String, agent: AgentName, grants: JSONValue, from: Timestamp, until: Timestamp,
        proposer: Person? = nil
    ) {
        self.id = id
        self.agent = agent
        self.grants = grants
        self.from = from
        self.until = until
        self.proposer = proposer
    }

    package func isLive(at now: Timestamp) -> Bool { from <= now && now < until }

    /// The form in which facts of a decision are recorded, which suffices to decide again.
    package var json: JSONValue {
        [
            "id": .string(id), "agent": .string(agent.text), "grant": grants,
            "from": .string(from.rfc3339()), "until": .string(until.rfc3339()),
            "proposer": proposer.map { .string($0.address) } ?? .null,
        ]
    }

    /// The location that findings about it state, because it is in no file.
    var place: PolicyLocation { PolicyLocation(file: "elevation " + id, line: 1, column: 1) }

    /// The grants in the form of an agent's scopes, which compile the same way. Anything that is not in the
    /// canonical form grants nothing.
    var scopes: [ScopeSpec] {
        (grants.object?.members ?? []).map { server, list in
            let path = "elevations.\(id).grant.\(server)"
            let grants = (list.array ?? []).enumerated().compactMap { index, entry in
                GrantSpec(canonical: entry, place: place, path: "\(path)[\(index)]")
            }
            return ScopeSpec(server: server, place: place, path: path, grants: grants)
        }
    }
}

extension GrantSpec {
    /// Returns nil unless the entry is `{class or tool, when?, sandboxed?}` alone: a condition that is not understood
    /// must not become a grant without it.
    fileprivate convenience init?(canonical entry: JSONValue, place: PolicyLocation, path: String) {
        guard let object = entry.object else { return nil }
        let known = ["class", "tool", "when", "sandboxed"]
        guard object.members.allSatisfy({ known.contains($0.key) }) else { return nil }
        let selector: Selector
        switch (object["class"]?.string.flatMap(ToolClass.init), object["tool"]?.string) {
        case (let toolClass?, nil) where object["tool"] == nil: selector = .toolClass(toolClass)
        case (nil, let tool?) where object["class"] == nil: selector = .tool(tool)
        default: return nil
        }
        let (when, flag) = (object["when"], object["sandboxed"])
        guard when == nil || when?.string != nil, flag == nil || flag?.bool != nil else {
            return nil
        }
        self.init(
            selector: selector,
            when: (when?.string).map { GuardText(source: $0, style: .literal, place: place) },
            sandboxedOnly: flag?.bool ?? false, place: place, path: path)
    }
}

extension ElevationOrder {
    /// Types a grant as a person writes it (`deploy: [rollback]`), like `grant` in a policy file.
    ///
    /// - Parameter file: the file name that findings state.
    /// - Returns: the canonical form, or nil if there are findings.
    package static func grants(
        _ root: YAMLNode, file: String
    ) -> (canonical: JSONValue?, findings: [Finding]) {
        guard let shape = PolicySchema.elevation.field("grant")?.shape else { return (nil, []) }
        var typing = Typing(file: file)
        let value = typing.type(root, as: shape, path: "grant", label: "grant")
        let findings = typing.findings.all
        return (findings.isEmpty ? value.flatMap { canonicalTree($0, shape) } : nil, findings)
    }
}

/// Elevations of the store, compiled under one policy: the cells that they affect, with everything else that the policy
/// states about them. Each decision checks the windows, so a set may hold elevations that are not in force. It is made
/// again when the store or the policy changes.
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
    /// Compiles elevations of the store under this policy. A grant whose guard does not compile grants nothing, nor does
    /// an elevation whose agent no longer exists.
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
