import InterlockCluster
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization

/// Constants of the tests of units, and the calls that need them.
enum LimitedCase {
    static let start = Timestamp(microseconds: 1_795_219_200_000_000)
    static let agent = AgentName("refunds").unwrapped
    static let key = UnitKey(agent, LimitWindow(limit: "calls", seconds: 60))
    private static let last = Atomic<Int64>(0)

    static func node(_ number: Int) -> NodeName { NodeName("gw\(number)").unwrapped }

    /// The question of a call that waits for people.
    static func question(_ number: UInt8) -> LimitQuestion {
        LimitQuestion(
            run: RunID(milliseconds: 1, random: [UInt8](repeating: number, count: 10)),
            address: ToolAddress(dotted: "desk.refund").unwrapped,
            arguments: Digest(bytes: [UInt8](repeating: number, count: 32)).unwrapped)
    }

    static func request(_ number: UInt8) -> ApprovalID {
        ApprovalID(milliseconds: 2, random: [UInt8](repeating: number, count: 10))
    }

    /// A call with an id of its own, of a read unless it is exact.
    static func call(
        of most: Int64, _ amount: Int64 = 1, isExact: Bool = false, question: LimitQuestion? = nil,
        at now: BootTime
    ) -> LimitedCall {
        call([demand(of: most, amount)], isExact: isExact, question: question, at: now)
    }

    static func call(
        _ demands: [LimitDemand], isExact: Bool = false, question: LimitQuestion? = nil,
        at now: BootTime
    ) -> LimitedCall {
        let number = last.wrappingAdd(1, ordering: .relaxed).newValue
        return LimitedCall(
            call: CallID(milliseconds: number, random: [UInt8](repeating: 7, count: 10)),
            agent: agent, demands: demands, toolClass: isExact ? .destructive : .read,
            question: question, end: now + .seconds(30))
    }

    static func demand(
        of most: Int64, _ amount: Int64 = 1, limit: String = "calls"
    ) -> LimitDemand {
        LimitDemand(limit: limit, seconds: 60, amount: amount, most: most)
    }
}

extension LimitHold {
    var reservation: LimitReservation? { if case .held(let held) = self { held } else { nil } }
}

extension LimitUnits {
    /// Reserves the units of a call; nil if it is refused, for whatever reason.
    func held(_ call: LimitedCall) async -> LimitReservation? {
        (try? await hold(call))?.reservation
    }
}
