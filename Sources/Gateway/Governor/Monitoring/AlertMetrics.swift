import InterlockAlerts
package import InterlockMonitoring
package import InterlockPorts
import Synchronization

/// Figures of alarms and channels as `/metrics` shows them; nothing is decided from them.
package final class AlertMetrics: Sendable {
    /// Of closed sets alone, so no agent makes a label.
    package struct Kind: Hashable, Comparable {
        package let detector: String
        package let series: String

        package static func < (a: Kind, b: Kind) -> Bool {
            (a.detector, a.series) < (b.detector, b.series)
        }
    }
    package struct Figures {
        package var raised: [Kind: Int] = [:]
        package var precisions: [String: Precision] = [:]
        package var channels: [ChannelStatus] = []
    }
    private let state = Mutex(Figures())

    package var figures: Figures { state.withLock { $0 } }

    func count(_ alarm: RaisedAlert) {
        state.withLock { state in
            for detector in alarm.detectors {
                state.raised[
                    Kind(detector: detector, series: alarm.series ?? "none"), default: 0] += 1
            }
        }
    }

    package func replace(channels: [ChannelStatus]) {
        state.withLock { $0.channels = channels }
    }

    package func replace(precisions: [String: Precision]) {
        state.withLock { $0.precisions = precisions }
    }
}
