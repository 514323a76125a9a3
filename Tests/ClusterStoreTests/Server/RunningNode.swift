import InterlockClusterPeers
import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockStore
import InterlockTesting
import InterlockTransport
import Synchronization

@testable import InterlockCluster
@testable import InterlockClusterNodes
@testable import InterlockClusterStore

/// A node that runs on a real store, with a copy of the chain on disk and peers over TLS on loopback.
final class RunningNode: Sendable {
    let name: NodeName
    let service: NodeService
    let listener = NotificationList()
    let caller: SwitchedCaller
    let copy: ChainFile
    private let peers: PeerService
    private let server: HTTPServer
    private let loops = LoopGroup(count: 1)
    private let tasks: [Task<Void, Never>]

    static let domain = TrustDomain("acme.example").unwrapped

    /// Starts the process of a node.
    ///
    /// - Parameters:
    ///   - number: counted from 1.
    ///   - folder: the folder of its copy, which has the first entry at least.
    init(
        _ number: Int, _ pool: StorePool, _ identity: NodeCertificate, folder: String,
        genesis: Digest
    ) async throws {
        let clock = SystemClock()
        name = StoreOrganisation.name(number)
        caller = SwitchedCaller(pool)
        copy = try ChainFile(folder: folder)
        let loaded = try await LoadedNode(
            name, copy, genesis: genesis, settings: .standard, loaded: [],
            verifier: StoreVerifier(), clock: clock)
        let session = SystemEntropy().bytes(16)
        let service = NodeService(
            loaded, process: Hex.encode(session),
            NodeParts(
                store: ClusterStore(name, caller), copy: copy, signer: LogSigner(node: number),
                restorer: NothingToRestore(), listener: listener, clock: clock))
        let http = try PinnedHTTP(
            certificates: identity.certificate, key: identity.key, clock: clock, loops: loops)
        let table = PeerTable(
            node: name, org: "acme", domain: Self.domain, session: PeerSession(bytes: session),
            head: loaded.node.follower.head)
        let peers = PeerService(table, caller: http, listener: service, clock: clock)
        let tls = try TLSContext(
            certificates: identity.certificate, key: identity.key, clients: .nodes)
        server = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), tls: TLSIdentity(tls), as: .nodes,
            handler: peers, loops: loops, limits: .nodes)
        self.service = service
        self.peers = peers
        tasks = [
            Task { await service.run(with: peers) }, Task { await peers.run() },
        ]
    }

    var authority: String { "127.0.0.1:\(server.port)" }

    var permits: Bool { service.refusal(of: .consequential) == nil }

    /// True if the chain has all halts that the node has.
    var isChained: Bool { service.shared.withLock { $0.program.halts.isEmpty } }

    /// Ends the process as far as a test can: nothing is finished or closed before.
    func drop() async {
        for task in tasks { task.cancel() }
        await server.drain(within: .zero)
        for task in tasks { await task.value }
        loops.stop()
        copy.close()
    }
}

/// Keeps what a node notified.
final class NotificationList: NodeListener {
    private let list = Mutex<[NodeNotification]>([])

    func receive(_ notification: NodeNotification) { list.withLock { $0.append(notification) } }

    func has(_ isMeant: (NodeNotification) -> Bool) -> Bool {
        list.withLock { $0.contains(where: isMeant) }
    }
}

/// Signs entries with the key of a node's log.
private struct LogSigner: EntrySigner {
    let node: Int

    func draft(_ change: NarrowingChange) async throws(EntrySigningFailure) -> EntryDraft {
        do { return try StoreOrganisation.draft(change, by: node) } catch {
            throw EntrySigningFailure("\(error)")
        }
    }

    func draft(
        _ kind: WideningKind, _ statements: PeopleStatements, subject: String
    ) async throws(EntrySigningFailure) -> EntryDraft {
        do {
            return try StoreOrganisation.draft(
                .widening(kind, statements), subject: subject, by: node)
        } catch { throw EntrySigningFailure("\(error)") }
    }
}

/// A node without leases and runs.
private struct NothingToRestore: LeaseRestorer {
    func restore(
        in generation: StoreGeneration, _ incarnation: Incarnation
    ) async -> Bool { true }
}
