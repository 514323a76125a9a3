import InterlockModel

/// What one run did lately, in bounded memory: finds repeats and circles.
struct RunWatch: Sendable {
    /// Different calls that are remembered at the same time, at most and at least.
    static let (most, least) = (512, 256)
    private static let ring = 32

    fileprivate struct Seen: Sendable {
        var any = RecentTimes()
        var changing = RecentTimes()
        var sameResult = RecentTimes()
        var result: CallMark?
    }
    /// A denied call, and when variants of it came.
    private struct Denied: Sendable {
        let call: WatchedCall
        var variants = RecentTimes()
    }

    private let began: BootTime
    private var calls = 0
    private var seen: [CallMark: Seen] = [:]
    private var last: [CallMark] = []
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
        makeRoom(for: call.mark)
        let isTooOften = seen[call.mark, default: Seen()].any.isTooOften(now, settings.sameAny)
        let isCircle = circles(call.mark, settings.cycles)
        return isTooOften ? .sameAny : isCircle ? .cycle : nil
    }

    /// The call is about to be sent.
    mutating func send(
        _ call: WatchedCall, at now: BootTime, _ settings: AgentBreakerSettings
    ) -> AgentSignal? {
        guard !call.isRead else { return nil }
        makeRoom(for: call.mark)
        let isTooOften = seen[call.mark, default: Seen()].changing.isTooOften(
            now, settings.sameWrite)
        return isTooOften ? .sameWrite : nil
    }

    /// What came back.
    mutating func end(
        _ call: WatchedCall, with result: CallMark, at now: BootTime,
        _ settings: AgentBreakerSettings
    ) -> AgentSignal? {
        guard call.isRead else { return nil }
        makeRoom(for: call.mark)
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
    private mutating func circles(_ mark: CallMark, _ rounds: Int) -> Bool {
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

    /// Forgets those that did not come for the longest time, many at once, so that few calls pay for it.
    private mutating func makeRoom(for mark: CallMark) {
        guard seen.count >= Self.most, seen[mark] == nil else { return }
        let newest = seen.sorted { $0.value.newest > $1.value.newest }.prefix(Self.least - 1)
        seen = Dictionary(uniqueKeysWithValues: newest.map { ($0.key, $0.value) })
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

extension RunWatch.Seen {
    fileprivate mutating func end(
        with new: CallMark, at now: BootTime, _ most: Repeats
    ) -> Bool {
        if result != new {
            result = new
            sameResult.clear()
        }
        return sameResult.isTooOften(now, most)
    }

    fileprivate var newest: BootTime {
        let none = BootTime(microseconds: .min)
        return max(any.newest ?? none, changing.newest ?? none, sameResult.newest ?? none)
    }
}
