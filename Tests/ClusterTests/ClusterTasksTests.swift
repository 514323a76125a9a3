import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Which node does the work that one does for all.
@Suite struct ClusterTasksTests {
    private func time(_ seconds: Double) -> BootTime {
        BootTime(microseconds: 1_000_000_000 + Int64(seconds * 1_000_000))
    }

    private func task(_ node: Int, term: Int64, beat: Int64) -> TaskRow {
        TaskRow(task: .watch, node: ClusterOrganisation.name(node), term: term, beat: beat)
    }

    /// The actions about the task `watch` alone.
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
}
