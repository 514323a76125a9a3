/// The halts in force: an immutable value that the call path reads without a lock.
///
/// It only grows by halts and only shrinks by releases. Applying an order twice, late or in another
/// order gives the same set, because released ids are remembered for ever.
package struct HaltSet: Sendable, Equatable {
    /// In force, by id.
    package private(set) var active: [OrderID: HaltOrder] = [:]
    package private(set) var released: Set<OrderID> = []
    /// The same halts by what they stop, for look-ups that do not grow with their number. Of several
    /// with one target the smallest id answers.
    private var byTarget: [HaltTarget: [HaltOrder]] = [:]

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
        if let halt = halt(of: .org) { return halt }
        guard let agent, let owner else {
            return active.values.min { $0.id.text < $1.id.text }
        }
        if let halt = halt(of: .owner(owner)) { return halt }
        if let halt = halt(of: .agent(agent)) { return halt }
        if let run, let halt = halt(of: .run(run)) { return halt }
        if let server = server ?? tool?.server, let halt = halt(of: .server(server)) {
            return halt
        }
        if let tool, let halt = halt(of: .tool(tool)) { return halt }
        return nil
    }

    /// Whether nothing may be asked of the server, by whomever.
    package func stops(_ server: ServerName) -> Bool {
        halt(of: .org) != nil || halt(of: .server(server)) != nil
    }

    /// The halt with exactly this target, if there is one.
    package func halt(of target: HaltTarget) -> HaltOrder? { byTarget[target]?.first }

    /// - Returns: whether the set changed.
    @discardableResult
    package mutating func apply(_ halt: AcceptedHalt) -> Bool {
        let order = halt.order
        guard !released.contains(order.id), active[order.id] == nil else { return false }
        active[order.id] = order
        var same = byTarget[order.target] ?? []
        same.append(order)
        same.sort { $0.id.text < $1.id.text }
        byTarget[order.target] = same
        return true
    }

    /// - Returns: whether the set changed.
    @discardableResult
    package mutating func apply(_ release: AcceptedRelease) -> Bool {
        var changed = false
        for id in release.order.halts where released.insert(id).inserted {
            changed = true
            guard let order = active.removeValue(forKey: id) else { continue }
            byTarget[order.target]?.removeAll { $0.id == id }
            if byTarget[order.target]?.isEmpty == true { byTarget[order.target] = nil }
        }
        return changed
    }
}
