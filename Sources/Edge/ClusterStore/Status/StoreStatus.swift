package import InterlockCluster

/// The state of the store and its nodes as one login reads it. It permits nothing: a deposed primary answers it too.
package struct StoreStatus: Hashable, Sendable {
    /// One row of the table of nodes.
    package struct Node: Hashable, Sendable {
        package enum State: String, Sendable {
            /// Admitted, and never started.
            case new
            case live
            /// Expelled, and not started again.
            case gone
            case retired
        }

        package let name: NodeName
        package let state: State
        /// 0 before the first start.
        package let incarnation: Int64
        /// A number that the node raises with each heartbeat.
        package let beat: Int64
        /// The number of the newest entry that it has applied; -1 before the first one.
        package let applied: Int64
        /// The version of the functions that it calls.
        package let version: Int
        /// True if it has sent a heartbeat in the generation of the status.
        package let hasBeaten: Bool
        /// True if it has put back its leases and runs in that generation.
        package let hasPutBack: Bool
        /// True if the chain has the entry that it has applied.
        package let isInChain: Bool
    }

    /// The number of the newest step of the schema.
    package let steps: Int
    /// The oldest version of the functions that may be used; nil before there is a first entry.
    package let oldestVersion: Int?
    package let generation: String
    /// True if the heads of all live nodes were compared in the generation, so that the store appends entries.
    package let isOpen: Bool
    /// True if the first entry of the chain asks for a synchronous standby; nil before there is one.
    package let needsStandby: Bool?
    /// The reason why every function of the store would refuse this session, or nil.
    package let fault: String?
    /// The number of the newest entry; nil before there is a first one.
    package let head: Int64?
    /// Sorted by name.
    package let nodes: [Node]
}
