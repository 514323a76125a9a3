import InterlockLimits
import InterlockModel
import Synchronization

/// How often each agent asks for anything at all, whatever its runs. Judged on the head of a request, before its body is
/// read.
final class RequestRateLimiter: Sendable {
    private let rate: PaceRate
    private let burst: Int
    /// As many agents as the policy has; others were refused before.
    private let paces = Mutex<[AgentName: BurstRateLimiter]>([:])

    init(_ limits: AdmissionLimits) {
        rate = limits.requests
        burst = limits.burst
    }

    /// - Returns: nil when there is room for one more, which then counts; else the time until there is.
    func take(_ agent: AgentName, at now: BootTime) -> Duration? {
        paces.withLock { $0[agent, default: BurstRateLimiter()].take(rate, burst: burst, at: now) }
    }
}

/// How often each agent does one kind of thing, whatever its runs.
final class AgentRateLimiter: Sendable {
    let rate: PaceRate
    private let windows = Mutex<[AgentName: RateWindow]>([:])

    init(_ rate: PaceRate) { self.rate = rate }

    /// - Returns: nil when there is room for one more, which then counts; else the time until there is, in
    ///   milliseconds.
    func take(_ agent: AgentName, at now: BootTime) -> Int? {
        let now = Timestamp(microseconds: now.microseconds)
        return windows.withLock { windows in
            windows[agent, default: RateWindow(seconds: rate.seconds, at: now)]
                .wait(of: rate.count, at: now)
        }
    }
}

extension RateWindow {
    /// Uses one unit now, or says in how many milliseconds there is one.
    mutating func wait(of most: Int64, at now: Timestamp) -> Int? {
        guard hold(1, of: most, at: now) else {
            let free = room(for: 1, of: most) ?? now
            return Int(clamping: (free - now).microseconds / 1_000) + 1
        }
        use(1, at: now)
        return nil
    }
}
