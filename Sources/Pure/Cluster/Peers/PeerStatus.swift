package import InterlockModel

/// The messages of this node, and those that it got or refused.
package struct PeerCounts: Hashable, Sendable {
    /// Beats that were due while one was on its way: the newer one is sent next, the older never.
    package internal(set) var lostBeats: Int64 = 0
    package internal(set) var sent: Int64 = 0
    package internal(set) var failed: Int64 = 0
    package internal(set) var received: Int64 = 0
    package internal(set) var refused: [PeerRefusal: Int64] = [:]
}

/// The status of one other node, for pages and metrics.
package struct PeerStatus: Hashable, Sendable {
    package let name: NodeName
    package let isUp: Bool
    /// The time when it was last heard: a message of it, or an answer.
    package let heard: BootTime?
    package let head: ChainHead?
    /// The halts that it has not answered yet.
    package let waitingHalts: Int
}
