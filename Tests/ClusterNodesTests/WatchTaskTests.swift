import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockClusterNodes

/// The task `watch` at one node.
struct WatchTaskTests {
    private let own = NodeName("gw1").unwrapped
    private let other = NodeName("gw2").unwrapped

    private func time(_ seconds: Double) -> BootTime {
        BootTime(microseconds: Int64(seconds * 1_000_000))
    }

    /// The answer to a heartbeat while this node has the task.
    private func answer(_ beat: Int64, silent: Int64 = 5) -> HeartbeatAnswer {
        let rows = [(own, beat), (other, silent)].map { name, beat in
            NodeRow(
                node: name, status: .live, incarnation: .first, beat: beat, applied: 0, version: 1)
        }
        return HeartbeatAnswer(
            head: ChainHead(number: 0, digest: WeakHashing().sha256([0])),
            generation: StoreGeneration("1"), isOpen: true, at: Timestamp(microseconds: 0),
            horizon: .start, hasStandby: true, isRestored: true, nodes: rows,
            tasks: [TaskRow(task: .watch, node: own, term: 1, beat: beat)], requests: [],
            undecided: [], starved: [], faults: [])
    }

    private func taken() -> WatchTask {
        var task = WatchTask(own, .standard)
        task.taken(
            TaskRow(task: .watch, node: own, term: 1, beat: 1), sent: time(1), at: time(1))
        return task
    }

    @Test func `a holder whose renewals fail stops, although its heartbeats get through`() {
        var task = taken()
        #expect(task.renew(in: .first, at: time(1.5)).count == 1)
        for half in 1...3 {
            let now = time(1 + Double(half) / 2)
            task.kept(term: 1, false, sent: now, at: now)
            _ = task.look(at: answer(1), in: .first, sent: now, now)
        }
        #expect(task.renew(in: .first, at: time(2.9)).count == 1)
        #expect(task.renew(in: .first, at: time(3.1)).isEmpty)
    }

    @Test func `a holder that renews expels a silent node, and asks once at a time`() {
        var task = taken()
        var expelled: [SilentNodeDetector.Silent] = []
        for half in 1...16 {
            let now = time(1 + Double(half) / 2)
            task.kept(term: 1, true, sent: now, at: now)
            let effects = task.look(at: answer(Int64(half)), in: .first, sent: now, now)
            for case .expel(let silent, 1, .first) in effects { expelled.append(silent) }
        }
        #expect(expelled.map(\.node) == [other])
        task.expelled(other)
        let now = time(9.5)
        task.kept(term: 1, true, sent: now, at: now)
        #expect(task.look(at: answer(99), in: .first, sent: now, now).count == 1)
    }
}
