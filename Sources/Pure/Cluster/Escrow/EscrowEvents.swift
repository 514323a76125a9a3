package import InterlockLimits
package import InterlockModel

/// The units of one limit that a call takes, and the size of the lease that they come from.
package struct EscrowDemand: Sendable, Hashable {
    package let demand: LimitDemand
    package let sharing: UnitSharing

    package init(_ demand: LimitDemand, _ sharing: UnitSharing) {
        self.demand = demand
        self.sharing = sharing
    }
}

/// A call that needs units before its intent is written.
package struct EscrowHold: Sendable, Hashable {
    package let call: CallID
    package let agent: AgentName
    package let demands: [EscrowDemand]
    /// The end of the call's deadline, or of the request that people decide. Exact leases last until then.
    package let end: BootTime

    package init(call: CallID, agent: AgentName, demands: [EscrowDemand], end: BootTime) {
        self.call = call
        self.agent = agent
        self.demands = demands
        self.end = end
    }
}

/// An event of a node's escrow. Each happens at a reading of the node's clocks.
package enum EscrowEvent: Sendable {
    /// An agent's head was read: units of these limits are asked for if none are held, and no call waits for them.
    case identify(AgentName, [LimitDemand])
    /// A call needs its units, all of them or none. A second one with the same id changes nothing.
    case hold(EscrowHold)
    /// A call is about to be sent: from here on its units are used.
    case send(CallID)
    /// A call will not be sent.
    case giveBack(CallID)
    /// The store's answers.
    case taken(UnitLeaseID, UnitGrant)
    /// The outcome of a transaction is unknown, or the store refused it.
    case takeFailed(UnitLeaseID)
    case reported(UnitReport)
    case reportFailed(UnitReport, EscrowRefusal?)
    /// A lease that was put back is in the store.
    case restored(UnitPutBack)
    case restoreFailed(UnitPutBack)
    case heartbeat(UnitHeartbeat)
    /// The store answers within its deadline, or does not.
    case store(isReachable: Bool)
    /// The node's wall clock is within the bound, so that the node may be ready, or is not.
    case clock(isWithinBound: Bool)
    /// The node learned that its incarnation has ended. Nothing that it holds may be used.
    case expelled
    /// The node stops: no call is sent any more, and all leases end, so that other nodes get what is unused.
    case stop
    /// Refuses the calls that have waited too long; `tick` does so too.
    case overdue
    /// Called at least every half second.
    case tick
}

/// The work that follows from an event.
package enum EscrowAction: Sendable, Hashable {
    case take(UnitTake)
    case report(UnitReport)
    case putBack(UnitPutBack)
    /// All leases are put back: the store may open this generation as far as this node is concerned.
    case finishRestoring(StoreGeneration)
    /// The call has its units.
    case admit(CallID)
    /// The call may be sent now; its units are counted.
    case send(CallID)
    /// The call is refused, and nothing of it is reserved any more.
    case refuse(CallID, UnitShortfall)
}

/// The reason why a call has no units.
package enum UnitShortfall: Error, Sendable, Hashable {
    /// The limit is used up (4290).
    case exceeded(LimitExceeded)
    /// Other nodes hold the units that are left (4290 `lease-wait`).
    case leaseWait(LimitDemand)
    /// The store did not answer, and the units held do not suffice (4030 `store-unavailable`).
    case storeUnavailable
    /// The lease of the units ended before the call was sent (4290 `lease-wait`).
    case leaseEnded
    /// The node may use no units: its clock is off, it stops, or its incarnation has ended (4030 `store-unavailable`).
    case notReady
    /// The call has no units here, or demands that no policy makes.
    case unfit
}
