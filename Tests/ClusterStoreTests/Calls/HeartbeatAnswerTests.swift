import InterlockCluster
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockClusterStore

struct HeartbeatAnswerTests {
    private func answer(
        nodes: StoreColumn = .null, tasks: String = "[]", changes: String = "[]",
        starved: String = "[]"
    ) async throws -> HeartbeatAnswer {
        let test = try #require(AnswerCase.all.first { $0.name == "heartbeat" })
        var row = test.row
        row[8] = nodes
        row[9] = .text(tasks)
        row[10] = .text(changes)
        row[11] = .text(starved)
        return try await ClusterStore(CallCase.node, CannedCaller([row]))
            .heartbeat(CallCase.heartbeat)
    }

    @Test func `the arguments are those of the node`() async throws {
        let test = try #require(AnswerCase.all.first { $0.name == "heartbeat" })
        let caller = CannedCaller([test.row])
        _ = try await ClusterStore(CallCase.node, caller).heartbeat(CallCase.heartbeat)
        #expect(
            caller.sent.first?.values == [
                .integer(1), .integer(6), .integer(4), .bytes(CallCase.digest.bytes), .text("77"),
                .list(["60/refunds/calls"]),
            ])
    }

    @Test func `the columns are values of the cluster`() async throws {
        let found = try await answer(starved: #"["60/refunds/calls", "1/a/b/c"]"#)
        #expect(found.head == ChainHead(number: 4, digest: CallCase.digest))
        #expect(found.generation == StoreGeneration("00000001/1796057274933156"))
        #expect(found.isOpen && !found.hasStandby && !found.isRestored)
        #expect(found.at == CallCase.now)
        #expect(found.horizon == ChangeHorizon(729))
        #expect(found.nodes == nil && found.watched == nil)
        #expect(found.starved.count == 2 && found.starved.contains(CallCase.key))
        #expect(found.units.starved == found.starved && !found.units.isRestored)
        #expect(found.faults == [])
    }

    @Test func `tasks that no node has are left out, and so are those of a later version`()
        async throws
    {
        let found = try await answer(
            tasks: """
                [["alerts", 0, null, null, 0], ["later", 3, "gw2", 4, 9], ["watch", 7, "gw2", 4, 9]]
                """)
        #expect(
            found.tasks == [TaskRow(task: .watch, node: CallCase.other, term: 7, beat: 9)])
        #expect(found.faults == [])
    }

    @Test func `nodes are read with their states`() async throws {
        let found = try await answer(
            nodes: .text(
                """
                [["gw1", "live", 2, 7, 5, 1], ["gw2", "gone", 4, 9, -1, 1], ["gw3", "new", 0, 0, -1, 0]]
                """))
        let nodes = try #require(found.nodes)
        #expect(nodes.map(\.status) == [.live, .gone, .new])
        #expect(nodes.map(\.incarnation) == [Incarnation(2), Incarnation(4), nil])
        #expect(nodes.map(\.applied) == [5, nil, nil])
        let watched = try #require(found.watched)
        #expect(watched.map(\.node) == [CallCase.node, CallCase.other])
        #expect(watched.map(\.beat) == [7, 9])
        #expect(watched.map(\.isGone) == [false, true])
        #expect(found.faults == [])
    }

    @Test func `changes are those of requests and of what people have not decided`() async throws {
        let found = try await answer(
            changes: """
                [["approval", "\(CallCase.request)", 2, 3, "used"], ["role", "an id", 0, 5, "waiting"]]
                """)
        #expect(
            found.requests == [
                RequestChange(
                    request: RequestVersion(CallCase.request, revision: 2, version: 3),
                    status: .used)
            ])
        #expect(
            found.undecided == [
                UndecidedChange(kind: .role, id: "an id", version: 5, status: .waiting)
            ])
    }

    private static let spoiled = [
        ("nodes", "[[\"gw1\", \"live\", 2, 7, 5, 1], %, [\"gw2\", \"live\", 2, 7, 5, 1]]"),
        ("tasks", "[[\"watch\", 1, \"gw1\", 2, 0], %, [\"drill\", 1, \"gw1\", 2, 0]]"),
        (
            "changes",
            "[[\"role\", \"a\", 0, 1, \"ended\"], %, [\"role\", \"b\", 0, 1, \"ended\"]]"
        ),
    ]

    /// Rows that a hostile node can write.
    private static let elements: [String: [String]] = [
        "nodes": [
            "[\"GW\", \"live\", 2, 7, 5, 1]", "[\"gw3\", \"live\", 0, 7, 5, 1]",
            "[\"gw3\", \"alive\", 2, 7, 5, 1]", "[\"gw3\", \"live\", 2, 9223372036854775807, 5, 1]",
            "[\"gw3\", \"live\", 2, 7, -2, 1]", "[\"gw3\", \"live\", 2, 7, 5]", "7", "null",
        ],
        "tasks": [
            "[\"alerts\", 1, \"gw1\", 2, 9223372036854775807]", "[\"alerts\", 1, null, 2, 0]",
            "[\"alerts\", 0, \"gw1\", 2, 0]", "[\"alerts\", -1, null, null, 0]", "[]",
        ],
        "changes": [
            "[\"approval\", \"no id\", 1, 1, \"used\"]",
            "[\"approval\", \"\(CallCase.request)\", 1, 1, \"lost\"]",
            "[\"approval\", \"\(CallCase.request)\", 0, 1, \"used\"]",
            "[\"role\", \"\", 0, 1, \"ended\"]", "[\"role\", \"a\", 1, 1, \"ended\"]",
            "[\"other\", \"a\", 0, 1, \"ended\"]", "[\"role\", \"a\", 0, 2147483648, \"ended\"]",
        ],
    ]

    @Test(arguments: spoiled.indices)
    func `a row that cannot be read is named, and keeps no node from its heartbeat`(
        _ index: Int
    ) async throws {
        let (column, list) = Self.spoiled[index]
        for element in Self.elements[column] ?? [] {
            let text = list.replacing("%", with: element)
            let found = try await answer(
                nodes: column == "nodes" ? .text(text) : .null,
                tasks: column == "tasks" ? text : "[]",
                changes: column == "changes" ? text : "[]")
            #expect(found.faults.map(\.column) == ["\(column)[1]"], "\(element)")
            #expect(found.faults.map(\.function) == ["heartbeat"])
            let count = (found.nodes?.count ?? 0) + found.tasks.count + found.undecided.count
            #expect(count == 2, "the others count: \(element)")
            #expect(found.requests == [])
        }
    }

    @Test(arguments: ["[1]", "[\"61/refunds/calls\"]", "[\"60/Refunds/calls\"]", "[null]"])
    func `a limit that this node cannot hold is no answer`(_ starved: String) async {
        await #expect(throws: ClusterCallFailure.self) { _ = try await answer(starved: starved) }
    }
}
