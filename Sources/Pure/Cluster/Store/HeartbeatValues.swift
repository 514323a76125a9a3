package import InterlockJSON
package import InterlockModel

/// The transaction of the store up to which a node has seen the changes of requests.
package struct ChangeHorizon: Hashable, Sendable {
    package let transaction: UInt64

    package init(_ transaction: UInt64) { self.transaction = transaction }

    /// The horizon of a start and of a new generation: all that is open comes.
    package static let start = ChangeHorizon(0)
}

/// A heartbeat of a node.
package struct StoreHeartbeat: Hashable, Sendable {
    package let incarnation: Incarnation
    /// A number that the node has not sent before.
    package let beat: Int64
    /// The newest entry that the node has verified and applied.
    package let applied: ChainHead
    /// The horizon of the answer before.
    package let horizon: ChangeHorizon
    /// The limits of which the node lacks units.
    package let starved: Set<UnitKey>

    package init(
        incarnation: Incarnation, beat: Int64, applied: ChainHead, horizon: ChangeHorizon = .start,
        starved: Set<UnitKey> = []
    ) {
        self.incarnation = incarnation
        self.beat = beat
        self.applied = applied
        self.horizon = horizon
        self.starved = starved
    }
}

/// The answer to a heartbeat, from a commit.
package struct HeartbeatAnswer: Hashable, Sendable {
    package let head: ChainHead
    package let generation: StoreGeneration
    /// False while heads are being compared: the answer renews no lease then.
    package let isOpen: Bool
    /// The time of the store.
    package let at: Timestamp
    /// The horizon of the next heartbeat. An answer has about 1,000 changes at most; the rest come with the next ones.
    package let horizon: ChangeHorizon
    /// False if the organisation runs without a synchronous standby.
    package let hasStandby: Bool
    /// False if this node has to put back its leases in this generation.
    package let isRestored: Bool
    /// The rows of the nodes that are not retired, for the holder of the task `watch` alone.
    package let nodes: [NodeRow]?
    /// The tasks that a node has taken. A task of a later version is left out: it is not for this node.
    package let tasks: [TaskRow]
    /// The requests that changed since the horizon.
    package let requests: [RequestChange]
    /// The rows that people have not decided and that changed since the horizon.
    package let undecided: [UndecidedChange]
    /// The limits of which other nodes lack units and of which this node has some.
    package let starved: Set<UnitKey>
    /// The rows of nodes, tasks and changes that cannot be read. Each is void and raises an alert; any node can write such a row,
    /// so it must not keep the others from their heartbeats.
    package let faults: [StoreRowFault]

    package init(
        head: ChainHead, generation: StoreGeneration, isOpen: Bool, at: Timestamp,
        horizon: ChangeHorizon, hasStandby: Bool, isRestored: Bool, nodes: [NodeRow]?,
        tasks: [TaskRow], requests: [RequestChange], undecided: [UndecidedChange],
        starved: Set<UnitKey>, faults: [StoreRowFault]
    ) {
        self.head = head
        self.generation = generation
        self.isOpen = isOpen
        self.at = at
        self.horizon = horizon
        self.hasStandby = hasStandby
        self.isRestored = isRestored
        self.nodes = nodes
        self.tasks = tasks
        self.requests = requests
        self.undecided = undecided
        self.starved = starved
        self.faults = faults
    }

    /// The part that concerns limits.
    package var units: UnitHeartbeat {
        UnitHeartbeat(generation: generation, isRestored: isRestored, starved: starved)
    }

    /// The rows that `SilentNodeDetector` looks at.
    package var watched: [SilentNodeDetector.Row]? { nodes.map { $0.compactMap(\.watched) } }
}

/// A node as the store has it.
package struct NodeRow: Hashable, Sendable {
    package enum Status: String, Sendable, CaseIterable {
        /// The node was admitted and has never started.
        case new
        case live
        /// Its last incarnation was expelled.
        case gone
    }

    package let node: NodeName
    package let status: Status
    /// Is nil before the first start.
    package let incarnation: Incarnation?
    package let beat: Int64
    /// The number of the newest entry that it has applied; nil before its first heartbeat.
    package let applied: Int64?
    /// The version of the functions that it calls; 0 before the first start.
    package let version: Int64

    package init(
        node: NodeName, status: Status, incarnation: Incarnation?, beat: Int64, applied: Int64?,
        version: Int64
    ) {
        self.node = node
        self.status = status
        self.incarnation = incarnation
        self.beat = beat
        self.applied = applied
        self.version = version
    }

    /// Is nil for a node that cannot be silent yet.
    package var watched: SilentNodeDetector.Row? {
        incarnation.map {
            SilentNodeDetector.Row(
                node: node, incarnation: $0, beat: beat, isGone: status != .live)
        }
    }
}

/// A request that changed.
package struct RequestChange: Hashable, Sendable {
    package let request: RequestVersion
    package let status: RequestStatus

    package init(request: RequestVersion, status: RequestStatus) {
        self.request = request
        self.status = status
    }
}

/// A row that waits for signatures of people and changed.
package struct UndecidedChange: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case elevation, enrolment, role, revision
    }
    package enum Status: String, Sendable, CaseIterable {
        case waiting, complete, ended
    }

    package let kind: Kind
    package let id: ExactText
    package let version: Int64
    package let status: Status

    package init(kind: Kind, id: ExactText, version: Int64, status: Status) {
        self.kind = kind
        self.id = id
        self.version = version
        self.status = status
    }
}
