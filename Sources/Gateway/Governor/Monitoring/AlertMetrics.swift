import InterlockAlerts
package import InterlockMonitoring
package import InterlockPorts
import Synchronization

/// Figures of alerts and channels for `/metrics`; no decision depends on them.
package final class AlertMetrics: Sendable {
    /// Labels from closed sets only, so that an agent cannot create a label.
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

    package func replace(channels: [ChannelStatus]) { state.withLock { $0.channels = channels } }

    package func replace(precisions: [String: Precision]) {
        state.withLock { $0.precisions = precisions }
    }
}
