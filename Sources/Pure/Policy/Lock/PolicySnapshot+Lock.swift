package import InterlockModel

extension PolicySnapshot {
    /// The name of a tool or prompt at `/mcp`, by its alias where the lock gives it one; nil when it does
    /// not fit.
    package func wireName(of address: ToolAddress) -> String? {
        guard let alias = lock?.tool(address)?.alias ?? lock?.prompt(address)?.alias else {
            let name = "\(address.server.text)__\(address.tool.ownName)"
            return name.utf8.count <= PolicyLock.longestWireName ? name : nil
        }
        return "\(address.server.text)__\(alias)"
    }

    /// The tool that a name at `/mcp` is of. One with an alias has no other name there.
    package func toolAddress(wireName: String) -> ToolAddress? {
        guard wireName.utf8.count <= PolicyLock.longestWireName,
            let address = ToolAddress(wireName: wireName)
        else { return nil }
        guard let lock, !lock.aliases.isEmpty else { return address }
        if let tool = lock.aliases[address] {
            return ToolAddress(server: address.server, tool: tool)
        }
        return lock.tool(address)?.alias == nil ? address : nil
    }

    /// The prompt that a name at `/mcp` is of. One with an alias has no other name there.
    package func promptAddress(wireName: String) -> ToolAddress? {
        guard wireName.utf8.count <= PolicyLock.longestWireName,
            let named = ToolAddress(wireName: wireName)
        else { return nil }
        let prompts = lock?.servers[named.server]?.prompts ?? [:]
        let own = prompts.first { $0.value.alias == named.tool.text }?.key
        guard own != nil || prompts[named.tool.text]?.alias == nil else { return nil }
        return ToolName(.prompt, own ?? named.tool.text).map {
            ToolAddress(server: named.server, tool: $0)
        }
    }

    /// Why nothing of a server is offered; nil when the lock has it as the policy reaches it, and
    /// without a lock.
    package func lockRefusal(of server: ServerName) -> LockRefusal? {
        if let lockProblem { return .lock(lockProblem) }
        guard let lock else { return nil }
        guard let entry = lock.servers[server] else { return .notInLock }
        guard let written = servers[server], let connect = written.connect else { return nil }
        return
            (entry.difference(from: connect) ?? entry.difference(from: written.network)
            ?? entry.difference(fromOwner: written.owner)
            ?? entry.difference(from: written.variables)).map(LockRefusal.differs)
    }
}

package enum LockRefusal: Sendable, Hashable, CustomStringConvertible {
    /// For the gateway it does not exist.
    case notInLock
    /// Quarantined: with the sentence that says how it differs.
    case differs(String)
    /// The lock itself binds nothing, so nobody has reviewed any server.
    case lock(LockProblem)

    package var description: String {
        switch self {
        case .notInLock: "it has no entry in the lock: interlock servers pin"
        case .differs(let reason): "quarantined: \(reason)"
        case .lock(let problem): "the lock is refused: \(problem)"
        }
    }
}
