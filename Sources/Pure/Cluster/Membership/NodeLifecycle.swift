package import InterlockModel

/// The states of one node in the cluster. Events in, actions out.
///
/// ```
/// starting -> joined -> draining -> drained -> closed
///     ^         |          |
///     +---------+----------+   expelled: a new incarnation
/// ```
package struct NodeLifecycle: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        /// The node has no incarnation yet: it asks the store for the next one.
        case starting
        /// The node serves, as far as its lease permits.
        case joined(Incarnation)
        /// The node takes no new run and hands its runs over until the time.
        case draining(Incarnation, until: BootTime)
        /// No run is left. The log is being closed if the node is retired.
        case drained(Incarnation)
        /// The node has left; it was retired, or its process ends.
        case closed
    }

    package enum Event: Hashable, Sendable {
        /// The store gave the node its next incarnation.
        case started(Incarnation)
        /// The store or an entry says that this incarnation is expelled.
        case expelled(Incarnation)
        /// An operator, a full disk, a dead signer or a revision that cannot be loaded asks the node to drain.
        case drain(within: Duration)
        /// The number of runs that the node is still assigned to.
        case runs(Int)
        /// An entry says that people retired the node.
        case retired
        /// Time has passed.
        case tick
    }

    package enum Action: Hashable, Sendable {
        /// The lease ends, nothing more is sent, and a new incarnation is asked for.
        case startAgain
        /// The lease ends, and calls in flight are ended as `unknown`.
        case endLease
        case refuseNewRuns
        /// The runs that are left are freed without waiting any longer.
        case freeRuns
        case closeLog
    }

    package private(set) var status = Status.starting

    package init() {}

    /// The incarnation in which the node acts; nil if it does not act.
    package var incarnation: Incarnation? {
        switch status {
        case .joined(let incarnation), .draining(let incarnation, _): incarnation
        case .starting, .drained, .closed: nil
        }
    }

    /// True if the node may be assigned to a run that no node has.
    package var takesRuns: Bool {
        if case .joined = status { true } else { false }
    }

    package mutating func handle(_ event: Event, at now: BootTime) -> [Action] {
        switch (event, status) {
        case (.started(let incarnation), .starting):
            status = .joined(incarnation)
            return []
        case (.expelled(let gone), .joined(let own)), (.expelled(let gone), .drained(let own)),
            (.expelled(let gone), .draining(let own, _)):
            guard gone >= own else { return [] }
            status = .starting
            return [.endLease, .startAgain]
        case (.drain(let time), .joined(let incarnation)):
            status = .draining(incarnation, until: now + time)
            return [.refuseNewRuns]
        case (.runs(0), .draining(let incarnation, _)):
            status = .drained(incarnation)
            return [.endLease]
        case (.tick, .draining(let incarnation, let end)) where now >= end:
            status = .drained(incarnation)
            return [.freeRuns, .endLease]
        case (.retired, .closed): return []
        case (.retired, _):
            status = .closed
            return [.endLease, .closeLog]
        case (.started, _), (.expelled, _), (.drain, _), (.runs, _), (.tick, _): return []
        }
    }
}
