import InterlockCluster
import InterlockClusterStore

/// Several readings of the store, one after the other. The store has no time of a heartbeat, so a node is seen to live by a
/// beat that changes between two of them.
struct ClusterObservation {
    /// The heartbeats of a node at one reading.
    private struct Beat: Equatable {
        let incarnation: Int64
        let number: Int64
    }

    /// A live node for which a closed generation waits, and its reason.
    struct Wait: Equatable {
        let node: NodeName
        let reason: String
    }

    /// The number of steps that this program has.
    private let steps: Int
    private let first: StoreStatus
    private(set) var last: StoreStatus
    /// The time since the first reading.
    private(set) var elapsed: Duration = .zero
    private var beats: [NodeName: Beat] = [:]
    private var changes: [NodeName: Duration] = [:]

    init(_ first: StoreStatus, steps: Int) {
        (self.steps, self.first, last) = (steps, first, first)
        for node in first.nodes { beats[node.name] = Self.beat(of: node) }
    }

    /// Adds a reading.
    ///
    /// - Parameter elapsed: the time since the first one.
    mutating func add(_ status: StoreStatus, after elapsed: Duration) {
        (last, self.elapsed) = (status, elapsed)
        for node in status.nodes {
            let beat = Self.beat(of: node)
            if let before = beats.updateValue(beat, forKey: node.name), before != beat {
                changes[node.name] = elapsed
            }
        }
    }

    /// The time since the last beat of a node was seen to change; nil if it was not.
    func age(of node: NodeName) -> Duration? { changes[node].map { elapsed - $0 } }

    /// The number of entries that a node has not applied.
    func lag(of node: StoreStatus.Node) -> Int64 { max(0, (last.head ?? -1) - node.applied) }

    /// The longest time to read: two heartbeats of the slowest pace, which is one in nodes / 500 seconds.
    var window: Duration { max(.seconds(2), .milliseconds(last.nodes.count * 4 + 500)) }

    /// True once another reading would say nothing better, or the time is over.
    var isOver: Bool {
        elapsed >= window
            || problems.isEmpty || live.isEmpty
    }

    /// The nodes for which a closed generation waits.
    var waits: [Wait] {
        guard !last.isOpen else { return [] }
        return live.compactMap { node in
            Self.reason(node).map { Wait(node: node.name, reason: $0) }
        }
    }

    /// The reason why a closed generation waits for a node; nil if it does not.
    private static func reason(_ node: StoreStatus.Node) -> String? {
        if !node.hasBeaten { return "no heartbeat yet" }
        if !node.isInChain { return "has an entry that the chain lacks" }
        return node.hasPutBack ? nil : "has not put back its leases and runs"
    }

    /// The parts that are not well, each as one line.
    var problems: [String] { storeProblems + last.nodes.compactMap(problem) }

    private var storeProblems: [String] {
        var problems: [String] = []
        if last.steps < steps {
            problems.append(
                "the schema has \(last.steps) of \(steps) steps: run `interlock cluster migrate`")
        }
        if last.steps > steps {
            problems.append(
                "the schema has \(last.steps) steps, and this version knows \(steps): run a newer one"
            )
        }
        if let fault = last.fault { problems.append("the store refuses all calls: \(fault)") }
        if last.head == nil { return problems + ["the chain has no first entry"] }
        if !last.isOpen { problems.append("the generation is closed: \(closedReason)") }
        return problems
    }

    private var closedReason: String {
        if live.isEmpty { return "no node is live" }
        let nodes = waits.map { "\($0.node) (\($0.reason))" }
        return "it waits for "
            + (nodes.isEmpty ? "a node to open it" : nodes.joined(separator: ", "))
    }

    private func problem(of node: StoreStatus.Node) -> String? {
        switch node.state {
        case .retired: nil
        case .new: "node \(node.name) has never started"
        case .gone: "node \(node.name) was expelled, and has not started again"
        case .live:
            if changes[node.name] == nil {
                "node \(node.name) is silent"
            } else if node.applied < first.head ?? -1 {
                "node \(node.name) has applied up to entry \(node.applied) of \(last.head ?? 0)"
            } else {
                nil
            }
        }
    }

    private var live: [StoreStatus.Node] { last.nodes.filter { $0.state == .live } }

    private static func beat(of node: StoreStatus.Node) -> Beat {
        Beat(incarnation: node.incarnation, number: node.beat)
    }
}
