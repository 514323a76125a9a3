package import InterlockModel

/// The work that one node does for all (docs/specs/cluster.md, section 2).
package enum ClusterTask: String, Sendable, CaseIterable {
    /// Finds silent nodes.
    case watch
    case alerts, expiry, probes, drill
    case logOfLogs = "log-of-logs"
}

/// A row of the store's table of tasks. `term` rises by one with each node that takes the task, and each write of a task
/// carries it: the store refuses one of an earlier term.
package struct TaskRow: Hashable, Sendable {
    package let task: ClusterTask
    package let node: NodeName
    package let term: Int64
    /// Rises with each renewal.
    package let beat: Int64

    package init(task: ClusterTask, node: NodeName, term: Int64, beat: Int64) {
        self.task = task
        self.node = node
        self.term = term
        self.beat = beat
    }

    /// Returns the row after a node took the task, or nil if another node was faster: `seen` is not the term any more.
    package func taken(by next: NodeName, seen: Int64) -> TaskRow? {
        seen == term ? TaskRow(task: task, node: next, term: term + 1, beat: 0) : nil
    }

    /// Returns true if a write with this term may be made.
    package func accepts(_ written: Int64, by writer: NodeName) -> Bool {
        written == term && writer == node
    }
}

/// The tasks as one node sees them: which it has, until when, and which it should take over. Events in, actions out.
///
/// INVARIANT: a node does the work of a task for less than 3 s after it sent its last renewal that succeeded, so it has
/// stopped when another node takes over. Kept by `ClusterTasksTests`.
package struct ClusterTasks: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// The task is to be taken if its term is still `seen`; 0 if it has no row.
        case take(ClusterTask, seen: Int64)
        /// The work of the task begins: its writes carry the term.
        case begin(ClusterTask, term: Int64)
        case stop(ClusterTask)
    }

    private struct Observed: Hashable, Sendable {
        let row: TaskRow
        let since: BootTime
    }

    private struct Own: Hashable, Sendable {
        let term: Int64
        /// The time of sending of the last renewal that succeeded.
        let renewed: BootTime
    }

    /// The time after which a task that was not renewed is taken over.
    package static let takeover = Duration.seconds(3)
    private static let margin = Duration.seconds(1)

    package let node: NodeName
    private var seen: [ClusterTask: Observed] = [:]
    private var own: [ClusterTask: Own] = [:]

    package init(node: NodeName) { self.node = node }

    /// The rows of all tasks, as the answer to a heartbeat that was sent at `sent` has them.
    package mutating func look(at rows: [TaskRow], sent: BootTime, _ now: BootTime) -> [Action] {
        var actions = expire(at: now)
        for task in ClusterTask.allCases {
            guard let row = rows.first(where: { $0.task == task }) else {
                actions.append(.take(task, seen: 0))
                continue
            }
            if row.node != node || own[task]?.term != row.term {
                if own.removeValue(forKey: task) != nil { actions.append(.stop(task)) }
            } else if let before = own[task] {
                own[task] = Own(term: before.term, renewed: max(before.renewed, sent))
            }
            if let before = seen[task], before.row == row {
                guard own[task] == nil, now - before.since > Self.takeover else { continue }
                actions.append(.take(task, seen: row.term))
            } else {
                seen[task] = Observed(row: row, since: now)
            }
        }
        return actions
    }

    /// The store gave the task to this node.
    package mutating func take(_ row: TaskRow, sent: BootTime, _ now: BootTime) -> [Action] {
        guard row.node == node, now - sent < Self.takeover - Self.margin else { return [] }
        own[row.task] = Own(term: row.term, renewed: sent)
        seen[row.task] = Observed(row: row, since: now)
        return [.begin(row.task, term: row.term)]
    }

    /// Stops the tasks that could not be renewed in time.
    package mutating func expire(at now: BootTime) -> [Action] {
        var actions: [Action] = []
        for task in ClusterTask.allCases where own[task] != nil && term(of: task, at: now) == nil {
            own[task] = nil
            actions.append(.stop(task))
        }
        return actions
    }

    /// Returns the term of a task that this node may work on now; nil if it may not.
    package func term(of task: ClusterTask, at now: BootTime) -> Int64? {
        guard let held = own[task], held.renewed <= now,
            now - held.renewed < Self.takeover - Self.margin
        else { return nil }
        return held.term
    }

    /// The tasks of this node, whose beats the next heartbeat raises.
    package func owned(at now: BootTime) -> [ClusterTask] {
        ClusterTask.allCases.filter { term(of: $0, at: now) != nil }
    }
}
