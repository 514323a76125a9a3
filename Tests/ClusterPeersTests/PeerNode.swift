import InterlockCluster
import InterlockClusterPeers
import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport

/// A node in this process with a listener of its own on loopback, over real TLS.
final class PeerNode: Sendable {
    let name: NodeName
    let identity: NodeCertificate
    let service: PeerService
    let listener = RecordingListener()
    let server: HTTPServer
    let loops: LoopGroup

    static let domain = TrustDomain("acme.example").unwrapped

    static func head(_ number: Int64) -> ChainHead {
        ChainHead(
            number: number, digest: WeakHashing().sha256([UInt8(truncatingIfNeeded: number)]))
    }

    init(
        _ name: String, identity: NodeCertificate? = nil, clock: any Clock = ShiftedClock(),
        limits: ServerLimits = .nodes
    ) throws {
        self.name = NodeName(name).unwrapped
        self.identity = identity ?? NodeCertificate(name)
        loops = LoopGroup(count: 1)
        let caller = try PinnedHTTP(
            certificates: self.identity.certificate, key: self.identity.key, clock: clock,
            loops: loops)
        let table = PeerTable(
            node: self.name, org: "acme", domain: Self.domain,
            session: PeerSession(bytes: SystemEntropy().bytes(16)), head: Self.head(1))
        service = PeerService(table, caller: caller, listener: listener, clock: clock)
        let tls = try TLSContext(
            certificates: self.identity.certificate, key: self.identity.key, clients: .nodes)
        server = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), tls: TLSIdentity(tls), as: .nodes,
            handler: service, loops: loops, limits: limits)
    }

    var authority: String { "127.0.0.1:\(server.port)" }

    /// The keys of the node, as its member entry has them.
    var keys: MemberKeys {
        func key(_ number: UInt8) -> PublicKey {
            PublicKey(bytes: [UInt8](repeating: number, count: 32)).unwrapped
        }
        return MemberKeys(
            name: name, log: key(1), witness: key(2), token: key(3), tls: identity.digest)
    }

    /// The node as others reach it.
    var pinned: PinnedServer {
        PinnedServer(
            authority: authority, key: identity.digest, uri: Self.domain.uri(of: name))
    }

    func set(members nodes: [PeerNode]) {
        service.set(
            members: Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0.keys) }),
            authorities: Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0.authority) }))
    }

    func stop() async {
        await server.drain(within: .zero)
        loops.stop()
    }
}

/// Runs `body` with nodes that know each other and send their beats, and stops them afterwards.
func withPeers(_ count: Int, _ body: ([PeerNode]) async throws -> Void) async throws {
    let nodes = try (1...count).map { try PeerNode("gw\($0)") }
    for node in nodes { node.set(members: nodes) }
    let tasks = nodes.map { node in Task { await node.service.run() } }
    func stop() async {
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        for node in nodes { await node.stop() }
    }
    do {
        try await body(nodes)
    } catch {
        await stop()
        throw error
    }
    await stop()
}
