package import InterlockCluster
package import InterlockLimits
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The limits of agents on one of many nodes: units are leased from the store that the nodes share before calls use them
/// (docs/specs/cluster.md, section 6). A call of a limit on a rate takes units that the node holds, without a round trip;
/// a call of an exact limit waits for one transaction.
///
/// `EscrowNode` decides; here are its lock, the calls that wait, and the calls of the store. No caller of the port waits
/// for the store but in `hold`.
///
/// The owner calls `tick` at least every half second, passes on the part of each heartbeat's answer that concerns limits,
/// and names `starved` in the next one. It says if the store is silent, the clock is off or the incarnation has ended.
package final class LeasedLimits: LimitUnits {
    struct State {
        var node: EscrowNode
        var parked = ParkedReservations()
        /// The calls whose answer is not taken yet.
        var calls: [CallID: PendingHold] = [:]
        var queue = UnitQueue()
        /// True while a task looks for calls that have waited too long.
        var isTimed = false
    }

    let state: Mutex<State>
    let store: any UnitStore
    let clock: any Clock

    /// The time between two looks at the calls that wait.
    static let look = Duration.milliseconds(50)
    /// The longest life of a call's own lease.
    private static let longest = EscrowTimes.longest - EscrowMargins().early

    /// - Parameters:
    ///   - own: what the log of the node shows of its limits.
    ///   - logged: what earlier incarnations used in the last windows, for a store that lost it.
    package init(
        _ node: NodeName, _ incarnation: Incarnation, store: any UnitStore, clock: any Clock,
        own: LimitTable = LimitTable(), logged: [LoggedUnits] = []
    ) {
        self.store = store
        self.clock = clock
        state = Mutex(
            State(
                node: EscrowNode(node, incarnation, at: clock.now, own: own, logged: logged)))
    }

    /// Suspends only for units that the node does not hold: for 100 ms if they are of a rate, and for the transaction of
    /// its own lease if a limit is exact.
    package func hold(_ call: LimitedCall) async throws(LimitUnitsFailure) -> LimitHold {
        if let result = begin(call, waits: true) { return try result.get() }
        return try await answer(of: call.call).hold(of: call).get()
    }

    package func holdAtHand(_ call: LimitedCall) -> LimitHold? {
        switch begin(call, waits: false) {
        case .success(let hold)?: hold
        // The caller learns the reason from `hold`, which answers at once.
        case .failure?, nil: nil
        }
    }

    /// - Returns: nil if the call waits for its answer, or would wait and must not.
    private func begin(
        _ call: LimitedCall, waits: Bool
    ) -> Result<LimitHold, LimitUnitsFailure>? {
        guard !call.demands.isEmpty else {
            return .success(.held(LimitReservation(call.agent, call.demands)))
        }
        let now = clock.now
        let (result, work) = state.withLock {
            state -> (Result<LimitHold, LimitUnitsFailure>?, UnitWork) in
            if let parked = state.parkedReservation(of: call, at: now) {
                return (.success(.held(parked)), UnitWork())
            }
            guard !state.node.knows(call.call) else {
                return (.failure(.failed(reason: "the call has units already")), UnitWork())
            }
            let hold = EscrowHold(call, until: min(call.end, now.boot + Self.longest))
            guard waits || state.node.hasAtHand(hold, at: now) else { return (nil, UnitWork()) }
            let (answer, work) = state.hold(hold, waits: waits, at: now)
            return (answer?.hold(of: call), work)
        }
        perform(work)
        return result
    }

    private func answer(of call: CallID) async -> HoldAnswer {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> HoldAnswer? in
                guard case .answered(let answer)? = state.calls[call] else {
                    state.calls[call] = .waits(continuation)
                    return nil
                }
                state.calls[call] = nil
                return answer
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    package func send(_ held: LimitReservation) throws(LimitUnitsFailure) {
        guard let call = held.call else { return }
        let now = clock.now
        let shortfall = state.withLock { state -> UnitShortfall? in
            guard case .refuse(_, let shortfall)? = state.node.handle(.send(call), at: now).first
            else { return nil }
            return shortfall
        }
        if let shortfall { throw LimitUnitsFailure(shortfall, of: held.demands) }
    }

    package func giveBack(_ held: LimitReservation) {
        guard held.end(), let call = held.call else { return }
        handle([.giveBack(call)])
    }

    /// The units count from `send` on, so that nothing is left to count.
    package func use(_ held: LimitReservation, since: BootTime) {
        guard held.end(), let call = held.call else { return }
        let now = clock.now
        state.withLock { state in
            guard state.node.knows(call) else { return }
            _ = state.node.handle(.send(call), at: now)
        }
    }

    package func park(
        _ held: LimitReservation, for request: ApprovalID, _ question: LimitQuestion
    ) {
        let old = state.withLock { $0.parked.park(held, for: request, question) }
        if let old { giveBack(old) }
    }

    /// Returns the reservations of requests that have ended. Called every second.
    package func giveBackParked(_ isOver: (ApprovalID) -> Bool) {
        for held in state.withLock({ $0.parked.removeEnded(isOver) }) { giveBack(held) }
    }
}

extension LeasedLimits.State {
    /// The reservation of the call's pending request. One that the call cannot use is returned.
    fileprivate mutating func parkedReservation(
        of call: LimitedCall, at now: ClockReading
    ) -> LimitReservation? {
        guard let question = call.question, let parked = parked.remove(question) else {
            return nil
        }
        let isUsable = parked.call.map { node.canSend($0, at: now) } ?? true
        if parked.covers(call.demands), isUsable { return parked }
        if parked.end(), let old = parked.call { _ = node.handle(.giveBack(old), at: now) }
        return nil
    }
}

extension EscrowHold {
    fileprivate init(_ call: LimitedCall, until end: BootTime) {
        self.init(
            call: call.call, agent: call.agent,
            demands: call.demands.map { demand in
                EscrowDemand(
                    demand,
                    UnitSharing(
                        isSum: call.sums.contains(demand.window), most: demand.most,
                        toolClass: call.toolClass, effects: call.effects,
                        needsPeople: call.question != nil))
            }, end: end)
    }
}
