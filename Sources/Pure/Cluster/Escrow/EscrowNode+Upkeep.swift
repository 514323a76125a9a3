import InterlockModel

/// The upkeep of a node: leases end, uses are reported, others get what they lack, and a new generation
/// of the store gets back what it may have lost.
extension EscrowNode {
    mutating func tick(at now: ClockReading) -> [EscrowAction] {
        var actions = refuseOverdue(at: now)
        for key in order {
            withAccount(key) { account in
                for place in account.leases.indices
                where !account.leases[place].isUsable(at: now) {
                    account.leases[place].isEnded = true
                }
                account.sweep(at: now)
            }
            actions += report(key, at: now)
            if accounts[key]?.hasManyEnded == true {
                let id = nextID()
                withAccount(key) { $0.fold(as: id) }
            }
            if accounts[key]?.isIdle == true { accounts[key] = nil }
        }
        let left = accounts
        order.removeAll { left[$0] == nil }
        return actions
    }

    mutating func refuseOverdue(at now: ClockReading) -> [EscrowAction] {
        var actions: [EscrowAction] = []
        for id in waiting { actions += refuseIfLate(id, at: now) }
        return actions
    }

    /// Refuses a call that has waited too long: 100 ms for a batch, and the deadline of the store for its own lease.
    private mutating func refuseIfLate(_ id: CallID, at now: ClockReading) -> [EscrowAction] {
        guard let call = calls[id] else { return [] }
        for part in call.parts where !part.isHeld {
            switch part.sharing {
            case .rate where now.boot - call.began >= EscrowTimes.wait:
                let demand = part.demand
                withAccount(part.key) { $0.starve(at: now) }
                return refuse(id, .leaseWait(demand))
            case .exact where now.boot - call.began >= EscrowTimes.deadline:
                return refuse(id, .storeUnavailable)
            case .rate, .exact: continue
            }
        }
        return []
    }

    /// Reports the leases whose newest sums the store does not have. A report without an answer is repeated.
    private mutating func report(_ key: UnitKey, at now: ClockReading) -> [EscrowAction] {
        guard isWithinBound, !isExpelled else { return [] }
        var actions: [EscrowAction] = []
        for lease in accounts[key]?.leases ?? [] where lease.isUnreported && !lease.waits(at: now) {
            change(key, lease.id) { $0.asked = now.boot }
            actions.append(.report(lease.report(at: now)))
        }
        return actions
    }

    /// Ends all leases. Requests on their way are given up, and what they bring is returned.
    mutating func stop(at now: ClockReading) -> [EscrowAction] {
        isStopped = true
        var actions: [EscrowAction] = []
        for id in takes.keys.sorted() { actions += fail(id, at: now) }
        for id in waiting { actions += refuse(id, .notReady) }
        for key in order {
            withAccount(key) { account in
                for place in account.leases.indices { account.leases[place].isEnded = true }
            }
            actions += report(key, at: now)
        }
        return actions
    }

    mutating func take(_ heartbeat: UnitHeartbeat, at now: ClockReading) -> [EscrowAction] {
        var actions: [EscrowAction] = []
        if heartbeat.isRestored {
            restoring = nil
        } else if restoring == nil || heartbeat.generation != generation {
            actions += beginRestoring(at: now)
        } else {
            actions += repeatRestoring(at: now)
        }
        generation = heartbeat.generation
        if let left = restoring, left.isEmpty {
            actions.append(.finishRestoring(heartbeat.generation))
        }
        for key in order where heartbeat.starved.contains(key) {
            let changed = withAccount(key) { $0.returnHalf(at: now) }
            guard !changed.isEmpty else { continue }
            actions += report(key, at: now)
        }
        return actions
    }

    /// Puts back all leases that count: the store may have lost any of them. One that was granted before, and whose
    /// answer comes only now, would be lost and used: requests on their way are given up.
    private mutating func beginRestoring(at now: ClockReading) -> [EscrowAction] {
        var actions: [EscrowAction] = []
        for id in takes.keys.sorted() { actions += fail(id, at: now) }
        restoring = []
        for key in order {
            for lease in accounts[key]?.leasesToPutBack ?? [] {
                restoring?.insert(lease.id)
                withAccount(key) { $0.changeAny(lease.id) { $0.asked = nil } }
            }
        }
        return actions + repeatRestoring(at: now)
    }

    private mutating func repeatRestoring(at now: ClockReading) -> [EscrowAction] {
        var actions: [EscrowAction] = []
        for key in order {
            for lease in accounts[key]?.leasesToPutBack ?? []
            where restoring?.contains(lease.id) == true && !lease.waits(at: now) {
                withAccount(key) { $0.changeAny(lease.id) { $0.asked = now.boot } }
                actions.append(.putBack(lease.putBack(of: key, at: now)))
            }
        }
        return actions
    }

    /// Takes that the store has a lease again. The last one ends the restoring.
    mutating func finish(_ lease: UnitPutBack) -> [EscrowAction] {
        withAccount(lease.key) { $0.changeAny(lease.report.id) { $0.store(lease.report) } }
        guard restoring?.remove(lease.report.id) != nil, restoring?.isEmpty == true,
            let generation
        else { return [] }
        return [.finishRestoring(generation)]
    }
}

extension HeldLease {
    /// True if a report of it is on its way and may still be answered.
    func waits(at now: ClockReading) -> Bool {
        asked.map { now.boot - $0 < EscrowTimes.deadline } ?? false
    }
}

extension UnitAccount {
    /// The leases that count at the store: those with units that are used or may be.
    var leasesToPutBack: [HeldLease] {
        ended + leases.filter { $0.granted > 0 && ($0.used > 0 || !$0.isEnded) }
    }
}
