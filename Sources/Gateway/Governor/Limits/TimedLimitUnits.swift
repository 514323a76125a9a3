import InterlockLimits
import InterlockModel
import InterlockPorts
import Synchronization

/// Bounds the time that a call waits for its units, around an implementation that can wait for others. Units that
/// arrive after the deadline are returned at once.
///
/// `hold` costs two tasks, so a caller asks `holdAtHand` first.
///
/// INVARIANT: a call whose units are not known in time is refused before its intent, and no unit of it stays reserved.
/// Kept by `LimitUnitsTests`.
final class TimedLimitUnits: LimitUnits {
    private let units: any LimitUnits
    private let deadline: Duration

    init(_ units: any LimitUnits, within deadline: Duration) {
        self.units = units
        self.deadline = deadline
    }

    func hold(_ call: LimitedCall) async throws(LimitUnitsFailure) -> LimitHold {
        let (race, units, deadline) = (LimitHoldRace(), units, deadline)
        Task {
            let end: LimitHoldRace.End
            do throws(LimitUnitsFailure) {
                end = .success(try await units.hold(call))
            } catch { end = .failure(error) }
            let isInTime = race.finish(end)
            if !isInTime, case .success(.held(let held)) = end { units.giveBack(held) }
        }
        let timer = Task {
            guard (try? await Task.sleep(for: deadline)) != nil else { return }
            _ = race.finish(.failure(.late))
        }
        defer { timer.cancel() }
        return try await race.end().get()
    }

    func holdAtHand(_ call: LimitedCall) -> LimitHold? { units.holdAtHand(call) }
    func send(_ held: LimitReservation) throws(LimitUnitsFailure) { try units.send(held) }
    func giveBack(_ held: LimitReservation) { units.giveBack(held) }
    func use(_ held: LimitReservation, since: BootTime) { units.use(held, since: since) }
    func park(_ held: LimitReservation, for request: ApprovalID, _ question: LimitQuestion) {
        units.park(held, for: request, question)
    }
}

/// The answer of the units or the deadline, whichever comes first.
private final class LimitHoldRace: Sendable {
    typealias End = Result<LimitHold, LimitUnitsFailure>
    private struct State {
        var end: End?
        var waiting: CheckedContinuation<End, Never>?
    }
    private let state = Mutex(State())

    /// - Returns: false if it had ended before.
    func finish(_ end: End) -> Bool {
        let (isFirst, waiting) = state.withLock {
            state -> (Bool, CheckedContinuation<End, Never>?) in
            guard state.end == nil else { return (false, nil) }
            state.end = end
            defer { state.waiting = nil }
            return (true, state.waiting)
        }
        waiting?.resume(returning: end)
        return isFirst
    }

    func end() async -> End {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state in
                if state.end == nil { state.waiting = continuation }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }
}
