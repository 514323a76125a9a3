/// What of an agent is watched over time (specs of limits and monitoring, section 9.2).
package enum MonitoredSeries: String, Sendable, CaseIterable {
    case calls, denials
    case bytesOut = "bytes_out"
    /// Different recipients of one hour.
    case recipients

    /// How long one window of it is.
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

    /// Windows without an alarm after which the next one is another alarm.
    var quietWindows: Int { self == .recipients ? 2 : 10 }
}
