package import InterlockModel

extension PolicySnapshot {
    /// The name of a tool or prompt at `/mcp`, which is its alias if the lock states one. Returns nil if
    /// the name is too long.
    package func wireName(of address: ToolAddress) -> String? {
        guard let alias = lock?.tool(address)?.alias ?? lock?.prompt(address)?.alias else {
            let name = "\(address.server.text)__\(address.tool.ownName)"
            return name.utf8.count <= PolicyLock.longestWireName ? name : nil
        }
        return "\(address.server.text)__\(alias)"
    }

    /// The tool that a name at `/mcp` refers to. A tool with an alias has no other name there.
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

    /// The prompt that a name at `/mcp` refers to. A prompt with an alias has no other name there.
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

    /// The reason why no feature of a server is offered. Returns nil if the lock has the server as the
    /// policy reaches it, and without a lock.
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
    /// The lock does not have the server; for the gateway it does not exist.
    case notInLock
    /// The server is quarantined; the sentence states the difference.
    case differs(String)
    /// The lock itself is not valid, so no server counts as reviewed.
    case lock(LockProblem)

    package var description: String {
        switch self {
        case .notInLock: "it has no entry in the lock: interlock servers pin"
        case .differs(let reason): "quarantined: \(reason)"
        case .lock(let problem): "the lock is refused: \(problem)"
        }
    }
}
