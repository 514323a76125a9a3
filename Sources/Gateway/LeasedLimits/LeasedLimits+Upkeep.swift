package import InterlockCluster
package import InterlockLimits
package import InterlockModel
import Synchronization

/// The calls of the owner: the node that sends heartbeats and follows the chain.
extension LeasedLimits {
    /// Ends leases a second early, reports uses, and refuses calls that have waited too long. Called at least every half
    /// second.
    package func tick() { handle([.tick]) }

    /// Asks for units of these limits if the node holds none: the head of a request was read, and its body was not.
    package func identify(_ agent: AgentName, _ demands: [LimitDemand]) {
        handle([.identify(agent, demands)])
    }

    /// Takes the answer to a heartbeat: half of the unused units of starved limits is returned, and after a new generation
    /// all leases are put back.
    package func take(_ heartbeat: UnitHeartbeat) { handle([.heartbeat(heartbeat)]) }

    /// The limits that the next heartbeat names.
    package var starved: Set<UnitKey> {
        let now = clock.now
        return state.withLock { $0.node.starved(at: now) }
    }

    /// While the store is silent, calls that the units at hand do not cover are refused at once.
    package func note(storeIsReachable isReachable: Bool) {
        handle([.store(isReachable: isReachable)])
    }

    /// While the wall clock is off, no unit is taken or used.
    package func note(clockIsWithinBound isWithinBound: Bool) {
        handle([.clock(isWithinBound: isWithinBound)])
    }

    /// The incarnation has ended: no unit of it is used any more.
    package func noteExpelled() { handle([.expelled]) }

    /// Begins the next incarnation. The leases of the one before are the store's; the units that it used still count.
    package func begin(_ incarnation: Incarnation) {
        let now = clock.now
        let work = state.withLock { state in
            let work = state.handle([.expelled], at: now)
            state.queue.removeAll()
            state.node = state.node.following(incarnation)
            return work
        }
        perform(work)
    }

    /// The units that this incarnation used of leases whose window has not passed, for the settlement of its leases.
    package var logged: [LoggedUnits] { state.withLock { $0.node.logged } }

    /// True if the store has all uses, and no request for units is on its way.
    var isSettled: Bool { state.withLock { $0.node.isSettled } }

    /// Ends all leases, and waits until the store has what was used of them, so that other nodes get the rest at once. No
    /// call is sent from here on.
    ///
    /// - Parameter limit: the time after which leases that the store did not take end by themselves.
    package func close(within limit: Duration = EscrowTimes.deadline) async {
        handle([.stop])
        let wall = ContinuousClock()
        let end = wall.now + limit
        while !isSettled, wall.now < end {
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { return }
            tick()
        }
    }
}
