import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The states of one node, from its start to the end of its log.
@Suite struct NodeLifecycleTests {
    private func time(_ seconds: Double) -> BootTime {
        BootTime(microseconds: 1_000_000_000 + Int64(seconds * 1_000_000))
    }

    @Test func `a node joins, drains, and is drained when no run is left or the time is over`() {
        var node = NodeLifecycle()
        #expect(node.incarnation == nil && !node.takesRuns)
        _ = node.handle(.started(.first), at: time(0))
        #expect(node.incarnation == .first && node.takesRuns)
        let drain = node.handle(.drain(within: .seconds(300)), at: time(0))
        #expect(drain == [.refuseNewRuns] && !node.takesRuns && node.incarnation == .first)
        var other = node
        let some = node.handle(.runs(2), at: time(10))
        let none = node.handle(.runs(0), at: time(20))
        #expect(some.isEmpty && none == [.endLease] && node.status == .drained(.first))
        let early = other.handle(.tick, at: time(299))
        let over = other.handle(.tick, at: time(300))
        #expect(early.isEmpty && over == [.freeRuns, .endLease])
        #expect(other.incarnation == nil)
    }

    @Test func `an expelled node begins again, and an older expulsion means nothing`() {
        var node = NodeLifecycle()
        let second = Incarnation.first.next
        _ = node.handle(.started(second), at: time(0))
        let old = node.handle(.expelled(.first), at: time(1))
        #expect(old.isEmpty && node.incarnation == second)
        let own = node.handle(.expelled(second), at: time(2))
        #expect(own == [.endLease, .startAgain] && node.status == .starting)
        _ = node.handle(.started(second.next), at: time(3))
        #expect(node.incarnation == second.next)
    }

    @Test func `a retired node closes its log once and never starts again`() {
        var node = NodeLifecycle()
        _ = node.handle(.started(.first), at: time(0))
        let first = node.handle(.retired, at: time(1))
        let second = node.handle(.retired, at: time(2))
        let third = node.handle(.started(Incarnation.first.next), at: time(3))
        #expect(first == [.endLease, .closeLog] && second.isEmpty && third.isEmpty)
        #expect(node.status == .closed && node.incarnation == nil)
    }
}
