package import InterlockLimits
package import InterlockModel

/// The node's side of limits on many nodes: which calls have their units, and what is asked of the store
/// (docs/specs/cluster.md, section 6). Event in, actions out; the clocks' readings come with each event.
///
/// Units of a call are reserved by `hold` and used by `send`. A call with an exact limit waits for one transaction; any
/// other one takes units that the node holds, and batches are asked for ahead.
///
/// INVARIANT: a call is sent only with units of leases that are not over by either clock, and the node alone uses at
/// most the limit's number in any window, whatever the store says. Kept by `EscrowNodeTests`, `EscrowPropertyTests`.
package struct EscrowNode: Sendable {
    package let node: NodeName
    package let incarnation: Incarnation
    let margins: EscrowMargins
    let start: ClockReading
    /// The units that calls of this node reserve and use.
    var own: LimitTable
    var accounts: [UnitKey: UnitAccount] = [:]
    /// The limits of `accounts` in the order of their first use, so that actions have an order.
    var order: [UnitKey] = []
    /// The calls that have units and are not sent, or wait for some.
    var calls: [CallID: EscrowCall] = [:]
    /// The calls that wait, the first first.
    var waiting: [CallID] = []
    var takes: [UnitLeaseID: PendingTake] = [:]
    var number: Int64 = 0
    /// The generation in the newest answer to a heartbeat.
    var generation: StoreGeneration?
    /// The leases that are still to be put back; nil if all are.
    var restoring: Set<UnitLeaseID>?
    var isReachable = true
    var isWithinBound = true
    var isExpelled = false
    var isStopped = false

    /// - Parameters:
    ///   - own: what the log of the node shows of its limits.
    ///   - logged: what earlier incarnations used in the last windows, for a store that lost it.
    package init(
        _ node: NodeName, _ incarnation: Incarnation, at now: ClockReading,
        own: LimitTable = LimitTable(), logged: [LoggedUnits] = [],
        margins: EscrowMargins = EscrowMargins()
    ) {
        self.node = node
        self.incarnation = incarnation
        self.own = own
        self.margins = margins
        start = now
        for units in logged where units.used > 0 {
            let id = nextID()
            withAccount(units.key) { account in
                account.recall(
                    HeldLease(
                        id: id, used: units.used, since: units.since, until: units.until,
                        latest: units.until))
            }
        }
    }

    package mutating func handle(
        _ event: EscrowEvent, at now: ClockReading
    ) -> [EscrowAction] {
        switch event {
        case .identify(let agent, let demands): return identify(agent, demands, at: now)
        case .hold(let hold): return self.hold(hold, at: now)
        case .send(let call): return send(call, at: now)
        case .giveBack(let call): return giveBack(call, at: now)
        case .taken(let id, let grant): return take(grant, for: id, at: now)
        case .takeFailed(let id): return fail(id, at: now)
        case .reported(let report):
            store(report)
            return []
        case .reportFailed(let report, let refusal): return fail(report, refusal, at: now)
        case .restored(let lease): return finish(lease)
        case .restoreFailed(let lease):
            change(lease.key, lease.report.id) { $0.asked = nil }
            return []
        case .heartbeat(let heartbeat): return take(heartbeat, at: now)
        case .store(let isReachable):
            self.isReachable = isReachable
            return []
        case .clock(let isWithinBound):
            self.isWithinBound = isWithinBound
            return []
        case .expelled: return expel()
        case .stop: return stop(at: now)
        case .overdue: return refuseOverdue(at: now)
        case .tick: return tick(at: now)
        }
    }

    /// The limits that the next heartbeat names.
    package func starved(at now: ClockReading) -> Set<UnitKey> {
        Set(
            order.filter { key in
                guard let until = accounts[key]?.starvedUntil else { return false }
                return now.boot < until
            })
    }

    /// True if calls may reserve and use units.
    package var isReady: Bool { isWithinBound && !isExpelled && !isStopped }

    /// True if the store has the newest sums of all leases, and no request is on its way.
    package var isSettled: Bool {
        takes.isEmpty && accounts.values.allSatisfy { $0.leases.allSatisfy { !$0.isUnreported } }
    }

    /// True if a call with this id has units or waits for some.
    package func knows(_ call: CallID) -> Bool { calls[call] != nil }

    /// The most units in a window of a limit, as the store is to have it; at least `units`.
    package func most(of key: UnitKey, atLeast units: Int64) -> Int64 {
        max(units, accounts[key]?.most ?? 0)
    }

    /// The incarnation that follows this one, after it has ended: what was used still counts, and nothing is held.
    package func following(_ next: Incarnation) -> EscrowNode {
        var own = own
        for call in calls.values { own.giveBack(call.demands, of: call.agent) }
        var node = EscrowNode(
            self.node, next, at: start, own: own, logged: logged, margins: margins)
        node.isReachable = isReachable
        node.isWithinBound = isWithinBound
        return node
    }

    /// The units that this incarnation used of leases whose window has not passed, for the one that follows it and for the
    /// settlement of its leases.
    package var logged: [LoggedUnits] {
        order.flatMap { key -> [LoggedUnits] in
            guard let account = accounts[key] else { return [] }
            return (account.ended + account.leases).filter { $0.used > 0 }.map {
                LoggedUnits(key: key, used: $0.used, since: $0.since, until: $0.until)
            }
        }
    }

    /// The time of the node's own windows: no step of its wall clock moves it.
    func time(_ now: ClockReading) -> Timestamp { start.wall + (now.boot - start.boot) }

    mutating func nextID() -> UnitLeaseID {
        number += 1
        return UnitLeaseID(node, incarnation, number)
    }

    /// Changes the account of a limit, which is made at its first use.
    @discardableResult
    mutating func withAccount<Value>(
        _ key: UnitKey, _ body: (inout UnitAccount) -> Value
    ) -> Value {
        if accounts[key] == nil { order.append(key) }
        return body(&accounts[key, default: UnitAccount(key)])
    }

    mutating func change(_ key: UnitKey, _ id: UnitLeaseID, _ body: (inout HeldLease) -> Void) {
        accounts[key]?.change(id, body)
    }
}

