import InterlockCluster
import InterlockCommandLine
import InterlockJSON
import Testing

@testable import InterlockClusterCommands
@testable import InterlockClusterStore

@Suite struct ClusterObservationTests {
    private func node(
        _ name: String, _ state: StoreStatus.Node.State = .live, beat: Int64 = 1,
        applied: Int64 = 7, beaten: Bool = true, putBack: Bool = true, inChain: Bool = true
    ) throws -> StoreStatus.Node {
        StoreStatus.Node(
            name: try #require(NodeName(name)), state: state, incarnation: 1, beat: beat,
            applied: applied, version: 1, hasBeaten: beaten, hasPutBack: putBack,
            isInChain: inChain)
    }

    private func status(
        _ nodes: [StoreStatus.Node], steps: Int = 14, open: Bool = true, fault: String? = nil,
        head: Int64? = 7
    ) -> StoreStatus {
        StoreStatus(
            steps: steps, oldestVersion: head.map { _ in 1 }, generation: "00000001/1",
            isOpen: open, needsStandby: head.map { _ in true }, fault: fault, head: head,
            nodes: nodes)
    }

    /// Readings 100 ms apart, each of which has another beat.
    private func observed(_ readings: StoreStatus...) -> ClusterObservation {
        var observation = ClusterObservation(readings[0], steps: 14)
        for (place, reading) in readings.enumerated().dropFirst() {
            observation.add(reading, after: .milliseconds(100 * place))
        }
        return observation
    }

    @Test func `nodes whose beats change are well, and are read no longer`() throws {
        let first = status([try node("gw1"), try node("gw2")])
        #expect(!observed(first).isOver)
        #expect(observed(first).problems == ["node gw1 is silent", "node gw2 is silent"])
        let second = status([try node("gw1", beat: 2), try node("gw2")])
        #expect(observed(first, second).problems == ["node gw2 is silent"])
        let third = status([try node("gw1", beat: 2), try node("gw2", beat: 9)])
        let observation = observed(first, second, third)
        #expect(observation.problems.isEmpty && observation.isOver)
        #expect(observation.age(of: first.nodes[0].name) == .milliseconds(100))
        #expect(observation.age(of: first.nodes[1].name) == .zero)
    }

    @Test func `a silent node is waited for as long as two heartbeats, and no longer`() throws {
        var observation = observed(status([try node("gw1")]))
        #expect(observation.window == .seconds(2))
        observation.add(observation.last, after: .milliseconds(1999))
        #expect(!observation.isOver)
        observation.add(observation.last, after: .seconds(2))
        #expect(observation.isOver)
        #expect(observation.age(of: observation.last.nodes[0].name) == nil)
        let many = try (1...1000).map { try node("gw\($0)") }
        #expect(observed(status(many)).window == .milliseconds(4500))
    }

    @Test func `a node that started again counts as one that beat`() throws {
        let name = try #require(NodeName("gw1"))
        let before = status([try node("gw1")])
        let started = StoreStatus.Node(
            name: name, state: .live, incarnation: 2, beat: 1, applied: 7, version: 1,
            hasBeaten: true, hasPutBack: true, isInChain: true)
        #expect(observed(before, status([started])).problems.isEmpty)
    }

    @Test func `a node that is not live, or behind, is named`() throws {
        let nodes = [
            try node("a", .new), try node("b", .gone), try node("c", .retired), try node("d"),
        ]
        let later = nodes.dropLast() + [try node("d", beat: 2, applied: 5)]
        #expect(
            observed(status(nodes), status(Array(later))).problems == [
                "node a has never started", "node b was expelled, and has not started again",
                "node d has applied up to entry 5 of 7",
            ])
        // Entries that came since the first reading are no lag.
        let first = status([try node("d")])
        let next = status([try node("d", beat: 2)], head: 9)
        #expect(observed(first, next).problems.isEmpty)
        #expect(observed(first, next).lag(of: next.nodes[0]) == 2)
    }

    @Test func `a closed generation names the nodes for which it waits, with the reason`() throws {
        let nodes = [
            try node("a", beaten: false, inChain: false), try node("b", inChain: false),
            try node("c", putBack: false), try node("d"), try node("e", .gone, beaten: false),
        ]
        let observation = observed(status(nodes, open: false))
        #expect(observation.waits.map(\.node.text) == ["a", "b", "c"])
        #expect(
            observation.problems[0]
                == "the generation is closed: it waits for a (no heartbeat yet), b (has an entry that the chain lacks), c (has not put back its leases and runs)"
        )
        #expect(
            observed(status([try node("d")], open: false)).problems[0]
                == "the generation is closed: it waits for a node to open it")
        #expect(
            observed(status([], open: false)).problems
                == ["the generation is closed: no node is live"])
        #expect(observed(status(nodes)).waits.isEmpty)
    }

    @Test func `a store that refuses, or has other steps, is not well`() {
        #expect(
            observed(status([], fault: "no synchronous standby")).problems
                == ["the store refuses all calls: no synchronous standby"])
        #expect(
            observed(status([], steps: 13)).problems
                == ["the schema has 13 of 14 steps: run `interlock cluster migrate`"])
        #expect(
            observed(status([], steps: 15)).problems
                == ["the schema has 15 steps, and this version knows 14: run a newer one"])
        #expect(
            observed(status([], open: false, head: nil)).problems
                == ["the chain has no first entry"])
        #expect(observed(status([])).problems.isEmpty)
        #expect(observed(status([], steps: 13)).isOver, "no node is live")
    }

    @Test func `a report has each part for programs, and lines for people`() throws {
        let readings = (
            status([try node("gw1"), try node("gw2", .retired)]),
            status([try node("gw1", beat: 2, applied: 6), try node("gw2", .retired)])
        )
        let report = ClusterReport(
            observation: observed(readings.0, readings.1), roundTrip: .microseconds(1250),
            label: "database `i` at `/run`")
        #expect(report.lines[0] == "database `i` at `/run`: 14 steps, round trip 1.2 ms")
        #expect(report.lines[1] == "standby: required, in step")
        #expect(report.lines[2] == "chain: entry 7, generation 00000001/1 open")
        let rows = report.nodes
        #expect(rows.count == 1)
        #expect(
            report.columns.map { $0.text(of: rows[0]) } == [
                "gw1", "live", "incarnation 1", "beat 0.0 s ago", "applied 6, 1 behind",
                "version 1",
            ])
        let json = report.json
        #expect(json["well"] == .bool(false))
        #expect(json["problems"] == .array([.string("node gw1 has applied up to entry 6 of 7")]))
        #expect(json["store"]?["round_trip_us"] == .integer(1250))
        #expect(json["store"]?["standby"] == .string("required"))
        #expect(json["nodes"]?.array?.first?["lag"] == .integer(1))
    }
}
