import InterlockCluster
import InterlockModel

/// The task `watch` at one node: whether the node has it, and which nodes it expels.
///
/// A renewal is a call of its own before each heartbeat. The time of the last one that succeeded counts, so that a node
/// whose heartbeats alone get through stops before another one takes the task.
struct WatchTask: Sendable {
    private let name: NodeName
    private let settings: LeaseSettings
    private var tasks: ClusterTasks
    private var detector: SilentNodeDetector
    private var beat: Int64 = 0
    private var isTaking = false
    /// The time of sending of the last renewal that succeeded.
    private var renewed: BootTime?
    /// The nodes whose expulsion has no answer yet.
    private var expelling: Set<NodeName> = []

    init(_ name: NodeName, _ settings: LeaseSettings) {
        self.name = name
        self.settings = settings
        tasks = ClusterTasks(node: name)
        detector = SilentNodeDetector(settings)
    }

    mutating func expire(at now: BootTime) { follow(tasks.expire(at: now)) }

    /// The renewal that goes before a heartbeat.
    mutating func renew(in incarnation: Incarnation, at now: BootTime) -> [NodeEffect] {
        guard let term = tasks.term(of: .watch, at: now) else { return [] }
        beat += 1
        return [.keep(term: term, beat: beat, incarnation)]
    }

    mutating func kept(term: Int64, _ isKept: Bool, sent: BootTime, at now: BootTime) {
        guard isKept, tasks.term(of: .watch, at: now) == term else { return }
        renewed = max(renewed ?? sent, sent)
    }

    mutating func taken(_ row: TaskRow?, sent: BootTime, at now: BootTime) {
        isTaking = false
        guard let row else { return }
        renewed = sent
        follow(tasks.take(row, sent: sent, now))
    }

    /// The answer to a heartbeat: the task is taken from a holder that does not renew it, and nodes that are silent are
    /// expelled by the holder.
    mutating func look(
        at answer: HeartbeatAnswer, in incarnation: Incarnation, sent: BootTime, _ now: BootTime
    ) -> [NodeEffect] {
        var effects: [NodeEffect] = []
        let actions = tasks.look(at: answer.tasks, sent: min(sent, renewed ?? sent), now)
        follow(actions)
        for case .take(.watch, _) in actions where !isTaking {
            isTaking = true
            beat += 1
            let row = answer.tasks.first { $0.task == .watch }
            effects.append(.take(after: row, beat: beat, incarnation))
        }
        guard let rows = answer.watched, let term = tasks.term(of: .watch, at: now) else {
            return effects
        }
        for silent in detector.look(at: rows, now)
        where silent.node != name && expelling.insert(silent.node).inserted {
            effects.append(.expel(silent, term: term, incarnation))
        }
        return effects
    }

    mutating func expelled(_ node: NodeName) { expelling.remove(node) }

    private mutating func follow(_ actions: [ClusterTasks.Action]) {
        for case .stop(.watch) in actions {
            renewed = nil
            detector = SilentNodeDetector(settings)
        }
    }
}
