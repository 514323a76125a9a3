import InterlockCluster
import InterlockModel
import InterlockPorts

/// The work that follows from events and is done without the lock.
struct RunWork {
    /// The requests and results that stop waiting, with their answers.
    var decisions: [(request: CheckedContinuation<PlaceDecision, Never>, PlaceDecision)] = []
    var commits: [(result: CheckedContinuation<Bool, Never>, Bool)] = []
    var claims: [RunClaim] = []
    /// The changes for which something waits.
    var changes: [RunChange] = []
    /// The runs that the memory has to take, with the terms of their assignments.
    var attachments: [(attachment: RunAttachment, term: Int64)] = []
    /// The runs that this node has lost.
    var lost: [RunID] = []
    /// The tasks that are to be started for the queue.
    var writers = 0

    mutating func append(_ other: RunWork) {
        decisions += other.decisions
        commits += other.commits
        claims += other.claims
        changes += other.changes
        attachments += other.attachments
        lost += other.lost
        writers += other.writers
    }
}

/// The changes for which nothing waits: runs that are freed or put back, of which there may be thousands at once.
struct RunQueue {
    /// The most of them at once, so that claims find a connection.
    private static let mostWriters = 2

    private var changes: [RunChange] = []
    private var next = 0
    private var writers = 0

    /// Returns true if the change belongs here.
    func takes(_ change: RunChange) -> Bool {
        switch change.kind {
        case .free, .putBack: true
        case .level, .calls: false
        }
    }

    mutating func add(_ change: RunChange) { changes.append(change) }

    /// Drops all changes that are not on their way.
    mutating func removeAll() {
        changes = []
        next = 0
    }

    /// The number of tasks that are to be started.
    mutating func staff() -> Int {
        let new = max(0, min(changes.count - next, Self.mostWriters) - writers)
        writers += new
        return new
    }

    /// The next change; nil if there is none, and then the task that asks has ended.
    mutating func nextChange() -> RunChange? {
        guard next < changes.count else {
            removeAll()
            writers -= 1
            return nil
        }
        defer { next += 1 }
        return changes[next]
    }
}
