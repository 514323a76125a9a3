import InterlockCluster
import InterlockJSON
import InterlockLimits
import InterlockModel
import InterlockTesting

/// Constants of the tests of leased units.
enum EscrowCase {
    /// A true time at which a slot of each window begins.
    static let start = Timestamp(microseconds: 1_795_219_200_000_000)
    static let agent = AgentName("refunds").unwrapped
    static let first = StoreGeneration("1/a")
    static let second = StoreGeneration("2/b")

    static func node(_ number: Int) -> NodeName { NodeName("gw\(number)").unwrapped }

    static func call(_ number: Int) -> CallID {
        CallID(milliseconds: Int64(number), random: [UInt8](repeating: 7, count: 10))
    }

    /// A store that three nodes have joined.
    static func joinedStore() throws -> EscrowStore {
        var store = EscrowStore(first)
        for number in 1...3 { try store.join(node(number), .first) }
        return store
    }

    static func demand(
        _ amount: Int64 = 1, of most: Int64, seconds: Int64 = 60, _ sharing: UnitSharing
    ) -> EscrowDemand {
        EscrowDemand(
            LimitDemand(limit: "calls", seconds: seconds, amount: amount, most: most), sharing)
    }

    static func key(seconds: Int64 = 60) -> UnitKey {
        UnitKey(agent, LimitWindow(limit: "calls", seconds: seconds))
    }
}

extension [EscrowAction] {
    static func admits(_ number: Int) -> [EscrowAction] { [.admit(EscrowCase.call(number))] }

    static func refuses(_ number: Int, _ denial: UnitShortfall) -> [EscrowAction] {
        [.refuse(EscrowCase.call(number), denial)]
    }
}

/// A node whose messages reach the store at once, unless it is cut off. Times are true; the node's wall clock and that
/// of the store are off by their offsets.
struct DirectEscrow {
    var node: EscrowNode
    var offset = Duration.zero
    var isCutOff = false
    /// The messages to the store that were lost.
    var lost: [EscrowAction] = []

    init(
        _ number: Int, _ incarnation: Incarnation = .first, offset: Duration = .zero,
        at time: Timestamp = EscrowCase.start, margins: EscrowMargins = EscrowMargins(),
        logged: [LoggedUnits] = []
    ) {
        self.offset = offset
        node = EscrowNode(
            EscrowCase.node(number), incarnation, at: Self.reading(time, offset), logged: logged,
            margins: margins)
    }

    static func reading(_ time: Timestamp, _ offset: Duration) -> ClockReading {
        ClockReading(wall: time + offset, boot: BootTime(microseconds: time.microseconds))
    }

    /// Handles an event and all answers to what follows from it.
    ///
    /// - Returns: what becomes of calls.
    mutating func handle(
        _ event: EscrowEvent, at time: Timestamp, _ store: inout EscrowStore,
        storeOffset: Duration = .zero
    ) -> [EscrowAction] {
        let now = Self.reading(time, offset)
        var waiting = node.handle(event, at: now)
        var outcomes: [EscrowAction] = []
        while !waiting.isEmpty {
            let action = waiting.removeFirst()
            if isCutOff, action.isForStore {
                lost.append(action)
                continue
            }
            guard let answer = action.perform(on: &store, node, at: time + storeOffset) else {
                if !action.isForStore { outcomes.append(action) }
                continue
            }
            waiting += node.handle(answer, at: now)
        }
        return outcomes
    }

    /// Asks for the units of one call.
    mutating func hold(
        _ call: Int, _ demand: EscrowDemand, for life: Duration = .seconds(30),
        at time: Timestamp, _ store: inout EscrowStore, storeOffset: Duration = .zero
    ) -> [EscrowAction] {
        let end = BootTime(microseconds: time.microseconds) + life
        return handle(
            .hold(
                EscrowHold(
                    call: EscrowCase.call(call), agent: EscrowCase.agent, demands: [demand],
                    end: end)), at: time, &store, storeOffset: storeOffset)
    }

    mutating func send(
        _ call: Int, at time: Timestamp, _ store: inout EscrowStore
    ) -> [EscrowAction] {
        handle(.send(EscrowCase.call(call)), at: time, &store)
    }

    /// Sends the heartbeat of the node.
    mutating func beat(at time: Timestamp, _ store: inout EscrowStore) throws {
        let starved = node.starved(at: Self.reading(time, offset))
        let heartbeat = try store.heartbeat(
            of: node.node, node.incarnation, starved: starved)
        _ = handle(.heartbeat(heartbeat), at: time, &store)
    }
}

extension EscrowAction {
    /// True for messages to the store.
    var isForStore: Bool {
        switch self {
        case .take, .report, .putBack, .finishRestoring: true
        case .admit, .send, .refuse: false
        }
    }

    /// Performs a message to the store.
    ///
    /// - Returns: what the node learns; nil if that is nothing.
    func perform(
        on store: inout EscrowStore, _ node: EscrowNode, at now: Timestamp
    ) -> EscrowEvent? {
        switch self {
        case .take(let take):
            do throws(EscrowRefusal) {
                return .taken(take.id, try store.take(take, at: now))
            } catch { return error == .expelled ? .expelled : .takeFailed(take.id) }
        case .report(let report):
            do throws(EscrowRefusal) {
                try store.report(report, at: now)
                return .reported(report)
            } catch { return .reportFailed(report, error) }
        case .putBack(let lease):
            do throws(EscrowRefusal) {
                try store.putBack(lease, at: now)
                return .restored(lease)
            } catch { return .restoreFailed(lease) }
        case .finishRestoring(let generation):
            try? store.finishRestoring(node.node, node.incarnation, generation: generation)
            return nil
        case .admit, .send, .refuse: return nil
        }
    }
}
