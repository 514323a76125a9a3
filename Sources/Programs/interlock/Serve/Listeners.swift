import InterlockGateway
import InterlockJSON
import InterlockTransport

/// The three doors: agents, people, and the operator's local socket.
struct Listeners: Sendable {
    private let agents: HTTPServer
    private let people: HTTPServer
    private let local: HTTPServer
    let agentsAddress: String
    let peopleAddress: String

    static func open(_ node: Node, _ deployment: Deployment) throws(Failure) -> Listeners {
        let configuration = deployment.configuration
        var limits = ServerLimits()
        limits.connections = configuration.limits.localConnections
        var agentLimits = ServerLimits()
        agentLimits.connections = configuration.limits.connections
        let (agents, agentsAddress) = try listen(
            configuration.listeners.agents, .agents,
            AgentPlane(CallPipeline(gateway: node.gateway)), loops: node.loops, agentLimits)
        let (people, peopleAddress) = try listen(
            configuration.listeners.people, .people, node.peoplePlane, loops: node.loops, limits)
        let local: HTTPServer
        do throws(ListenFailure) {
            local = try HTTPServer.listen(
                .unix(path: deployment.socket), as: .local(uid: 0, pid: 0), handler: node.localAPI,
                loops: node.loops, limits: limits)
        } catch {
            throw Failure(.io, error.reason)
        }
        let bound: JSONValue = ["agents": .string(agentsAddress), "people": .string(peopleAddress)]
        do throws(FileFailure) {
            try File.write(
                bound.serialized() + [UInt8(ascii: "\n")], to: deployment.boundListeners)
        } catch {
            throw Failure(.io, error.message)
        }
        return Listeners(
            agents: agents, people: people, local: local, agentsAddress: agentsAddress,
            peopleAddress: peopleAddress)
    }

    /// Calls in flight get ten seconds; the log is closed after the last of them.
    func drain() async {
        await agents.drain(within: .seconds(10))
        await local.drain(within: .seconds(1))
        await people.drain(within: .seconds(1))
    }

    static func listen(
        _ address: String, _ listener: Listener, _ handler: any RequestHandler,
        loops: LoopGroup, _ limits: ServerLimits
    ) throws(Failure) -> (HTTPServer, String) {
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else { throw Failure(.data, "`\(address)` is no address", help: "write 127.0.0.1:7400") }
        let host = String(address[..<colon])
        do throws(ListenFailure) {
            let server = try HTTPServer.listen(
                .tcp(host: host, port: port), as: listener, handler: handler, loops: loops,
                limits: limits)
            return (server, "\(host):\(server.port)")
        } catch {
            switch error.code {
            case .address, .notLoopback: throw Failure(.data, error.reason)
            case .inUse, .path, .system: throw Failure(.io, error.reason)
            }
        }
    }
}
