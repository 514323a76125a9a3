import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockCluster
@testable import InterlockClusterStore

/// A store with its schema and three nodes that are live, each with connections of its own.
final class StoreCluster {
    /// One node: its calls, its incarnation and the last beat that it sent.
    struct Node {
        let store: ClusterStore
        let pool: StorePool
        var incarnation: Incarnation
        var beat: Int64 = 0
    }

    private let server: TestServer
    private(set) var nodes: [Node] = []
    /// The newest entry that all nodes have applied, as their heartbeats say.
    private(set) var head: ChainHead

    /// - Parameter tls: the digests of the nodes' TLS keys; none if no test connects to them.
    /// - Returns: nil if there is no server.
    init?(tls: [Digest] = []) async throws {
        guard let server = TestServer() else { return nil }
        self.server = server
        let genesis = try StoreOrganisation.genesis(tls: tls.first)
        head = ChainHead(
            number: 0,
            digest: ChainEntry.digest(
                after: ChainEntry.origin, body: genesis.body, hashing: OpenSSLHashing()))
        do { try await found(genesis, tls) } catch {
            stop()
            throw error
        }
    }

    private func found(_ genesis: EntryDraft, _ tls: [Digest]) async throws {
        let admin = try server.connect("admin")
        try admin.runScript(ClusterSchema.roles)
        for number in 1...3 {
            _ = try admin.run("CREATE ROLE gw\(number) LOGIN IN ROLE il_node")
        }
        let migrator = try server.connect("il_migrate")
        _ = try SchemaMigration(migrator, ClusterSchema.steps(hashing: OpenSSLHashing())).apply()
        _ = try migrator.run(
            "SELECT il_v1.found($1, $2, $3)",
            [.text("gw1"), .bytes(genesis.body), .text("none")])
        try await join(1)
        for number in 2...3 {
            let (change, draft) = try StoreOrganisation.admission(
                of: number, tls: tls.isEmpty ? nil : tls[number - 1])
            _ = try await nodes[0].store.appendMember(draft, change, in: nodes[0].incarnation)
            try await join(number)
        }
    }

    private func join(_ number: Int) async throws {
        var settings = PoolSettings()
        settings.connections = 2
        // A busy machine must not make a call late.
        settings.deadline = .seconds(120)
        let pool = StorePool(settings, parameters: parameters(number))
        let store = ClusterStore(StoreOrganisation.name(number), pool)
        let incarnation = try await store.start(
            process: ExactText("gw\(number)/1"), beat: 0, least: .first)
        nodes.append(Node(store: store, pool: pool, incarnation: incarnation))
        _ = try await beat(number - 1)
    }

    /// The connection string of a node, counted from 1.
    func parameters(_ number: Int) -> String {
        "host=\(server.folder) dbname=postgres user=gw\(number)"
    }

    /// Sends a heartbeat of a node, counted from 0, that has read all entries.
    @discardableResult
    func beat(
        _ place: Int, horizon: ChangeHorizon = .start, starved: Set<UnitKey> = []
    ) async throws -> HeartbeatAnswer {
        let node = nodes[place]
        if let last = try await node.store.entries(after: head.number).last,
            let digest = last.digest
        {
            head = ChainHead(number: last.number, digest: digest)
        }
        nodes[place].beat += 1
        return try await node.store.heartbeat(
            StoreHeartbeat(
                incarnation: node.incarnation, beat: node.beat + 1, applied: head,
                horizon: horizon, starved: starved))
    }

    /// Begins the next incarnation of a node after it was expelled.
    func startAgain(_ place: Int) async throws {
        let node = nodes[place]
        let process = ExactText("\(node.store.node)/\(node.incarnation)/again")
        nodes[place].incarnation = try await node.store.start(
            process: process, beat: node.beat, least: node.incarnation.next)
        try await beat(place)
    }

    /// Runs statements as the owner of the database.
    func script(_ text: String) throws { try server.connect("admin").runScript(Array(text.utf8)) }

    /// Edits rows as the owner of the database does, and returns how many.
    @discardableResult
    func edit(_ statement: String, _ values: [StoreValue] = []) throws -> Int {
        let changed = "WITH changed AS (\(statement) RETURNING 1) SELECT count(*) FROM changed"
        let row = try server.connect("admin").run(changed, values)
        return Int(row.first?.first?.integer ?? 0)
    }

    /// The wall clock of this machine.
    static var now: Timestamp { SystemClock().wall }

    /// Takes the task of watching for the first node, which then can expel others.
    func watch() async throws {
        let row = try await nodes[0].store.take(
            .watch, after: nil, beat: 1, in: nodes[0].incarnation)
        try #require(row != nil)
    }

    /// Expels a node, as the first one.
    func expel(_ place: Int) async throws {
        let node = nodes[place]
        let change = NarrowingChange.expelled(node.store.node, node.incarnation)
        let silent = SilentNodeDetector.Silent(
            node: node.store.node, incarnation: node.incarnation, beat: node.beat)
        let isExpelled = try await nodes[0].store.expel(
            silent, term: 1, try StoreOrganisation.draft(change), in: nodes[0].incarnation)
        try #require(isExpelled)
    }

    func stop() {
        for node in nodes { node.pool.close() }
        server.stop()
    }
}
