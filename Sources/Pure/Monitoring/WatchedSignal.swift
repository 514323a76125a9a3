/// What is noticed without learning anything (specs of limits and monitoring, section 9.1).
package enum WatchedSignal: String, Sendable, CaseIterable {
    case firstServer = "first_server"
    case firstTool = "first_tool"
    /// Arguments with other keys or types than before.
    case firstShape = "first_shape"
    case firstHost = "first_host"
    case firstRecipient = "first_recipient"
    /// More than an hour beside the agent's hours.
    case outsideHours = "outside_hours"
    case longRun = "long_run"
    /// One credential from two places; the second was refused.
    case twoWorkloads = "two_workloads"

    /// Of its alarm.
    package var code: String {
        self == .twoWorkloads ? "access.bound_elsewhere" : "signal.\(rawValue)"
    }

    /// First uses come with each new piece of work, so nobody is told of them unless somebody asks for it.
    package var usual: SignalSwitch {
        switch self {
        case .firstServer, .firstTool, .firstShape, .firstHost, .firstRecipient: .annotate
        case .outsideHours, .longRun, .twoWorkloads: .alert
        }
    }

    /// Whether somebody should look soon.
    package var isGrave: Bool { self == .outsideHours || self == .twoWorkloads }
}

/// What a signal does. There is no switch that turns it off.
package enum SignalSwitch: String, Sendable, CaseIterable {
    /// On record alone.
    case annotate
    case alert
}
