/// The quantities of an agent that are monitored over time (docs/specs/limits-and-monitoring.md, section 9.2).
package enum MonitoredSeries: String, Sendable, CaseIterable {
    case calls, denials
    case bytesOut = "bytes_out"
    /// The number of different recipients in one hour.
    case recipients

    /// The length of one window.
    package var windowSeconds: Int64 {
        switch self {
        case .calls, .denials, .bytesOut: 60
        case .recipients: 3_600
        }
    }

    var index: Int {
        switch self {
        case .calls: 0
        case .denials: 1
        case .bytesOut: 2
        case .recipients: 3
        }
    }

    /// The windows without a detection after which a further one is a new alert.
    var quietWindows: Int { self == .recipients ? 2 : 10 }
}
