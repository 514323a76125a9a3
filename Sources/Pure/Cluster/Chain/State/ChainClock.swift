import InterlockModel

/// The time of the chain, by which credentials and deadlines in entries are judged. It follows from the entries alone: the
/// clock of a node that applies them has no part in it, or nodes would judge differently.
///
/// It is the latest time that two nodes have stated, or the only node of the cluster. So one node with a wrong clock, or
/// a hostile one, moves it neither forward nor back, and an entry that is backdated is judged by it.
package struct ChainClock: Sendable, Hashable {
    /// The latest time that each node stated.
    private(set) var stated: [NodeName: Timestamp] = [:]
    /// Never decreases. Is nil before the first statement.
    private(set) var time: Timestamp?

    package init() {}

    /// Returns the time by which an entry is judged: its own, or that of the chain if that is later.
    func judging(_ time: Timestamp) -> Timestamp { max(time, self.time ?? time) }

    /// - Parameter isAlone: true if the cluster has no other node.
    mutating func note(_ time: Timestamp, by node: NodeName, isAlone: Bool) {
        stated[node] = max(stated[node] ?? time, time)
        let newest = stated.values.sorted(by: >)
        guard isAlone || newest.count > 1 else { return }
        let known = isAlone ? newest[0] : newest[1]
        self.time = max(self.time ?? known, known)
    }

    /// Forgets the nodes that were retired.
    mutating func keep(_ isAdmitted: (NodeName) -> Bool) {
        stated = stated.filter { isAdmitted($0.key) }
    }
}
