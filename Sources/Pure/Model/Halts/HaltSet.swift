/// The halts in force: a value; `HaltRegistry` has the one that calls are judged by.
///
/// It only grows by halts and only shrinks by releases. Applying an order twice, late or in another
/// order gives the same set, because released ids are remembered for ever.
package struct HaltSet: Sendable, Equatable {
    /// In force, by id.
    package private(set) var active: [OrderID: HaltOrder] = [:]
    package private(set) var released: Set<OrderID> = []
    /// The same halts by what they stop, for look-ups that do not grow with their number; by scope, since of most
    /// scopes there is none, which costs no look-up.
    private var org = HaltsByTarget<Bool>()
    private var owners = HaltsByTarget<Pseudonym>()
    private var agents = HaltsByTarget<AgentName>()
    private var servers = HaltsByTarget<ServerName>()
    private var tools = HaltsByTarget<ToolAddress>()
    private var runs = HaltsByTarget<RunID>()

    package init() {}

    package var isEmpty: Bool { active.isEmpty }

    package static func == (a: HaltSet, b: HaltSet) -> Bool {
        a.active == b.active && a.released == b.released
    }

    /// The halt that stops a call, if one does; the widest scope answers first.
    ///
    /// - Parameters:
    ///   - agent: nil when it could not be looked up: then every halt matches.
    ///   - owner: the same.
    ///   - server: nil while the call is not resolved yet; ask again when it is.
    ///   - tool: the same.
    ///   - run: nil for what belongs to no run.
    package func match(
        agent: AgentName?, owner: Pseudonym?, server: ServerName?, tool: ToolAddress?, run: RunID?
    ) -> HaltOrder? {
        if active.isEmpty { return nil }
        if let halt = org[true] { return halt }
        guard let agent, let owner else {
            return active.values.min { $0.id.text < $1.id.text }
        }
        if let halt = owners[owner] ?? agents[agent] { return halt }
        if let run, let halt = runs[run] { return halt }
        if let server = server ?? tool?.server, let halt = servers[server] { return halt }
        if let tool, let halt = tools[tool] { return halt }
        return nil
    }

    /// Whether nothing may be asked of the server, by whomever.
    package func stops(_ server: ServerName) -> Bool { (org[true] ?? servers[server]) != nil }

    /// The halt with exactly this target, if there is one.
    package func halt(of target: HaltTarget) -> HaltOrder? {
        switch target {
        case .org: org[true]
        case .owner(let owner): owners[owner]
        case .agent(let agent): agents[agent]
        case .server(let server): servers[server]
        case .tool(let tool): tools[tool]
        case .run(let run): runs[run]
        }
    }

    /// - Returns: whether the set changed.
    @discardableResult
    package mutating func apply(_ halt: AcceptedHalt) -> Bool {
        let order = halt.order
        guard !released.contains(order.id), active[order.id] == nil else { return false }
        active[order.id] = order
        place(order, stands: true)
        return true
    }

    /// - Returns: whether the set changed.
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
        }
    }
}

/// Halts of one scope by their target. Of several with one target the smallest id answers.
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
