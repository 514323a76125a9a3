import InterlockLimits
package import InterlockModel

/// Calls reserve units, wait for some, use them, or give them back.
extension EscrowNode {
    /// Asks for batches of the limits of which no units are held. Called before the body of a request is read.
    mutating func identify(
        _ agent: AgentName, _ demands: [LimitDemand], at now: ClockReading
    ) -> [EscrowAction] {
        guard isReady else { return [] }
        var actions: [EscrowAction] = []
        for demand in demands where demand.isFit && demand.most >= EscrowTimes.leastShared {
            let key = UnitKey(agent, demand.window)
            let isNeeded = withAccount(key) { account -> Bool in
                account.most = demand.most
                return account.unused(at: now) == 0 && account.mayAsk(at: now)
            }
            if isNeeded { actions += askBatch(key, atLeast: 0, at: now) }
        }
        return actions
    }

    /// True if `hold` has its answer without the store: a refusal, or units of batches that the node holds.
    package func hasAtHand(_ hold: EscrowHold, at now: ClockReading) -> Bool {
        guard isReady, calls[hold.call] == nil, isReachable, restoring == nil else { return true }
        for demand in hold.demands where demand.demand.amount > 0 {
            let key = UnitKey(hold.agent, demand.demand.window)
            guard demand.sharing == .rate,
                (accounts[key]?.unused(at: now) ?? 0) >= demand.demand.amount
            else { return false }
        }
        return true
    }

    mutating func hold(_ hold: EscrowHold, at now: ClockReading) -> [EscrowAction] {
        guard calls[hold.call] == nil else { return [] }
        guard isReady else { return [.refuse(hold.call, .notReady)] }
        guard hold.demands.allSatisfy({ $0.demand.isFit }) else {
            return [.refuse(hold.call, .unfit)]
        }
        guard hold.end > now.boot + margins.early else {
            return [.refuse(hold.call, .leaseEnded)]
        }
        guard hold.end - now.boot + margins.early <= EscrowTimes.longest else {
            return [.refuse(hold.call, .unfit)]
        }
        do throws(LimitExceeded) {
            try own.hold(hold.demands.map(\.demand), of: hold.agent, at: time(now))
        } catch { return [.refuse(hold.call, .exceeded(error))] }
        var call = EscrowCall(hold, at: now)
        for place in call.parts.indices where call.parts[place].sharing == .rate {
            reserve(&call.parts[place], at: now)
        }
        calls[hold.call] = call
        if call.isComplete { return [.admit(hold.call)] + topUp(call, at: now) }
        guard isReachable, restoring == nil else { return refuse(hold.call, .storeUnavailable) }
        waiting.append(hold.call)
        return askMissing(of: hold.call, until: hold.end, at: now) + topUp(call, at: now)
    }

    /// Reserves the units of one demand from batches, if there are enough.
    private mutating func reserve(_ part: inout EscrowCall.Part, at now: ClockReading) {
        let (amount, most) = (part.demand.amount, part.demand.most)
        let reserved = withAccount(part.key) {
            account -> [(lease: UnitLeaseID, units: Int64)]? in
            account.most = most
            return account.reserve(amount, at: now)
        }
        guard let units = reserved else { return }
        part.units = units
        part.isHeld = true
    }

    /// Asks for the units that a call lacks: a lease of its own for an exact limit, a batch for any other one.
    private mutating func askMissing(
        of id: CallID, until end: BootTime, at now: ClockReading
    ) -> [EscrowAction] {
        guard var call = calls[id] else { return [] }
        var actions: [EscrowAction] = []
        for place in call.parts.indices where !call.parts[place].isHeld {
            let part = call.parts[place]
            switch part.sharing {
            case .exact:
                let take = makeTake(
                    part.key, most: part.demand.most, want: part.demand.amount,
                    life: end - now.boot + margins.early, at: now)
                call.parts[place].asked = take.id
                takes[take.id] = PendingTake(take: take, sent: now, call: id)
                actions.append(.take(take))
            case .rate:
                withAccount(part.key) { account in
                    if !account.waiting.contains(id) { account.waiting.append(id) }
                }
            }
        }
        calls[id] = call
        for part in call.parts where !part.isHeld && part.sharing == .rate {
            actions += askBatch(part.key, atLeast: missing(of: part.key), at: now)
        }
        return actions
    }

    /// The units of a limit that waiting calls lack.
    func missing(of key: UnitKey) -> Int64 {
        var sum: Int64 = 0
        for id in accounts[key]?.waiting ?? [] {
            for part in calls[id]?.parts ?? []
            where part.key == key && part.sharing == .rate && !part.isHeld {
                sum = sum.saturated(adding: part.demand.amount)
            }
        }
        return sum
    }

