import InterlockCluster
import InterlockLimits
import InterlockPorts

/// A call that asked for units and has not taken its answer.
enum PendingHold {
    /// It does not wait yet.
    case open
    case answered(HoldAnswer)
    case waits(CheckedContinuation<HoldAnswer, Never>)
}

/// The answer to a call that asked for units.
enum HoldAnswer {
    case admitted
    case refused(UnitShortfall)

    func hold(of call: LimitedCall) -> Result<LimitHold, LimitUnitsFailure> {
        switch self {
        case .admitted:
            .success(.held(LimitReservation(call.agent, call.demands, call: call.call)))
        case .refused(.exceeded(let exceeded)): .success(.exceeded(exceeded))
        case .refused(let shortfall):
            .failure(LimitUnitsFailure(shortfall, of: call.demands))
        }
    }
}

extension LimitUnitsFailure {
    init(_ shortfall: UnitShortfall, of demands: [LimitDemand]) {
        switch shortfall {
        case .leaseWait(let demand): self = .leaseWait(limit: demand.limit)
        case .leaseEnded: self = .leaseWait(limit: demands.first?.limit ?? "")
        case .storeUnavailable, .notReady: self = .storeUnavailable
        case .exceeded(let exceeded): self = .failed(reason: "\(exceeded.demand.limit) is used up")
        case .unfit: self = .failed(reason: "no units are reserved for the call")
        }
    }
}
