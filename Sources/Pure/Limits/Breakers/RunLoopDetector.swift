import InterlockModel

/// The recent behaviour of one run, in bounded memory: detects repetitions and cycles.
struct RunLoopDetector: Sendable {
    /// The number of different calls that are remembered at least; at most twice as many are.
    static let least = 256
    private static let ring = 32

    fileprivate struct Observation: Sendable {
        var any = RecentTimes()
        var changing = RecentTimes()
        var sameResult = RecentTimes()
        var result: CallFingerprint?
    }
    /// A denied call, with the times of its variants.
    private struct Denied: Sendable {
        let call: WatchedCall
        var variants = RecentTimes()
    }

    private var began: BootTime
    private var calls = 0
    private var seen: [CallFingerprint: Observation] = [:]
    /// Calls that were not seen again since `seen` was last replaced.
    private var older: [CallFingerprint: Observation] = [:]
    private var last: [WatchedCall] = []
    private var denied: [Denied] = []
    private var refusals = 0

    init(at now: BootTime) { began = now }

    /// Begins another session: its length and its calls are counted anew.
    mutating func beginSession(at now: BootTime) {
        began = now
        calls = 0
        last = []
    }

    /// Returns a signal if the session lasts too long or has made too many calls.
    func outgrown(at now: BootTime, _ settings: AgentBreakerSettings) -> AgentSignal? {
        if calls >= settings.calls { return .calls }
        return now - began > settings.wall ? .wall : nil
    }

    /// Takes a permitted call, whether or not people must still decide about it.
    mutating func begin(
        _ call: WatchedCall, at now: BootTime, _ settings: AgentBreakerSettings
    ) -> AgentSignal? {
        calls += 1
        guard call.poll == nil else { return nil }
        take(call.mark)
        let isTooOften = seen[call.mark, default: Observation()].any.isTooOften(
            now, settings.sameAny)
        let isCircle = circles(call, settings.cycles)
        return isTooOften ? .sameAny : isCircle ? .cycle : nil
    }

    /// Takes a call that is about to be sent.
    mutating func send(
        _ call: WatchedCall, at now: BootTime, _ settings: AgentBreakerSettings
    ) -> AgentSignal? {
        guard !call.isRead else { return nil }
        take(call.mark)
        let isTooOften = seen[call.mark, default: Observation()].changing.isTooOften(
            now, settings.sameWrite)
        return isTooOften ? .sameWrite : nil
    }

    /// Takes the result of a call.
    mutating func end(
        _ call: WatchedCall, with result: CallFingerprint, at now: BootTime,
        _ settings: AgentBreakerSettings
    ) -> AgentSignal? {
        guard call.isRead else { return nil }
        take(call.mark)
        let most = Repeats(call.poll ?? settings.sameRead.count, in: settings.sameRead.span)
        let hadResult = seen[call.mark]?.result
        let isTooOften = seen[call.mark, default: Observation()].end(with: result, at: now, most)
        // A read that gives something else than before is progress: reads around it go in no circle.
        if let hadResult, hadResult != result, last.allSatisfy(\.isRead) { last = [] }
        return isTooOften ? .sameRead : nil
    }

    mutating func deny(
        _ call: WatchedCall, at now: BootTime, _ settings: AgentBreakerSettings
    ) -> AgentSignal? {
        defer {
            if !denied.contains(where: { $0.call.mark == call.mark }) {
                denied.append(Denied(call: call))
                if denied.count > 16 { denied.removeFirst() }
            }
        }
        for place in denied.indices where call.isVariant(of: denied[place].call) {
            // The denied call itself is the first of the variants.
            let most = Repeats(settings.variants.count - 1, in: settings.variants.span)
            if denied[place].variants.note(now, most) {
                denied[place].variants.clear()
                return .variants
            }
        }
        return nil
    }

    /// Counts a request that people denied.
    mutating func refuse(_ settings: AgentBreakerSettings) -> AgentSignal? {
        refusals += 1
        guard refusals >= settings.refusals else { return nil }
        refusals = 0
        return .refusals
    }

    /// Returns whether the latest calls end in full rounds of two or three calls that are not all the same.
    private mutating func circles(_ call: WatchedCall, _ rounds: Int) -> Bool {
        last.append(call)
        if last.count > Self.ring { last.removeFirst() }
        for period in 2...3 {
            let count = period * rounds
            guard last.count >= count else { continue }
            let tail = last.suffix(count).map(\.mark)
            let repeats = zip(tail, tail.dropFirst(period)).allSatisfy(==)
            if repeats, Set(tail).count > 1 {
                last = []
                return true
            }
        }
        return false
    }

    /// Moves the entry of a call into `seen`. If `seen` is full, it becomes `older` and the previous `older` is
    /// dropped.
    private mutating func take(_ mark: CallFingerprint) {
        guard seen[mark] == nil else { return }
        if seen.count >= Self.least {
            older = seen
            seen = Dictionary(minimumCapacity: Self.least)
        }
        if let known = older.removeValue(forKey: mark) { seen[mark] = known }
    }
}

extension RecentTimes {
    /// Starts a new count after the limit was reached.
    fileprivate mutating func isTooOften(_ now: BootTime, _ most: Repeats) -> Bool {
        guard note(now, most) else { return false }
        clear()
        return true
    }
}

extension RunLoopDetector.Observation {
    fileprivate mutating func end(
        with new: CallFingerprint, at now: BootTime, _ most: Repeats
    ) -> Bool {
        if result != new {
            result = new
            sameResult.clear()
        }
        return sameResult.isTooOften(now, most)
    }
}
