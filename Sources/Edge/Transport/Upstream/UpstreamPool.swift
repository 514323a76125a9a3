package import InterlockJSON
package import InterlockMCP
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The upstream MCP servers over HTTP and stdio, with one or more sessions per agent and server.
package final class UpstreamPool: Upstreams {
    private let loops: LoopGroup
    private let clients: HTTPClients
    private let launcher: (any ChildLauncher)?
    private let clientVersion: String
    private let report: @Sendable (UpstreamEvent) -> Void
    private let children = ChildCount()
    private let numbers = UpstreamNumbers()
    private let servers = Mutex<[ServerName: UpstreamServer]>([:])
    /// The servers that are to be configured as soon as what they need is there. Locked after `servers`.
    private let awaited = Mutex<Set<ServerName>>([])
    /// The resources that agents follow, for servers that are recreated. Locked before `servers`.
    private let followed = Mutex<[ServerName: [AgentName: FollowedSet]]>([:])
    private let held = Mutex<(@Sendable (ServerName) -> Bool)?>(nil)

    /// - Parameters:
    ///   - launcher: nil if children cannot be sandboxed; stdio servers are then unavailable.
    ///   - clientVersion: the version of this program, which servers receive.
    ///   - report: called on the loops; must not block.
    package init(
        loops: LoopGroup, launcher: (any ChildLauncher)?, clientVersion: String,
        report: @escaping @Sendable (UpstreamEvent) -> Void = { _ in }
    ) {
        self.loops = loops
        self.launcher = launcher
        self.clientVersion = clientVersion
        self.report = report
        clients = HTTPClients(loops: loops)
    }

    /// Adds the servers of a drill's canaries; `configure` leaves them.
    package func add(canaries list: [UpstreamConfiguration]) {
        servers.withLock { servers in
            for configuration in list where configuration.server.isOfCanaries {
                servers[configuration.server] = start(configuration)
            }
        }
    }

    /// Closes the servers of canaries. Returns once their last child has ended.
    package func removeCanaries() async {
        let gone = servers.withLock { servers in
            let names = servers.keys.filter(\.isOfCanaries)
            return names.compactMap { servers.removeValue(forKey: $0) }
        }
        for server in gone { await server.close() }
    }

    /// Replaces the configured servers. A server with an unchanged connection keeps its sessions, tools and quarantine,
    /// with the new credentials and limits; others are closed in the background.
    ///
    /// - Parameter awaiting: servers that are not in the list yet. They count as connecting, and take no call.
    package func configure(
        _ list: [UpstreamConfiguration], awaiting: Set<ServerName> = []
    ) {
        let gone = servers.withLock { servers in
            awaited.withLock { $0 = awaiting }
            var old = servers.filter { !$0.key.isOfCanaries }
            servers = servers.filter { $0.key.isOfCanaries }
            for configuration in list {
                let name = configuration.server
                if let server = old[name],
                    server.shared.configuration.reachesTheSame(as: configuration)
                {
                    server.shared.update(configuration)
                    servers[name] = server
                    old[name] = nil
                } else {
                    servers[name] = start(configuration)
                }
            }
            return Array(old.values)
        }
        for server in gone { Task { await server.close() } }
        for configuration in list { followAgain(configuration.server) }
    }

    package func view(of server: ServerName) -> CatalogState {
        let (found, isAwaited) = servers.withLock { servers -> (UpstreamServer?, Bool) in
            if let found = servers[server] { return (found, false) }
            return (nil, awaited.withLock { $0.contains(server) })
        }
        return found?.view ?? (isAwaited ? .connecting : .unknown)
    }

    package func offers(of server: ServerName) -> ServerFeatures {
        servers.withLock { $0[server] }?.offers ?? ServerFeatures()
    }

    /// Returns the server's self-description at its last opening. It is a claim that people must review.
    package func handshake(of server: ServerName) -> UpstreamHandshake? {
        servers.withLock { $0[server] }?.shared.handshake
    }

    package func call(_ call: UpstreamCall) async -> UpstreamResponse {
        guard let server = servers.withLock({ $0[call.address.server] }) else {
            return .failed(.notExecuted, reason: "no such server")
        }
        if let reason = server.shared.quarantine {
            return .failed(.notExecuted, reason: "quarantined: \(reason)")
        }
        return await server.call(call)
    }

    package func strayAnswers(of server: ServerName) -> Int {
        servers.withLock { $0[server] }?.shared.strayAnswers ?? 0
    }

    package func strayUpdates(of server: ServerName) -> Int {
        servers.withLock { $0[server] }?.shared.strayUpdates ?? 0
    }

    package func follow(
        _ uris: Set<ExactText>, of server: ServerName, for agent: AgentName,
        _ changed: @escaping @Sendable (_ uri: String) -> Void
    ) {
        followed.withLock { followed in
            followed[server, default: [:]][agent] =
                uris.isEmpty ? nil : FollowedSet(uris: uris, changed: changed)
            if followed[server]?.isEmpty == true { followed[server] = nil }
            servers.withLock { $0[server] }?.follow(uris, for: agent, changed)
        }
    }

    /// Restores the followed resources of a recreated server.
    private func followAgain(_ name: ServerName) {
        followed.withLock { followed in
            let server = servers.withLock { $0[name] }
            for (agent, set) in followed[name] ?? [:] {
                server?.follow(set.uris, for: agent, set.changed)
            }
        }
    }

    @discardableResult
    package func endChildren(
        where isHalted: @Sendable (ServerName, AgentName?) -> Bool
    ) -> EndingChildren {
        let ending = EndingChildren()
        for server in servers.withLock({ Array($0.values) }) {
            server.endChildren(ending, where: isHalted)
        }
        return ending
    }

    /// Prevents requests by the gateway itself to servers for which `isHalted` returns true.
    package func holdBack(while isHalted: @escaping @Sendable (ServerName) -> Bool) {
        held.withLock { $0 = isHalted }
    }

    /// Ends all sessions and children. Returns once the last child has ended.
    package func close() async {
        let all = servers.withLock { servers in
            awaited.withLock { $0 = [] }
            defer { servers = [:] }
            return Array(servers.values)
        }
        await withTaskGroup { group in
            for server in all { group.addTask { await server.close() } }
        }
    }

    private func start(_ configuration: UpstreamConfiguration) -> UpstreamServer {
        let server = configuration.server
        let shared = UpstreamShared(
            configuration: configuration, clientVersion: clientVersion, numbers: numbers,
            report: report, isHeld: { [weak self] in self?.held.withLock { $0 }?(server) ?? false })
        let makeSession: UpstreamServer.MakeSession = {
            [clients, launcher, children, loops] shared, key in
            switch shared.configuration.connection {
            case .http(let url):
                HTTPSession(shared: shared, key: key, url: url, clients: clients)
            case .stdio(let argv):
                StdioSession(
                    shared: shared, key: key, argv: argv,
                    launcher: launcher ?? NoLauncher(), children: children, loop: loops.next())
            }
        }
        return UpstreamServer(shared: shared, loop: loops.next(), makeSession: makeSession)
    }
}

extension UpstreamPool {
    /// Lists a server now instead of after its pause, because the obstacle may be gone.
    package func lookAgain(_ name: ServerName) { servers.withLock { $0[name] }?.lookAgain() }
}

extension UpstreamPool: UpstreamTrial {
    /// The time for the handshake and the first list.
    private static let patience = Duration.seconds(20)

    package func tryAgain(_ name: ServerName) async {
        let again = servers.withLock { servers -> (old: UpstreamServer, new: UpstreamServer)? in
            guard let old = servers[name], old.shared.quarantine != nil else { return nil }
            let new = start(old.shared.configuration)
            servers[name] = new
            return (old, new)
        }
        guard let again else { return }
        followAgain(name)
        await again.old.close()
        await again.new.settle(within: Self.patience)
    }
}

/// The resources that one agent follows at one server.
private struct FollowedSet: Sendable {
    let uris: Set<ExactText>
    let changed: ResourceUpdateListener.Changed
}

private struct NoLauncher: ChildLauncher {
    func launch(_ command: ChildCommand) throws(LaunchFailure) -> LaunchedChild {
        throw LaunchFailure(reason: "this machine cannot wall off children")
    }
}
