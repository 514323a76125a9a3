import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockClusterStore

struct PoolStateTests {
    private let start = BootTime(microseconds: 1_000_000)

    private func settings(_ connections: Int = 2, waiting: Int = 3) -> PoolSettings {
        var settings = PoolSettings()
        settings.connections = connections
        settings.waiting = waiting
        return settings
    }

    /// A pool whose connections are made.
    private func connected(_ connections: Int = 2, waiting: Int = 3) -> PoolState {
        var state = PoolState(settings(connections, waiting: waiting))
        _ = state.start()
        for slot in 0..<connections { _ = state.connected(slot: slot, at: start) }
        return state
    }

    private func caller(_ number: Int) -> PoolCaller { PoolCaller(number: Int64(number)) }

    private func sent(_ number: Int, _ slot: Int, since: BootTime? = nil) -> PoolState.Action {
        .send(caller(number), slot: slot, end: (since ?? start) + .seconds(2))
    }

    @Test func `the defaults are those of the specification`() {
        let settings = PoolSettings()
        #expect(settings.connections == 4)
        #expect(settings.deadline == .seconds(2))
        #expect(settings.jitter == .seconds(1))
    }

    @Test func `all connections are made at the start, and the first one serves who waits`() {
        var state = PoolState(settings())
        #expect(state.start() == [.connect(slot: 0), .connect(slot: 1)])
        #expect(state.call(caller(1), at: start) == [])
        #expect(state.call(caller(2), at: start) == [])
        #expect(state.connected(slot: 1, at: start) == [sent(1, 1)])
        #expect(state.connected(slot: 0, at: start) == [sent(2, 0)])
    }

    @Test func `callers get connections in the order in which they came`() {
        var state = connected(1, waiting: 5)
        #expect(state.call(caller(1), at: start) == [sent(1, 0)])
        for number in 2...4 { #expect(state.call(caller(number), at: start) == []) }
        for number in 2...4 {
            #expect(state.finished(slot: 0, at: start) == [sent(number, 0)])
        }
        #expect(state.finished(slot: 0, at: start) == [])
        #expect(state.finished(slot: 0, at: start) == [], "there is no call to finish")
    }

    @Test func `the connection that was used the longest ago is used next`() {
        var state = connected(3)
        #expect(state.call(caller(1), at: start) == [sent(1, 0)])
        #expect(state.finished(slot: 0, at: start) == [])
        #expect(state.call(caller(2), at: start) == [sent(2, 1)])
        #expect(state.finished(slot: 1, at: start) == [])
        #expect(state.call(caller(3), at: start) == [sent(3, 2)])
        #expect(state.call(caller(4), at: start) == [sent(4, 0)])
    }

    @Test func `one caller more than may wait is refused`() {
        var state = connected(1, waiting: 2)
        #expect(state.call(caller(1), at: start) == [sent(1, 0)])
        #expect(state.call(caller(2), at: start) == [])
        #expect(state.call(caller(3), at: start) == [])
        #expect(state.call(caller(4), at: start) == [.refuse(caller(4), .full)])
        #expect(state.finished(slot: 0, at: start) == [sent(2, 0)])
        #expect(state.call(caller(5), at: start) == [])
    }

    @Test func `without waiting, callers are sent while a connection is free`() {
        var state = connected(1, waiting: 0)
        #expect(state.call(caller(1), at: start) == [sent(1, 0)])
        #expect(state.call(caller(2), at: start) == [.refuse(caller(2), .full)])
        #expect(state.finished(slot: 0, at: start) == [])
        #expect(state.call(caller(3), at: start) == [sent(3, 0)])
    }

    @Test func `a caller waits for half of the deadline, and its call has the rest of it`() {
        var state = connected(1)
        #expect(state.call(caller(1), at: start) == [sent(1, 0)])
        let later = start + .milliseconds(300)
        #expect(state.call(caller(2), at: start) == [])
        #expect(state.call(caller(3), at: later) == [])
        #expect(state.next == start + .seconds(1))
        #expect(state.tick(at: start + .microseconds(999_999)) == [])
        #expect(state.tick(at: start + .seconds(1)) == [.refuse(caller(2), .late)])
        #expect(state.next == later + .seconds(1))
        let last = later + .microseconds(999_999)
        #expect(state.finished(slot: 0, at: last) == [sent(3, 0, since: later)])
        #expect(state.next == nil)
    }

    @Test func `a connection that becomes free too late serves the next one`() {
        var state = connected(1)
        #expect(state.call(caller(1), at: start) == [sent(1, 0)])
        #expect(state.call(caller(2), at: start) == [])
        let now = start + .seconds(1)
        #expect(state.call(caller(3), at: now) == [.refuse(caller(2), .late)])
        #expect(state.finished(slot: 0, at: now) == [sent(3, 0, since: now)])
    }

    @Test func `a lost connection is made again after the pause, and not used before`() {
        var state = connected(1)
        #expect(state.call(caller(1), at: start) == [sent(1, 0)])
        #expect(state.lost(slot: 0, at: start, pause: .milliseconds(700)) == [])
        #expect(state.call(caller(2), at: start) == [])
        #expect(state.next == start + .milliseconds(700))
        #expect(state.tick(at: start + .milliseconds(699)) == [])
        let now = start + .milliseconds(700)
        #expect(state.tick(at: now) == [.connect(slot: 0)])
        #expect(state.tick(at: now) == [])
        #expect(state.finished(slot: 0, at: now) == [], "its call is over already")
        #expect(state.connected(slot: 0, at: now) == [sent(2, 0)])
    }

    @Test func `an attempt that fails is repeated, at most the jitter later`() {
        var state = PoolState(settings(1))
        _ = state.start()
        #expect(state.lost(slot: 0, at: start, pause: .seconds(9)) == [])
        #expect(state.next == start + .seconds(1))
        #expect(state.tick(at: start + .seconds(1)) == [.connect(slot: 0)])
    }

    @Test func `a closed pool refuses, lets calls in flight end, and is over then`() {
        var state = connected(3)
        _ = state.call(caller(1), at: start)
        _ = state.call(caller(2), at: start)
        _ = state.lost(slot: 1, at: start, pause: .milliseconds(1))
        #expect(state.close() == [.end(slot: 1), .end(slot: 2)])
        #expect(!state.isOver)
        #expect(state.call(caller(3), at: start) == [.refuse(caller(3), .closed)])
        #expect(state.tick(at: start + .seconds(5)) == [])
        #expect(state.finished(slot: 0, at: start) == [.end(slot: 0)])
        #expect(state.isOver)
        #expect(state.close() == [])
    }

    @Test func `callers that wait when it is closed are refused in their order`() {
        var state = PoolState(settings(1))
        _ = state.start()
        _ = state.call(caller(1), at: start)
        _ = state.call(caller(2), at: start)
        #expect(
            state.close() == [.refuse(caller(1), .closed), .refuse(caller(2), .closed)])
        #expect(state.lost(slot: 0, at: start, pause: .zero) == [.end(slot: 0)])
        #expect(state.isOver)
    }

