import InterlockCluster
import InterlockClusterNodes
import InterlockModel
import InterlockStore
import InterlockTesting
import Testing

@testable import InterlockClusterStore

/// Three nodes in one process, with one real store and real peers.
@Suite(
    .serialized, .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
struct RunningNodeTests {
    private let stopped = AgentName("stopped").unwrapped
    private let other = AgentName("other").unwrapped

    /// Tells each node where the others are.
    private func introduce(_ nodes: [RunningNode]) {
        let authorities = Dictionary(
            uniqueKeysWithValues: nodes.map { ($0.name, $0.authority) })
        for node in nodes { node.service.set(authorities: authorities) }
    }

    private func isHalted(_ node: RunningNode, _ agent: AgentName) -> Bool {
        node.service.halts.contains { $0.target == .agent(agent) }
    }

    @Test(.requirement("R111"), .timeLimit(.minutes(10)))
    func `nodes halt together, refuse without their store, are expelled, and survive a crash`()
        async throws
    {
        let identities = (1...3).map { NodeCertificate("gw\($0)") }
        let cluster = try #require(try await StoreCluster(tls: identities.map(\.digest)))
        defer { cluster.stop() }
        let folders = (1...3).map { _ in TestFolder() }
        let rows = try await cluster.nodes[0].store.entries(after: -1)
        let genesis = try #require(rows[0].digest)
        func start(_ number: Int) async throws -> RunningNode {
            try await RunningNode(
                number, cluster.nodes[number - 1].pool, identities[number - 1],
                folder: folders[number - 1].path, genesis: genesis)
        }
        var nodes: [RunningNode] = []
        for number in 1...3 {
            let copy = try ChainFile(folder: folders[number - 1].path)
            try await copy.append(rows)
            copy.close()
            nodes.append(try await start(number))
        }
        introduce(nodes)
        do {
            try await halt(nodes)
            try await expel(nodes)
            nodes[1] = try await crash(nodes) { try await start(2) }
        } catch {
            for node in nodes { await node.drop() }
            throw error
        }
        for node in nodes { await node.drop() }
    }

    /// A halt that came to one node is in force at the others, and in the chain of all.
    private func halt(_ nodes: [RunningNode]) async throws {
        for node in nodes {
            #expect(await eventually { node.permits && node.service.storeRefusal() == nil })
        }
        try nodes[0].service.halt(try StoreOrganisation.haltOrder(1, .agent(stopped)))
        #expect(isHalted(nodes[0], stopped))
        for node in nodes {
            #expect(await eventually { isHalted(node, stopped) })
            #expect(
                await eventually { node.isChained && node.service.head == nodes[0].service.head })
            #expect(node.service.state.halts.active.count == 1)
        }
    }

    /// A node that is cut off from the store stops at its lease; the others expel it, and it comes back.
    private func expel(_ nodes: [RunningNode]) async throws {
        let lost = nodes[2]
        let incarnation = try #require(lost.service.incarnation)
        lost.caller.set(isCut: true)
        #expect(await eventually { !lost.permits })
        #expect(
            await eventually {
                nodes[0].service.state.members[lost.name]?.expelled == incarnation
            })
        #expect(await eventually { nodes[0].permits && nodes[1].permits })
        lost.caller.set(isCut: false)
        #expect(
            await eventually {
                lost.permits && lost.service.incarnation.map { $0 > incarnation } ?? false
            })
    }

    /// A node whose process was ended begins with what it had applied, and learns what it missed.
    private func crash(
        _ nodes: [RunningNode], _ start: () async throws -> RunningNode
    ) async throws -> RunningNode {
        let dead = nodes[1]
        let head = dead.service.head
        let incarnation = try #require(dead.service.incarnation)
        await dead.drop()
        try nodes[0].service.halt(try StoreOrganisation.haltOrder(2, .agent(other)))
        let next = try await start()
        introduce([nodes[0], next, nodes[2]])
        #expect(next.service.head.number >= head.number)
        #expect(isHalted(next, stopped))
        #expect(
            await eventually {
                next.permits && isHalted(next, other)
                    && next.service.incarnation.map { $0 > incarnation } ?? false
            })
        return next
    }
}
