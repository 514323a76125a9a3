import InterlockModel

/// What one run did lately, in bounded memory: finds repeats and circles.
struct RunLoopDetector: Sendable {
    /// Different calls that are remembered at the least; at most twice as many.
    static let least = 256
    private static let ring = 32

    fileprivate struct Seen: Sendable {
        var any = RecentTimes()
        var changing = RecentTimes()
        var sameResult = RecentTimes()
        var result: CallFingerprint?
    }
    /// A denied call, and when variants of it came.
    private struct Denied: Sendable {
        let call: WatchedCall
        var variants = RecentTimes()
    }

    private let began: BootTime
    private var calls = 0
    private var seen: [CallFingerprint: Seen] = [:]
    /// Those that did not come since `seen` was begun.
    private var older: [CallFingerprint: Seen] = [:]
    private var last: [CallFingerprint] = []
    private var denied: [Denied] = []
    private var refusals = 0

    init(at now: BootTime) { began = now }

    /// Whether it has gone on for too long, or called too often.
    func outgrown(at now: BootTime, _ settings: AgentBreakerSettings) -> AgentSignal? {
        if calls >= settings.calls { return .calls }
        return now - began > settings.wall ? .wall : nil
    }

    /// A permitted call, whether people have to decide about it first or not.
    mutating func begin(
        _ call: WatchedCall, at now: BootTime, _ settings: AgentBreakerSettings
    ) -> AgentSignal? {
        calls += 1
        guard call.poll == nil else { return nil }
        take(call.mark)
        let isTooOften = seen[call.mark, default: Seen()].any.isTooOften(now, settings.sameAny)
        let isCircle = circles(call.mark, settings.cycles)
        return isTooOften ? .sameAny : isCircle ? .cycle : nil
    }

    /// The call is about to be sent.
    mutating func send(
        _ call: WatchedCall, at now: BootTime, _ settings: AgentBreakerSettings
    ) -> AgentSignal? {
        guard !call.isRead else { return nil }
        take(call.mark)
        let isTooOften = seen[call.mark, default: Seen()].changing.isTooOften(
            now, settings.sameWrite)
        return isTooOften ? .sameWrite : nil
    }

    /// What came back.
    mutating func end(
        _ call: WatchedCall, with result: CallFingerprint, at now: BootTime,
        _ settings: AgentBreakerSettings
    ) -> AgentSignal? {
        guard call.isRead else { return nil }
        take(call.mark)
        let most = Repeats(call.poll ?? settings.sameRead.count, in: settings.sameRead.span)
        let isTooOften = seen[call.mark, default: Seen()].end(with: result, at: now, most)
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
            // The call itself was the first of them.
            let most = Repeats(settings.variants.count - 1, in: settings.variants.span)
            if denied[place].variants.note(now, most) {
                denied[place].variants.clear()
                return .variants
            }
        }
        return nil
    }

    /// People said no.
    mutating func refuse(_ settings: AgentBreakerSettings) -> AgentSignal? {
        refusals += 1
        guard refusals >= settings.refusals else { return nil }
        refusals = 0
        return .refusals
    }

    /// Full rounds of two or three calls at the end of the last ones, not all of them the same.
    private mutating func circles(_ mark: CallFingerprint, _ rounds: Int) -> Bool {
        last.append(mark)
        if last.count > Self.ring { last.removeFirst() }
        for period in 2...3 {
            let count = period * rounds
            guard last.count >= count else { continue }
            let tail = last.suffix(count)
            let repeats = zip(tail, tail.dropFirst(period)).allSatisfy(==)
            if repeats, Set(tail).count > 1 {
                last = []
                return true
            }
        }
        return false
    }

    /// Has it among those of `seen`; the older ones are forgotten when there are enough of these.
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
    /// A new count begins when they were too many.
    fileprivate mutating func isTooOften(_ now: BootTime, _ most: Repeats) -> Bool {
        guard note(now, most) else { return false }
        clear()
        return true
    }
}

extension RunLoopDetector.Seen {
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
