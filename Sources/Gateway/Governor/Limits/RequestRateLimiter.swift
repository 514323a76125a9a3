import InterlockLimits
import InterlockModel
import Synchronization

/// The rate limiter for all requests of each agent, whatever its runs. Evaluated on the head of a request, before its
/// body is read.
final class RequestRateLimiter: Sendable {
    private let rate: PaceRate
    private let burst: Int
    /// Holds at most one entry for each agent of the policy; other agents were refused before.
    private let paces = Mutex<[AgentName: BurstRateLimiter]>([:])
    /// The connections of the servers of the policy.
    private let servers = Mutex<[ServerName: BurstRateLimiter]>([:])

    init(_ limits: AdmissionLimits) {
        rate = limits.requests
        burst = limits.burst
    }

    /// - Returns: nil if one more request is admitted, which then counts; otherwise the time until one is.
    func take(_ agent: AgentName, at now: BootTime) -> Duration? {
        paces.withLock { $0[agent, default: BurstRateLimiter()].take(rate, burst: burst, at: now) }
    }
}

extension RequestRateLimiter {
    /// Does the same for a connection of a server's children.
    func take(_ server: ServerName, at now: BootTime) -> Duration? {
        servers.withLock {
            $0[server, default: BurstRateLimiter()].take(rate, burst: burst, at: now)
        }
    }
}

/// The rate limiter for one kind of request of each agent, whatever its runs.
final class AgentRateLimiter: Sendable {
    let rate: PaceRate
    private let windows = Mutex<[AgentName: RateWindow]>([:])

    init(_ rate: PaceRate) { self.rate = rate }

    /// - Returns: nil if one more is admitted, which then counts; otherwise the time until one is, in milliseconds.
    func take(_ agent: AgentName, at now: BootTime) -> Int? {
        let now = Timestamp(microseconds: now.microseconds)
        return windows.withLock { windows in
            windows[agent, default: RateWindow(seconds: rate.seconds, at: now)]
                .wait(of: rate.count, at: now)
        }
    }
}

extension RateWindow {
    /// Uses one unit now, or returns the milliseconds until one is available.
    mutating func wait(of most: Int64, at now: Timestamp) -> Int? {
        guard hold(1, of: most, at: now) else {
            let free = room(for: 1, of: most) ?? now
            return Int(clamping: (free - now).microseconds / 1_000) + 1
        }
        use(1, at: now)
        return nil
    }
}