/// Units of a limit that an earlier incarnation of a node used.
package struct LoggedUnits: Sendable, Hashable {
    package let key: UnitKey
    package let used: Int64
    /// The span of their uses, by the node's wall clock.
    package let since: Timestamp
    package let until: Timestamp

    package init(key: UnitKey, used: Int64, since: Timestamp, until: Timestamp) {
        self.key = key
        self.used = used
        self.since = since
        self.until = until
    }
}

/// A call that needs units and is not sent.
struct EscrowCall: Sendable {
    /// The units of one demand.
    struct Part: Sendable {
        let key: UnitKey
        let demand: LimitDemand
        let sharing: UnitSharing
        var units: [(lease: UnitLeaseID, units: Int64)] = []
        var isHeld = false
        /// The lease that was asked for, of an exact limit.
        var asked: UnitLeaseID?
    }

    let call: CallID
    let agent: AgentName
    let demands: [LimitDemand]
    var parts: [Part]
    let began: BootTime

    var isComplete: Bool { parts.allSatisfy(\.isHeld) }

    init(_ hold: EscrowHold, at now: ClockReading) {
        call = hold.call
        agent = hold.agent
        demands = hold.demands.map(\.demand)
        began = now.boot
        parts = hold.demands.filter { $0.demand.amount > 0 }.map {
            Part(
                key: UnitKey(hold.agent, $0.demand.window), demand: $0.demand,
                sharing: $0.sharing)
        }
    }
}

/// A request to the store that has no answer yet.
struct PendingTake: Sendable {
    let take: UnitTake
    let sent: ClockReading
    /// The call of an exact lease; nil for a batch.
    let call: CallID?
}
