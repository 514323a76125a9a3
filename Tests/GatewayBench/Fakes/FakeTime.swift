import InterlockAdministration
import InterlockGovernor
import InterlockModel
import Synchronization

/// A clock that advances only when a test moves it, or by `step` at each reading.
final class FakeClock: Clock {
    private let micros = Mutex<Int64>(1_795_169_731_500_000)
    private let step = Mutex<Int64>(0)
    var now: ClockReading {
        let step = step.withLock { $0 }
        let value = micros.withLock { micros in
            defer { micros += step }
            return micros
        }
        return ClockReading(
            wall: Timestamp(microseconds: value),
            boot: BootTime(microseconds: value - 1_700_000_000_000_000))
    }
    func step(by duration: Duration) { step.withLock { $0 = duration.microseconds } }
    func advance(_ duration: Duration) { micros.withLock { $0 += duration.microseconds } }
}

/// Repeatable bytes for a seed, so that a failure can be reproduced.
final class SeededEntropy: Entropy {
    private let state: Mutex<UInt64>
    init(seed: UInt64) { state = Mutex(seed) }
    func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
        }
    }
}

/// A single order of events across fakes and test: numbers are unique and rise.
final class Sequence: Sendable {
    private let last = Atomic<Int>(0)
    func next() -> Int { last.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue }
}

/// A flag that can be set once and polled.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .sequentiallyConsistent) }
    func set() { value.store(true, ordering: .sequentiallyConsistent) }
}

/// Holds every task that arrives until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var arrived = 0
    }
    private let state = Mutex(State())

    /// The number of tasks that have arrived so far.
    var arrived: Int { state.withLock { $0.arrived } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.arrived += 1
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
