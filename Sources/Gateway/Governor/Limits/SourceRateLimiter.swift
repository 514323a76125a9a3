import InterlockLimits
import InterlockModel
import InterlockPorts
import Synchronization

/// How often each place has sent credentials that do not hold. Above the number it is told to wait, and no record is
/// written for each; whoever comes from there with a credential that holds is let in all the same, so nobody is locked out by
/// somebody else.
final class SourceRateLimiter: Sendable {
    private let rate: PaceRate
    private let windows = Mutex<[RequestSource: RateWindow]>([:])
    /// Above, the failures of further places are counted together.
    private static let most = 4_096

    init(_ rate: PaceRate) { self.rate = rate }

    /// Counts a failure.
    ///
    /// - Returns: nil while there is room; else the time until there is, in milliseconds.
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
