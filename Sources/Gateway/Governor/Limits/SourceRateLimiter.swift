import InterlockLimits
import InterlockModel
import InterlockPorts
import Synchronization

/// The rate limiter for invalid credentials by source. Above the rate a source must wait, and its failures are not
/// recorded one by one; a valid credential from there is still accepted, so that one client cannot lock out another.
final class SourceRateLimiter: Sendable {
    private let rate: PaceRate
    private let windows = Mutex<[RequestSource: RateWindow]>([:])
    /// The most sources that are counted separately; failures of further sources are counted together.
    private static let most = 4_096

    init(_ rate: PaceRate) { self.rate = rate }

    /// Counts a failure.
    ///
    /// - Returns: nil while the rate is not exceeded; otherwise the time until a further failure is admitted, in
    ///   milliseconds.
    func fail(from source: RequestSource, at now: BootTime) -> Int? {
        let now = Timestamp(microseconds: now.microseconds)
        return windows.withLock { windows in
            var source = source
            if windows[source] == nil, windows.count >= Self.most {
                windows = windows.filter { $0.value.isUsed(at: now) }
                if windows.count >= Self.most { source = .unknown }
            }
            return windows[source, default: RateWindow(seconds: rate.seconds, at: now)]
                .wait(of: rate.count, at: now)
        }
    }
}

extension RateWindow {
    fileprivate func isUsed(at now: Timestamp) -> Bool {
        var window = self
        window.advance(to: now)
        return window.taken > 0
    }
}