    /// Asks for a batch, unless one is on its way or the last one brought too little.
    mutating func askBatch(
        _ key: UnitKey, atLeast least: Int64, at now: ClockReading
    ) -> [EscrowAction] {
        guard isReady, isReachable, restoring == nil, let account = accounts[key],
            account.mayAsk(at: now), account.most > 0
        else { return [] }
        let take = makeTake(
            key, most: account.most, want: min(account.most, max(account.batch, least)),
            life: EscrowTimes.batch, at: now)
        takes[take.id] = PendingTake(take: take, sent: now, call: nil)
        withAccount(key) { $0.asked = take.id }
        return [.take(take)]
    }

    private mutating func makeTake(
        _ key: UnitKey, most: Int64, want: Int64, life: Duration, at now: ClockReading
    ) -> UnitTake {
        UnitTake(
            id: nextID(), key: key, most: most, want: want, until: now.wall + life, now: now.wall)
    }

    /// Asks ahead for the limits of a call whose batches are half used.
    private mutating func topUp(_ call: EscrowCall, at now: ClockReading) -> [EscrowAction] {
        var actions: [EscrowAction] = []
        for part in call.parts where part.sharing == .rate && part.isHeld {
            if accounts[part.key]?.needsMore(at: now) == true {
                actions += askBatch(part.key, atLeast: 0, at: now)
            }
        }
        return actions
    }

    /// True if `send` would let the call be sent now.
    package func canSend(_ id: CallID, at now: ClockReading) -> Bool {
        calls[id].map { shortfall(of: $0, at: now) == nil } ?? false
    }

    /// The reason why a call may not be sent now; nil if it may.
    private func shortfall(of call: EscrowCall, at now: ClockReading) -> UnitShortfall? {
        guard call.isComplete else { return .unfit }
        guard isReady else { return .notReady }
        let areUsable = call.parts.allSatisfy { part in
            part.units.allSatisfy { accounts[part.key]?.isUsable($0.lease, at: now) == true }
        }
        return areUsable ? nil : .leaseEnded
    }

    /// Counts the units of a call at the time at which it is sent. They stay counted, whatever becomes of the call.
    mutating func send(_ id: CallID, at now: ClockReading) -> [EscrowAction] {
        guard let call = calls[id] else { return [.refuse(id, .unfit)] }
        if let shortfall = shortfall(of: call, at: now) { return refuse(id, shortfall) }
        calls[id] = nil
        own.use(call.demands, of: call.agent, at: time(now))
        for part in call.parts {
            for units in part.units {
                change(part.key, units.lease) { lease in
                    lease.use(units.units, at: now)
                    if part.sharing == .exact { lease.isEnded = true }
                }
            }
        }
        return [.send(id)]
    }

    mutating func giveBack(_ id: CallID, at now: ClockReading) -> [EscrowAction] {
        release(id)
        return []
    }

    mutating func refuse(_ id: CallID, _ denial: UnitShortfall) -> [EscrowAction] {
        release(id)
        return [.refuse(id, denial)]
    }

    /// Returns all units of a call that is not sent.
    private mutating func release(_ id: CallID) {
        guard let call = calls.removeValue(forKey: id) else { return }
        waiting.removeAll { $0 == id }
        own.giveBack(call.demands, of: call.agent)
        for part in call.parts {
            accounts[part.key]?.waiting.removeAll { $0 == id }
            for units in part.units {
                change(part.key, units.lease) { lease in
                    lease.reserved -= min(units.units, lease.reserved)
                    if part.sharing == .exact { lease.isEnded = true }
                }
            }
        }
    }

    /// Gives waiting calls what a batch brought, the first first. A later call does not overtake one that waits.
    mutating func serveWaiting(of key: UnitKey, at now: ClockReading) -> [EscrowAction] {
        var actions: [EscrowAction] = []
        for id in accounts[key]?.waiting ?? [] {
            guard var call = calls[id] else { continue }
            for place in call.parts.indices
            where call.parts[place].key == key && call.parts[place].sharing == .rate
                && !call.parts[place].isHeld
            {
                reserve(&call.parts[place], at: now)
            }
            calls[id] = call
            let isServed = call.parts.allSatisfy {
                $0.key != key || $0.sharing == .exact || $0.isHeld
            }
            guard isServed else { break }
            accounts[key]?.waiting.removeAll { $0 == id }
            actions += admitIfComplete(id)
        }
        return actions
    }

    mutating func admitIfComplete(_ id: CallID) -> [EscrowAction] {
        guard calls[id]?.isComplete == true else { return [] }
        waiting.removeAll { $0 == id }
        return [.admit(id)]
    }
}

extension LimitDemand {
    /// False for a demand that no policy makes.
    fileprivate var isFit: Bool {
        UnitKey.lengths.contains(seconds) && amount >= 0 && (0...UnitKey.largest).contains(most)
    }
}
