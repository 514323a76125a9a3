import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Which nodes are expelled, which node does the work of a task, and the states of one node.
@Suite struct MembershipTests {
    private func time(_ seconds: Double) -> BootTime {
        BootTime(microseconds: 1_000_000_000 + Int64(seconds * 1_000_000))
    }

    private func row(
        _ node: Int, _ beat: Int64, _ incarnation: Incarnation = .first, isGone: Bool = false
    ) -> SilentNodeDetector.Row {
        SilentNodeDetector.Row(
            node: ClusterOrganisation.name(node), incarnation: incarnation, beat: beat,
            isGone: isGone)
    }

    @Test func `a beat that is unchanged for more than lease and one second expels its node`() {
        var detector = SilentNodeDetector(.standard)
        var found: [SilentNodeDetector.Silent] = []
        for second in 0...6 {
            #expect(found.isEmpty, "at \(second)")
            found = detector.look(
                at: [row(1, Int64(second)), row(2, 5), row(3, 5, isGone: true)],
                time(Double(second)))
        }
        #expect(found.isEmpty, "6 s are not more than 6 s")
        let late = detector.look(at: [row(1, 7), row(2, 5)], time(6.1))
        #expect(
            late == [
                SilentNodeDetector.Silent(
                    node: ClusterOrganisation.name(2), incarnation: .first, beat: 5)
            ])
    }

    @Test func `another incarnation or beat begins anew`() {
        var detector = SilentNodeDetector(.standard)
        for second in 0..<20 {
            let silent = detector.look(
                at: [
                    row(1, 5, Incarnation(Int64(1 + second / 5)).unwrapped),
                    row(2, Int64(second / 5)),
                ], time(Double(second)))
            #expect(silent.isEmpty)
        }
    }

    @Test func `a watcher that could not look for long expels no node at once`() {
        var detector = SilentNodeDetector(.standard)
        _ = detector.look(at: [row(1, 5)], time(0))
        let first = detector.look(at: [row(1, 5)], time(60))
        #expect(first.isEmpty, "the store was away for all")
        for second in 1...6 {
            let silent = detector.look(at: [row(1, 5)], time(60 + Double(second)))
            #expect(silent.isEmpty)
        }
        let late = detector.look(at: [row(1, 5)], time(67))
        #expect(late.count == 1)
    }

    /// Its lease for consequential calls is over when a node is expelled, with clocks whose rates differ by a tenth.
    @Test func `no node acts when it is expelled`() {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(2_000) {
            let own = Double.random(in: 0.9...1.1, using: &random)
            let watchers = Double.random(in: 0.9...1.1, using: &random)
            func clock(_ real: Int64, _ rate: Double) -> BootTime {
                BootTime(microseconds: 7_000_000 + Int64(Double(real) * rate))
            }
            var detector = SilentNodeDetector(.standard)
            var lease = NodeLease(.standard)
            var beat: Int64 = 0
            var real: Int64 = 0
            var isExpelled = false
            while !isExpelled, real < 60_000_000 {
                // The node falls silent at some time; its last heartbeat is answered before or after.
                if real < 10_000_000 {
                    beat = lease.send(at: clock(real, own))
                    lease.answer(beat, head: 0, applied: 0)
                }
                real += Int64.random(in: 100_000...900_000, using: &random)
                let silent = detector.look(at: [row(1, beat)], clock(real, watchers))
                isExpelled = !silent.isEmpty
            }
            #expect(isExpelled)
            #expect(!lease.permits(.consequential, at: clock(real, own)))
        }
    }

    // MARK: Tasks

    private func task(_ node: Int, term: Int64, beat: Int64) -> TaskRow {
        TaskRow(task: .watch, node: ClusterOrganisation.name(node), term: term, beat: beat)
    }

    /// What is said of the task `watch` alone.
    private func watch(_ actions: [ClusterTasks.Action]) -> [ClusterTasks.Action] {
        actions.filter { action in
            switch action {
            case .take(let task, _), .begin(let task, _), .stop(let task): task == .watch
            }
        }
    }

    @Test func `a task without a row is taken, and one that is renewed is not`() {
        var tasks = ClusterTasks(node: ClusterOrganisation.name(2))
        let first = tasks.look(at: [], sent: time(0), time(0))
        #expect(first.count == ClusterTask.allCases.count)
        for second in 0..<10 {
            let actions = tasks.look(
                at: [task(1, term: 4, beat: Int64(second))], sent: time(Double(second)),
                time(Double(second)))
            #expect(watch(actions).isEmpty)
        }
        let soon = tasks.look(at: [task(1, term: 4, beat: 9)], sent: time(12), time(12))
        #expect(watch(soon).isEmpty, "3 s are not more than 3 s")
        let late = tasks.look(at: [task(1, term: 4, beat: 9)], sent: time(12.1), time(12.1))
        #expect(watch(late) == [.take(.watch, seen: 4)])
    }

    @Test func `a node works on a task for less than 3 s after its last renewal`() {
        var tasks = ClusterTasks(node: ClusterOrganisation.name(1))
        let begun = tasks.take(task(1, term: 5, beat: 0), sent: time(0), time(0.5))
        #expect(begun == [.begin(.watch, term: 5)])
        #expect(tasks.term(of: .watch, at: time(1.9)) == 5)
        #expect(tasks.term(of: .watch, at: time(2)) == nil)
        _ = tasks.look(at: [task(1, term: 5, beat: 1)], sent: time(1), time(1.2))
        #expect(tasks.owned(at: time(2.9)) == [.watch])
        let expired = tasks.expire(at: time(3))
        #expect(expired == [.stop(.watch)])
        #expect(tasks.owned(at: time(3)).isEmpty)
    }

    @Test func `a node that lost a task stops, and one that took it late does not begin`() {
        var tasks = ClusterTasks(node: ClusterOrganisation.name(1))
        _ = tasks.take(task(1, term: 5, beat: 0), sent: time(0), time(0))
        let lost = tasks.look(at: [task(2, term: 6, beat: 0)], sent: time(1), time(1))
        #expect(watch(lost) == [.stop(.watch)])
        let late = tasks.take(task(1, term: 7, beat: 0), sent: time(2), time(4.5))
        #expect(late.isEmpty && tasks.term(of: .watch, at: time(4.5)) == nil)
        let others = tasks.take(task(2, term: 8, beat: 0), sent: time(5), time(5))
        #expect(others.isEmpty)
    }

    @Test func `the store takes writes of the newest term alone, and one taker`() throws {
        let row = task(1, term: 5, beat: 3)
        let next = try #require(row.taken(by: ClusterOrganisation.name(2), seen: 5))
        #expect(next.term == 6 && next.node == ClusterOrganisation.name(2))
        #expect(next.taken(by: ClusterOrganisation.name(3), seen: 5) == nil)
        #expect(!next.accepts(5, by: ClusterOrganisation.name(1)))
        #expect(!next.accepts(6, by: ClusterOrganisation.name(1)))
        #expect(next.accepts(6, by: ClusterOrganisation.name(2)))
    }

    /// Three nodes with clocks of their own race for the task; the store is one row.
    @Test func `at most one node works on a task at any time`() {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(200) {
            let rates = (0..<3).map { _ in Double.random(in: 0.9...1.1, using: &random) }
            func clock(_ real: Int64, _ node: Int) -> BootTime {
                BootTime(microseconds: 9_000_000 + Int64(Double(real) * rates[node]))
            }
            var nodes = (1...3).map { ClusterTasks(node: ClusterOrganisation.name($0)) }
            var row: TaskRow?
            var real: Int64 = 0
            for _ in 0..<300 {
                let place = Int.random(in: 0..<3, using: &random)
                let sent = clock(real, place)
                real += Int64.random(in: 1_000...600_000, using: &random)
                guard Int.random(in: 0..<4, using: &random) > 0 else { continue }
                // The heartbeat renews what the node has, and returns the row.
                if let held = row, nodes[place].owned(at: sent).contains(.watch),
                    nodes[place].term(of: .watch, at: sent) == held.term
                {
                    row = TaskRow(
                        task: .watch, node: held.node, term: held.term, beat: held.beat + 1)
                }
                let rows = row.map { [$0] } ?? []
                let actions = nodes[place].look(at: rows, sent: sent, clock(real, place))
                for case .take(.watch, let seen) in actions {
                    let name = ClusterOrganisation.name(place + 1)
                    let asked = clock(real, place)
                    let next: TaskRow?
                    if let held = row {
                        next = held.taken(by: name, seen: seen)
                    } else {
                        next = TaskRow(task: .watch, node: name, term: 1, beat: 0)
                    }
                    guard let taken = next else { continue }
                    row = taken
                    _ = nodes[place].take(taken, sent: asked, clock(real, place))
                }
                let working = (0..<3).filter {
                    nodes[$0].term(of: .watch, at: clock(real, $0)) != nil
                }
                #expect(working.count <= 1)
            }
        }
    }

    // MARK: States

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