    @Test func `no order of events gives a connection two callers, or a caller two answers`() {
        var random = SeededGenerator.announced()
        var (sends, refusals) = (0, 0)
        for _ in 0..<rounds(300) {
            var course = PoolCourse(
                settings(Int.random(in: 1...4, using: &random), waiting: 5), at: start)
            for _ in 0..<200 { course.step(&random) }
            course.end()
            #expect(course.faults == [])
            sends += course.sends
            refusals += course.refusals
        }
        #expect(sends > 100 && refusals > 100)
    }
}

/// A random course of events, and what must hold in each.
private struct PoolCourse {
    private var state: PoolState
    private var now: BootTime
    private var callers: Int64 = 0
    private var since: [PoolCaller: BootTime] = [:]
    /// The callers that have no answer, in their order.
    private var open: [PoolCaller] = []
    private var busy: [Int: PoolCaller] = [:]
    private var connecting: Set<Int> = []
    private var isConnected: Set<Int> = []
    private(set) var sends = 0
    private(set) var refusals = 0
    private(set) var faults: [String] = []

    init(_ settings: PoolSettings, at start: BootTime) {
        state = PoolState(settings)
        now = start
        take(state.start())
    }

    mutating func step(_ random: inout SeededGenerator) {
        now = now + .milliseconds(Int.random(in: 0...120, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case ..<5:
            callers += 1
            let caller = PoolCaller(number: callers)
            since[caller] = now
            open.append(caller)
            take(state.call(caller, at: now))
        case ..<7:
            guard let slot = busy.keys.randomElement(using: &random) else { return }
            busy[slot] = nil
            take(state.finished(slot: slot, at: now))
        case ..<8:
            guard let slot = busy.keys.randomElement(using: &random) else { return }
            busy[slot] = nil
            isConnected.remove(slot)
            take(
                state.lost(
                    slot: slot, at: now,
                    pause: .milliseconds(Int.random(in: 0...1000, using: &random))))
        case ..<9:
            guard let slot = connecting.randomElement(using: &random) else { return }
            connecting.remove(slot)
            isConnected.insert(slot)
            take(state.connected(slot: slot, at: now))
        default: take(state.tick(at: now))
        }
    }

    mutating func end() {
        take(state.close())
        for slot in busy.keys.sorted() { take(state.finished(slot: slot, at: now)) }
        for slot in connecting.sorted() { take(state.lost(slot: slot, at: now, pause: .zero)) }
        if !state.isOver { faults.append("a connection is left") }
        if !open.isEmpty { faults.append("\(open.count) callers have no answer") }
    }

    private mutating func take(_ actions: [PoolState.Action]) {
        for action in actions {
            switch action {
            case .connect(let slot):
                if isConnected.contains(slot) || !connecting.insert(slot).inserted {
                    faults.append("a second connection \(slot)")
                }
            case .send(let caller, let slot, let end):
                sends += 1
                if !isConnected.contains(slot) { faults.append("a lost connection is used") }
                if busy.updateValue(caller, forKey: slot) != nil { faults.append("two callers") }
                if open.first != caller { faults.append("the order") }
                let came = since[caller] ?? now
                if end != came + .seconds(2) || now - came >= .seconds(1) {
                    faults.append("the time")
                }
                open.removeAll { $0 == caller }
            case .refuse(let caller, let reason):
                refusals += 1
                if reason == .late, open.first != caller { faults.append("the order of the late") }
                if !open.contains(caller) { faults.append("two answers") }
                open.removeAll { $0 == caller }
            case .end(let slot):
                isConnected.remove(slot)
            }
        }
        if open.count > 5 { faults.append("too many wait") }
    }
}
