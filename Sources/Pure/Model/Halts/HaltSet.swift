/// The halts in force, as a value; `HaltRegistry` holds the set that calls are checked against.
///
/// Only halts extend it, and only releases reduce it. Applying orders twice, late or in another sequence gives the same
/// set, because released ids are remembered for ever.
package struct HaltSet: Sendable, Equatable {
    /// The halts in force, by id.
    package private(set) var active: [OrderID: HaltOrder] = [:]
    package private(set) var released: Set<OrderID> = []
    /// The same halts indexed by target, so that the cost of a look-up does not grow with their number. Each scope has
    /// its own index, because a look-up in an empty one costs almost nothing.
    private var org = HaltsByTarget<Bool>()
    private var owners = HaltsByTarget<Pseudonym>()
    private var agents = HaltsByTarget<AgentName>()
    private var servers = HaltsByTarget<ServerName>()
    private var tools = HaltsByTarget<ToolAddress>()
    private var runs = HaltsByTarget<RunID>()
    private var drill = HaltsByTarget<Bool>()

    package init() {}

    package var isEmpty: Bool { active.isEmpty }

    package static func == (a: HaltSet, b: HaltSet) -> Bool {
        a.active == b.active && a.released == b.released
    }

    /// Returns the halt that stops a call, or nil if no halt does. If several halts match, the halt of the earliest
    /// check wins: `org`, canaries, owner, agent, run, server, tool.
    ///
    /// - Parameters:
    ///   - agent: the agent, or nil if it could not be determined; then every halt but those of canaries matches.
    ///   - owner: the owner of the agent, or nil if it could not be determined; then every halt matches.
    ///   - server: the server, or nil if the call is not yet resolved; the caller must repeat the check once it is.
    ///   - tool: the tool, or nil under the same condition.
    ///   - run: the run, or nil if the call belongs to no run.
    package func match(
        agent: AgentName?, owner: Pseudonym?, server: ServerName?, tool: ToolAddress?, run: RunID?
    ) -> HaltOrder? {
        if active.isEmpty { return nil }
        if let halt = org[true] { return halt }
        if let halt = drill[true], agent?.isCanary == true { return halt }
        guard let agent, let owner else {
            return active.values.filter { $0.target != .drill }.min { $0.id.text < $1.id.text }
        }
        if let halt = owners[owner] ?? agents[agent] { return halt }
        if let run, let halt = runs[run] { return halt }
        if let server = server ?? tool?.server, let halt = servers[server] { return halt }
        if let tool, let halt = tools[tool] { return halt }
        return nil
    }

    /// Returns true if no request may be sent to the server, for any caller.
    package func stops(_ server: ServerName) -> Bool {
        (org[true] ?? servers[server]) != nil || server.isOfCanaries && drill[true] != nil
    }

    /// Returns the halt with exactly this target, or nil.
    package func halt(of target: HaltTarget) -> HaltOrder? {
        switch target {
        case .org: org[true]
        case .owner(let owner): owners[owner]
        case .agent(let agent): agents[agent]
        case .server(let server): servers[server]
        case .tool(let tool): tools[tool]
        case .run(let run): runs[run]
        case .drill: drill[true]
        }
    }

    /// - Returns: true if the set changed.
    @discardableResult
    package mutating func apply(_ halt: AcceptedHalt) -> Bool {
        let order = halt.order
        guard !released.contains(order.id), active[order.id] == nil else { return false }
        active[order.id] = order
        place(order, stands: true)
        return true
    }

    /// Returns the set with halts that the control chain of a cluster has in force, which its nodes have verified. One that
    /// this set knows as released counts too: the chain decides.
    package func adding(_ orders: some Sequence<HaltOrder>) -> HaltSet {
        var set = self
        for order in orders where set.active[order.id] == nil {
            set.active[order.id] = order
            set.place(order, stands: true)
        }
        return set
    }

    /// - Returns: true if the set changed.
    @discardableResult
    package mutating func apply(_ release: AcceptedRelease) -> Bool {
        var changed = false
        for id in release.order.halts where released.insert(id).inserted {
            changed = true
            guard let order = active.removeValue(forKey: id) else { continue }
            place(order, stands: false)
        }
        return changed
    }

    private mutating func place(_ order: HaltOrder, stands: Bool) {
        switch order.target {
        case .org: org.place(order, under: true, stands: stands)
        case .owner(let owner): owners.place(order, under: owner, stands: stands)
        case .agent(let agent): agents.place(order, under: agent, stands: stands)
        case .server(let server): servers.place(order, under: server, stands: stands)
        case .tool(let tool): tools.place(order, under: tool, stands: stands)
        case .run(let run): runs.place(order, under: run, stands: stands)
        case .drill: drill.place(order, under: true, stands: stands)
        }
    }
}

/// The halts of one scope by their target. If several have the same target, the one with the smallest id is returned.
private struct HaltsByTarget<Key: Hashable & Sendable>: Sendable {
    private var orders: [Key: [HaltOrder]] = [:]

    subscript(key: Key) -> HaltOrder? { orders[key]?.first }

    mutating func place(_ order: HaltOrder, under key: Key, stands: Bool) {
        var same = (orders[key] ?? []).filter { $0.id != order.id }
        if stands { same.append(order) }
        same.sort { $0.id.text < $1.id.text }
        orders[key] = same.isEmpty ? nil : same
    }
}
