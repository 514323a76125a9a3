import InterlockLimits
import InterlockModel

/// The store's answers to requests and reports.
extension EscrowNode {
    /// Takes the answer to a request for units. A number that was not asked for is cut to what was.
    mutating func take(
        _ grant: UnitGrant, for id: UnitLeaseID, at now: ClockReading
    ) -> [EscrowAction] {
        guard let pending = takes.removeValue(forKey: id) else {
            // A second answer says nothing new. Otherwise the request was given up, and its end may have overtaken it:
            // the end is reported once more.
            let isOwn = id.node == node && id.incarnation == incarnation
            guard isOwn, grant.units > 0, !accounts.values.contains(where: { $0.has(id) })
            else { return [] }
            let report = UnitReport(
                id: id, used: 0, returned: 0, isEnded: true, at: now.wall, now: now.wall)
            return [.report(report)]
        }
        let units = min(max(0, grant.units), pending.take.want)
        let isShort = units < pending.take.want
        let lease = HeldLease(
            pending.take, granted: units, isBatch: pending.call == nil, at: pending.sent,
            early: margins.early)
        let key = pending.take.key
        if let call = pending.call {
            return take(lease, of: key, for: call, grant, isShort: isShort, at: now)
        }
        withAccount(key) { account in
            account.take(grant, units > 0 ? lease : nil, isShort: isShort, at: now)
        }
        return serveWaiting(of: key, at: now)
            + afterBatch(of: key, grant, isShort: isShort, at: now)
    }

    /// Decides about the calls that a batch did not serve.
    private mutating func afterBatch(
        of key: UnitKey, _ grant: UnitGrant, isShort: Bool, at now: ClockReading
    ) -> [EscrowAction] {
        guard let left = accounts[key]?.waiting, !left.isEmpty else { return [] }
        guard isShort else { return askBatch(key, atLeast: missing(of: key), at: now) }
        // Others may return some of what they hold, so the calls wait for the rest of their time.
        guard grant.asking <= 1 else { return [] }
        var actions: [EscrowAction] = []
        for id in left {
            guard let part = calls[id]?.parts.first(where: { $0.key == key && !$0.isHeld })
            else { continue }
            actions += refuse(id, .exceeded(part.demand.usedUp))
        }
        return actions
    }

    /// Takes the lease of one call, which gets all its units or none.
    private mutating func take(
        _ lease: HeldLease, of key: UnitKey, for id: CallID, _ grant: UnitGrant, isShort: Bool,
        at now: ClockReading
    ) -> [EscrowAction] {
        guard var call = calls[id],
            let place = call.parts.firstIndex(where: { $0.asked == lease.id })
        else {
            end(lease, of: key)
            return []
        }
        let demand = call.parts[place].demand
        guard !isShort else {
            end(lease, of: key)
            guard grant.asking > 1 else { return refuse(id, .exceeded(demand.usedUp)) }
            withAccount(key) { $0.starve(at: now) }
            return refuse(id, .leaseWait(demand))
        }
        var held = lease
        held.reserved = lease.granted
        withAccount(key) { $0.leases.append(held) }
        call.parts[place].units = [(lease: held.id, units: held.granted)]
        call.parts[place].isHeld = true
        calls[id] = call
        return admitIfComplete(id)
    }

    /// Keeps a lease that is not used until the store has its end.
    private mutating func end(_ lease: HeldLease, of key: UnitKey) {
        guard lease.granted > 0 else { return }
        var ended = lease
        ended.isEnded = true
        withAccount(key) { $0.leases.append(ended) }
    }

    /// Takes that a request for units failed or that its outcome is unknown: no unit of it is used, and those that the
    /// store may have leased are returned.
    mutating func fail(_ id: UnitLeaseID, at now: ClockReading) -> [EscrowAction] {
        guard let pending = takes.removeValue(forKey: id) else { return [] }
        let key = pending.take.key
        let lease = HeldLease(
            pending.take, granted: pending.take.want, isBatch: pending.call == nil,
            at: pending.sent, early: margins.early)
        end(lease, of: key)
        if let call = pending.call {
            return calls[call] == nil ? [] : refuse(call, .storeUnavailable)
        }
        withAccount(key) { account in
            account.asked = nil
            account.retry = now.boot + EscrowTimes.wait
        }
        var actions: [EscrowAction] = []
        for call in accounts[key]?.waiting ?? [] {
            actions += refuse(call, .storeUnavailable)
        }
        return actions
    }

    /// Takes that the store has a report.
    mutating func store(_ report: UnitReport) {
        for key in order where accounts[key]?.leases.contains(where: { $0.id == report.id }) == true
        {
            change(key, report.id) { $0.store(report) }
        }
    }

    mutating func fail(
        _ report: UnitReport, _ refusal: EscrowRefusal?, at now: ClockReading
    ) -> [EscrowAction] {
        if refusal == .expelled { return expel() }
        var actions: [EscrowAction] = []
        for key in order {
            guard let lease = accounts[key]?.leases.first(where: { $0.id == report.id })
            else { continue }
            guard refusal == .unknownLease else {
                change(key, lease.id) { $0.asked = nil }
                continue
            }
            if lease.isEnded, lease.used == 0 {
                change(key, lease.id) { $0.store(lease.report(at: now)) }
            } else {
                change(key, lease.id) { $0.asked = now.boot }
                actions.append(.putBack(lease.putBack(of: key, at: now)))
            }
        }
        return actions
    }

    /// Ends everything: no unit is used under an incarnation that is over.
    mutating func expel() -> [EscrowAction] {
        isExpelled = true
        takes = [:]
        var actions: [EscrowAction] = []
        for id in waiting { actions += refuse(id, .notReady) }
        return actions
    }
}

extension LimitDemand {
    /// The refusal of a call for which no unit is left on any node.
    var usedUp: LimitExceeded { LimitExceeded(demand: self, taken: most, free: nil) }
}

extension HeldLease {
    /// Takes that the store has these sums. An older report changes nothing.
    mutating func store(_ report: UnitReport) {
        asked = nil
        stored = UnitReport(
            id: id, used: max(report.used, stored?.used ?? 0),
            returned: max(report.returned, stored?.returned ?? 0),
            isEnded: report.isEnded || stored?.isEnded == true, at: report.at, now: report.now)
    }
}
