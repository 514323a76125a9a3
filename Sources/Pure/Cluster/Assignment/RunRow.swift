package import InterlockModel

/// The run as the store has it: which node serves it, and what another one keeps if that node is lost
/// (docs/specs/cluster.md, section 4).
package struct RunRow: Sendable, Hashable {
    package internal(set) var node: NodeName
    package internal(set) var incarnation: Incarnation
    /// Rises with each claim. A change that names an older one is late, and changes nothing.
    package internal(set) var term: Int64
    /// The node in whose log the run began.
    package let home: NodeName
    package let agent: AgentName
    package internal(set) var level = TaintLevel.clean
    /// The calls that the assigned node may count before it raises the number: not below those that it made.
    package internal(set) var calls: Int64 = 0
    package internal(set) var isFree = false
    package internal(set) var isEnded = false
    /// The number of the claim by which the node has it, and what the claim was answered.
    var claim: Int64 = 0
    var assignment: RunAssignment?
    /// The generation in which the row was written last.
    var written: StoreGeneration?
}

/// The request of a node to serve a run.
package struct RunClaim: Sendable, Hashable {
    package let run: RunID
    package let agent: AgentName
    package let node: NodeName
    package let incarnation: Incarnation
    /// Tells the claims of one incarnation apart; a later one has a higher number.
    package let number: Int64

    package init(
        run: RunID, agent: AgentName, node: NodeName, incarnation: Incarnation, number: Int64
    ) {
        self.run = run
        self.agent = agent
        self.node = node
        self.incarnation = incarnation
        self.number = number
    }
}

/// The state from which a node serves a run that it was assigned.
package struct RunAssignment: Sendable, Hashable {
    package enum Origin: Sendable, Hashable {
        case new
        /// The node before had freed the run.
        case freed(NodeName)
        /// The node before was lost. The level is at least `untrusted`.
        case lost(NodeName)
        /// The node had the run already, by a claim whose answer it may have missed.
        case again
    }

    package let term: Int64
    package let home: NodeName
    package let origin: Origin
    package let level: TaintLevel
    /// The calls that the run has made, rounded up.
    package let calls: Int64
    /// The calls that the node may count before it raises the number at the store.
    package let reserved: Int64

    package init(
        term: Int64, home: NodeName, origin: Origin, level: TaintLevel, calls: Int64,
        reserved: Int64
    ) {
        self.term = term
        self.home = home
        self.origin = origin
        self.level = level
        self.calls = calls
        self.reserved = reserved
    }

    /// True if the loop breaker starts anew, and the values of earlier results are unknown (docs/specs/output-safety.md,
    /// section 7): only another node had them.
    package var hasLostMemory: Bool { origin != .new }
}

package enum ClaimAnswer: Sendable, Hashable {
    case assigned(RunAssignment)
    /// Another node serves the run.
    case serves(NodeName)
    case ended
}

/// A change of a run by its assigned node. It counts for the term that it names alone.
package struct RunChange: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// The run is not used: the next message may move it.
        case free(calls: Int64)
        /// `run.level`: the level rises to this one; it never falls.
        case level(TaintLevel)
        /// The calls that may be counted rise to this number.
        case calls(Int64)
        /// The node serves the run, or has freed it: what a new generation of the store may have lost.
        case putBack(RunPutBack)
    }

    package let run: RunID
    package let node: NodeName
    package let incarnation: Incarnation
    package let term: Int64
    package let kind: Kind

    package init(
        run: RunID, node: NodeName, incarnation: Incarnation, term: Int64, kind: Kind
    ) {
        self.run = run
        self.node = node
        self.incarnation = incarnation
        self.term = term
        self.kind = kind
    }
}

/// A run as its node has it, for a store that may have lost the claim.
package struct RunPutBack: Sendable, Hashable {
    package let agent: AgentName
    package let home: NodeName
    package let level: TaintLevel
    package let calls: Int64
    /// The number of the claim by which the node got it.
    package let claim: Int64
    package let isFree: Bool

    package init(
        agent: AgentName, home: NodeName, level: TaintLevel, calls: Int64, claim: Int64,
        isFree: Bool
    ) {
        self.agent = agent
        self.home = home
        self.level = level
        self.calls = calls
        self.claim = claim
        self.isFree = isFree
    }
}

/// The reason why the store did not do what a node asked for. Nothing has changed then.
package enum RunTableRefusal: Error, Sendable, Hashable {
    /// The incarnation that asks was expelled, or has ended (`IL001`).
    case expelled
    /// Another claim came since, the run is free, or it has ended (`IL003`).
    case moved
    /// A number that no node sends.
    case unfit
    /// Not every node has put back its runs since the store's new generation (`IL004`).
    case closed
}

/// The times and sizes of assignment, as docs/specs/cluster.md, section 4, states them.
package enum AssignmentTimes {
    /// The time without a call, stream or request after which a run is free.
    package static let unused = Duration.seconds(60)
    /// The number of times that a node asks again after a peer that does not serve the run.
    package static let retries = 2
    /// The seconds of `Retry-After` with `run-moving`.
    package static let retryAfter = 1
    /// The calls by which the number at the store is rounded up.
    package static let calls: Int64 = 64
    /// The most runs of other nodes that a node remembers.
    package static let remembered = 100_000
    /// The most runs that a node has freed and would put back.
    package static let freed = 10_000
}
