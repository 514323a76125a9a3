import InterlockCommandLine
import InterlockConfiguration
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import InterlockTransport

/// The listeners for agents, for people and for the operator's local socket, and optionally a socket for agents.
struct Listeners: Sendable {
    private let agents: HTTPServer
    private let people: HTTPServer
    private let local: HTTPServer
    private let agentsSocket: HTTPServer?
    private let runs: HTTPServer
    private let hooks: HTTPServer?
    private let tls: TLSSetup
    let agentsAddress: String
    let peopleAddress: String

    static func open(
        _ node: Node, _ deployment: Deployment, _ tls: TLSSetup
    ) throws(Failure) -> Listeners {
        let configuration = deployment.configuration
        var localLimits = ServerLimits()
        localLimits.connections = configuration.limits.localConnections
        var peopleLimits = ServerLimits()
        peopleLimits.connections = configuration.limits.peopleConnections
        peopleLimits.sharesPlaces = true
        // Forms are small, and a slow sender would occupy a connection meanwhile.
        peopleLimits.body = .seconds(30)
        var agentLimits = ServerLimits()
        agentLimits.connections = configuration.limits.connections
        let (agents, agentsAddress) = try listen(
            configuration.listeners.agents, tls.agents, .agents,
            AgentPlane(CallPipeline(gateway: node.gateway)), loops: node.loops, agentLimits)
        let (people, peopleAddress) = try listenForPeople(
            try loopback(configuration.listeners.people), tls.people, node.peopleListener,
            loops: node.control.people, peopleLimits)
        let (local, runs): (HTTPServer, HTTPServer)
        var agentsSocket: HTTPServer?
        let hooks = try openHooks(node, deployment)
        do throws(ListenFailure) {
            if !configuration.listeners.agentsSocket.isEmpty {
                // A connection proves no more than a uid; a token is required as on every listener.
                agentsSocket = try HTTPServer.listen(
                    .unix(
                        path: deployment.resolve(configuration.listeners.agentsSocket), mode: 0o666),
                    as: .local(uid: 0, pid: 0),
                    handler: AgentPlane(CallPipeline(gateway: node.gateway)), loops: node.loops,
                    limits: agentLimits)
            }
            // The gateway's user alone; a token is required here too.
            runs = try HTTPServer.listen(
                .unix(path: deployment.runsSocket), as: .local(uid: 0, pid: 0),
                handler: node.runsListener, loops: node.loops, limits: agentLimits)
            local = try HTTPServer.listen(
                .unix(path: deployment.socket), as: .local(uid: 0, pid: 0),
                handler: node.localListener, loops: node.control.loops, limits: localLimits)
        } catch { throw Failure(.io, error.reason) }
        let bound: JSONValue = ["agents": .string(agentsAddress), "people": .string(peopleAddress)]
        try FileFailure.exits(
            .io,
            try File.write(bound.serialized() + [UInt8(ascii: "\n")], to: deployment.boundListeners)
        )
        return Listeners(
            agents: agents, people: people, local: local, agentsSocket: agentsSocket, runs: runs,
            hooks: hooks, tls: tls,
            agentsAddress: agentsAddress, peopleAddress: peopleAddress)
    }

    /// Reads certificate and key again; new connections use them.
    func reload() { tls.reload() }

    /// The URL scheme of both planes.
    var scheme: String { tls.agents == nil ? "http" : "https" }

    /// Refuses an address that is not loopback. Health and metrics require no identity, and only a proxy states the
    /// source of a sign-in, so TLS alone does not open the people plane.
    private static func loopback(_ address: String) throws(Failure) -> String {
        let starts = ["127.", "localhost:", "[::1]:", "::1:"]
        guard starts.contains(where: address.hasPrefix) else {
            throw Failure(
                .data, "`listeners.people` `\(address)` is not a loopback address",
                help:
                    "put a proxy before it that speaks TLS; `approval_service.console.url` is its address"
            )
        }
        return address
    }

    /// Listens on both loopback addresses if one of them or `localhost` is configured: no other process may answer on
    /// the other address and be taken for the console. Another address, such as 127.0.0.2, is an origin of its own.
    private static func listenForPeople(
        _ address: String, _ tls: TLSIdentity?, _ handler: any RequestHandler, loops: LoopGroup,
        _ limits: ServerLimits
    ) throws(Failure) -> (HTTPServer, String) {
        let (host, port) = try parts(of: address)
        guard ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host) else {
            return try listen(address, tls, .people, handler, loops: loops, limits)
        }
        do throws(ListenFailure) {
            let server = try HTTPServer.listenOnLoopback(
                port: port, tls: tls, as: .people, handler: handler, loops: loops, limits: limits)
            return (server, "\(host):\(server.port)")
        } catch {
            guard error.code == .inUse else { throw Failure(error) }
            throw Failure(
                .io, error.reason,
                help: "the console needs its port on both loopback addresses: end that process "
                    + "(`ss -ltnp`), or choose another port in `listeners.people`")
        }
    }

    /// Gives calls in flight ten seconds; the caller closes the log after the last of them.
    func drain() async {
        await agents.drain(within: .seconds(10))
        await agentsSocket?.drain(within: .seconds(10))
        await runs.drain(within: .seconds(10))
        await hooks?.drain(within: .seconds(10))
        await local.drain(within: .seconds(1))
        await people.drain(within: .seconds(1))
    }

    static func listen(
        _ address: String, _ tls: TLSIdentity?, _ listener: Listener,
        _ handler: any RequestHandler, loops: LoopGroup, _ limits: ServerLimits
    ) throws(Failure) -> (HTTPServer, String) {
        let (host, port) = try parts(of: address)
        do throws(ListenFailure) {
            let server = try HTTPServer.listen(
                .tcp(host: host, port: port), tls: tls, as: listener, handler: handler,
                loops: loops, limits: limits)
            return (server, "\(host):\(server.port)")
        } catch { throw Failure(error) }
    }

    private static func parts(of address: String) throws(Failure) -> (host: String, port: UInt16) {
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else { throw Failure(.data, "`\(address)` is no address", help: "write 127.0.0.1:7400") }
        return (String(address[..<colon]), port)
    }
}

extension Failure {
    fileprivate init(_ failure: ListenFailure) {
        switch failure.code {
        case .address: self.init(.data, failure.reason)
        case .notLoopback:
            self.init(.data, failure.reason, help: "set `tls.certificate` and `tls.key`")
        case .inUse, .path, .system, .absent: self.init(.io, failure.reason)
        }
    }
}
