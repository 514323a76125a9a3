/// The conditions that are detected without learning (docs/specs/limits-and-monitoring.md, section 9.1).
package enum WatchedSignal: String, Sendable, CaseIterable {
    case firstServer = "first_server"
    case firstTool = "first_tool"
    /// Arguments with keys or types not seen before.
    case firstShape = "first_shape"
    case firstHost = "first_host"
    case firstRecipient = "first_recipient"
    /// Activity more than an hour outside the agent's hours.
    case outsideHours = "outside_hours"
    case longRun = "long_run"
    /// One credential from two workloads; the second was refused.
    case twoWorkloads = "two_workloads"

    /// The code of its alert.
    package var code: String {
        self == .twoWorkloads ? "access.bound_elsewhere" : "signal.\(rawValue)"
    }

    /// The default switch. First uses come with each new task, so they raise no alert unless configured.
    package var usual: SignalSwitch {
        switch self {
        case .firstServer, .firstTool, .firstShape, .firstHost, .firstRecipient: .annotate
        case .outsideHours, .longRun, .twoWorkloads: .alert
        }
    }

    /// True if a person should review it soon.
    package var isGrave: Bool { self == .outsideHours || self == .twoWorkloads }
}

/// The effect of a signal. No setting disables one.
package enum SignalSwitch: String, Sendable, CaseIterable {
    /// Recorded only.
    case annotate
    case alert
}
